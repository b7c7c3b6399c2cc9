"""Say how cases belong together: related ones, parents and their children; dismiss a suggestion."""

from datetime import datetime

from django.db.models import Q

from ..actor import Actor
from ..locking import lock_name
from ..models import Link, LinkKind, LinkState, Ticket
from .changes import Change, changing, standing
from .refusals import Refused

MADE_BY_PEOPLE = (LinkKind.RELATED, LinkKind.PARENT)


def relate(*, ticket: Ticket, other: Ticket, by: Actor, now: datetime) -> Link:
    """Note that two cases are related, the same both ways. One that is noted stays as it is.

    Raises Refused: same or merged.
    """
    return _link(ticket, other, LinkKind.RELATED, by, now)


def adopt(*, child: Ticket, parent: Ticket, by: Actor, now: datetime) -> Link:
    """Put a case under a parent; both go on by themselves, whatever becomes of the other.

    Raises Refused: same, merged, has_parent, or circle where the parent is below the child.
    """
    return _link(child, parent, LinkKind.PARENT, by, now)


def part(*, link: Link, by: Actor, now: datetime) -> None:
    """Take back what a person noted; doing it twice changes nothing."""
    with changing(link.ticket, link.other, by=by, now=now, moves_clocks=False) as change:
        found = Link.objects.filter(pk=link.pk, kind__in=MADE_BY_PEOPLE)
        if found.delete()[0]:
            _record(change, link, {"related": "unrelated", "parent": "left_parent"}[link.kind])


def dismiss(*, ticket: Ticket, other: Ticket, by: Actor, now: datetime) -> int:
    """Say that two cases are not the same problem, for both; return how many suggestions it met."""
    with changing(ticket, other, by=by, now=now, moves_clocks=False) as change:
        both = Q(ticket=ticket, other=other) | Q(ticket=other, other=ticket)
        proposed = Link.objects.filter(both, state=LinkState.PROPOSED)
        met = proposed.exclude(kind__in=MADE_BY_PEOPLE).update(state=LinkState.DISMISSED)
        if met:
            change.record(change[ticket], "not_duplicate", number=other.number)
            change.record(change[other], "not_duplicate", number=ticket.number)
        return met


def _link(ticket: Ticket, other: Ticket, kind: LinkKind, by: Actor, now: datetime) -> Link:
    if ticket.pk == other.pk:
        raise Refused("same")
    with changing(ticket, other, by=by, now=now, moves_clocks=False) as change:
        ticket, other = standing(change, ticket), standing(change, other)
        if kind == LinkKind.PARENT:
            _refuse_a_circle(ticket, other)
        both = Q(ticket=ticket, other=other)
        if kind == LinkKind.RELATED:
            both |= Q(ticket=other, other=ticket)
        if known := Link.objects.filter(both, kind=kind).first():
            return known
        link = Link.objects.create(
            ticket=ticket, other=other, kind=kind, state=LinkState.ACCEPTED, created_at=now
        )
        _record(change, link, {"related": "related", "parent": "got_parent"}[kind])
        return link


def _refuse_a_circle(child: Ticket, parent: Ticket) -> None:
    """Families change one at a time, or three at once could close a ring of three."""
    lock_name("families")
    parents = Link.objects.filter(kind=LinkKind.PARENT)
    if parents.filter(ticket=child).exclude(other=parent).exists():
        raise Refused("has_parent")
    above: int | None = parent.pk
    while above is not None:
        if above == child.pk:
            raise Refused("circle")
        above = parents.filter(ticket=above).values_list("other", flat=True).first()


def _record(change: Change, link: Link, code: str) -> None:
    """Both histories tell it, each from its own side."""
    upward = {"got_parent": "got_child", "left_parent": "left_child"}
    ticket, other = change[link.ticket], change[link.other]
    change.record(ticket, code, number=other.number)
    change.record(other, upward.get(code, code), number=ticket.number)
