"""How a case stands to others: what is suggested, quoted, related, above and below it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from tickets.access import visible_tickets
from tickets.models import Link, LinkKind, LinkState, Role, Ticket, User

_MADE = (LinkKind.RELATED, LinkKind.PARENT)


@dataclass(frozen=True, slots=True)
class Relation:
    """A link as one of its two cases sees it: `other` is the case at its far end."""

    link: Link
    other: Ticket


@dataclass(frozen=True, slots=True)
class Relations:
    """Oldest first. `suggested` are likely duplicates, `quoted` other numbers to look at."""

    suggested: list[Relation] = field(default_factory=list)
    quoted: list[Relation] = field(default_factory=list)
    parents: list[Relation] = field(default_factory=list)
    children: list[Relation] = field(default_factory=list)
    related: list[Relation] = field(default_factory=list)

    @property
    def open_children(self) -> int:
        return sum(not each.other.is_closed for each in self.children)


def read_relations(ticket: Ticket, user: User, *, parts: Collection[int] = ()) -> Relations:
    """The relations of a visible case, and of those merged into it, to cases that `user` may see.

    Two queries at most; one where there is none. What people related is followed to where it was
    merged into; suggestions of merged cases are over. Helpers are told nothing.
    """
    found = Relations()
    if user.role == Role.HELPER:
        return found
    own = {ticket.pk, *parts}
    links = Link.objects.filter(Q(ticket__in=own) | Q(other__in=own))
    shown = [
        link
        for link in links.exclude(state=LinkState.DISMISSED).order_by("created_at", "pk")
        if link.kind in _MADE or link.state == LinkState.PROPOSED
    ]
    cases = _visible({pk for link in shown for pk in (link.ticket_id, link.other_id)} - own, user)
    for link in shown:
        is_outgoing = link.ticket_id in own
        other = cases.get(link.other_id if is_outgoing else link.ticket_id)
        if other is not None:
            _sort_in(found, Relation(link, other), is_outgoing=is_outgoing)
    return found


def _sort_in(found: Relations, relation: Relation, *, is_outgoing: bool) -> None:
    link, other = relation.link, relation.other
    is_gone = other.pk not in {link.ticket_id, link.other_id}  # merged into another since
    if link.kind == LinkKind.RELATED:
        found.related.append(relation)
    elif link.kind == LinkKind.PARENT:
        (found.parents if is_outgoing else found.children).append(relation)
    elif is_gone:
        return
    elif link.kind == LinkKind.DUPLICATE:
        if all(each.other != other for each in found.suggested):
            found.suggested.append(relation)
    elif is_outgoing:
        found.quoted.append(relation)


def _visible(ids: Iterable[int], user: User) -> dict[int, Ticket]:
    """The cases that `user` may see, those that were merged as what they were merged into."""
    wanted = set(ids)
    if not wanted:
        return {}
    cases = {each.pk: each for each in _read(wanted, user)}
    while ahead := {e.merged_into_id for e in cases.values() if e.merged_into_id is not None}:
        further = {each.pk: each for each in _read(ahead, user)}
        cases = {
            pk: further[each.merged_into_id] if each.merged_into_id else each
            for pk, each in cases.items()
            if not each.merged_into_id or each.merged_into_id in further
        }
    return cases


def _read(ids: Collection[int], user: User) -> Iterable[Ticket]:
    return visible_tickets(user).filter(pk__in=ids).select_related("assignee", "contact")
