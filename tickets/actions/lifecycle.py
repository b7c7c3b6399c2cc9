"""A ticket's state and its labels: resolve, reopen, wait, snooze, priority, category, tags.

Nothing of this is done to a merged ticket: every action raises Refused("merged").
"""

from datetime import datetime

from ..actor import SYSTEM, Actor
from ..models import Category, NotificationKind, Priority, State, Ticket
from .changes import changing, standing
from .choosing import note_choice
from .notifying import notify
from .refusals import Refused

_MOST_TAGS = 20


def resolve(*, ticket: Ticket, by: Actor, now: datetime) -> Ticket:
    """Close the ticket as solved. A closed one stays as it is."""
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        if not locked.is_closed:
            _enter(locked, State.CLOSED, closed_at=now)
            locked.waiting_since = None
            change.record(locked, "resolved")
        return locked


def reopen(*, ticket: Ticket, by: Actor, now: datetime) -> Ticket:
    """Open a closed, pending or snoozed ticket again."""
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        if locked.state != State.OPEN:
            _enter(locked, State.OPEN)
            change.record(locked, "reopened")
        return locked


def wait_for_customer(*, ticket: Ticket, by: Actor, now: datetime) -> Ticket:
    """Put the ticket aside until the customer writes; then it is we who wait."""
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        if locked.state != State.PENDING:
            _enter(locked, State.PENDING)
            locked.waiting_since = None
            change.record(locked, "waits_for_customer")
        return locked


def snooze(*, ticket: Ticket, until: datetime, by: Actor, now: datetime) -> Ticket:
    """Put the ticket aside until a moment or until the customer writes. Raises Refused("past")."""
    if until <= now:
        raise Refused("past")
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        if locked.snoozed_until != until:
            _enter(locked, State.SNOOZED, snoozed_until=until)
            change.record(locked, "snoozed", until=until.isoformat())
        return locked


def wake_due(*, now: datetime, limit: int = 200) -> int:
    """Open the tickets whose snooze has ended; return how many."""
    due = Ticket.objects.filter(
        state=State.SNOOZED, snoozed_until__lte=now, merged_into__isnull=True
    ).order_by("snoozed_until", "pk")[:limit]
    woken = 0
    for ticket in due:
        with changing(ticket, by=SYSTEM, now=now) as change:
            locked = change[ticket]
            ended = locked.snoozed_until is not None and locked.snoozed_until <= now
            if locked.state == State.SNOOZED and ended:
                _enter(locked, State.OPEN)
                change.record(locked, "call_back_due" if is_call_back(locked) else "woken")
                if locked.assignee is not None:
                    kind = NotificationKind.WOKEN
                    notify(users=[locked.assignee], kind=kind, ticket=locked, now=now)
                woken += 1
    return woken


def is_call_back(ticket: Ticket) -> bool:
    """Whether the ticket was put aside, the last time that it was, for a call to the customer."""
    put_off = ticket.history.filter(code__in=("snoozed", "call_back"))
    last = put_off.order_by("version", "pk").last()
    return last is not None and last.code == "call_back"


def set_priority(*, ticket: Ticket, priority: str, by: Actor, now: datetime) -> Ticket:
    """Raises Refused("unknown_value") for a word that is no priority."""
    return _set(ticket, "priority", priority, Priority.values, by, now)


def set_category(*, ticket: Ticket, category: str, by: Actor, now: datetime) -> Ticket:
    """Set or, with "", clear the category. Raises Refused("unknown_value")."""
    return _set(ticket, "category", category, ["", *Category.values], by, now)


def set_subject(*, ticket: Ticket, subject: str, by: Actor, now: datetime) -> Ticket:
    """Raises Refused("empty") or Refused("too_long")."""
    subject = " ".join(subject.split())
    if not subject:
        raise Refused("empty")
    if len(subject) > 200:
        raise Refused("too_long", limit=200)
    return _set(ticket, "subject", subject, None, by, now)


def tag(*, ticket: Ticket, tag: str, by: Actor, now: datetime) -> Ticket:
    """Add a tag. Raises Refused("empty"), Refused("too_long") or Refused("too_many")."""
    tag = " ".join(tag.split())
    if not tag:
        raise Refused("empty")
    if len(tag) > 40:
        raise Refused("too_long", limit=40)
    with changing(ticket, by=by, now=now, moves_clocks=False) as change:
        locked = standing(change, ticket)
        if tag in locked.tags:
            return locked
        if len(locked.tags) >= _MOST_TAGS:
            raise Refused("too_many", limit=_MOST_TAGS)
        locked.tags = [*locked.tags, tag]
        change.record(locked, "tagged", tag=tag)
        return locked


def untag(*, ticket: Ticket, tag: str, by: Actor, now: datetime) -> Ticket:
    """Remove a tag that may or may not be there."""
    with changing(ticket, by=by, now=now, moves_clocks=False) as change:
        locked = standing(change, ticket)
        if tag in locked.tags:
            locked.tags = [kept for kept in locked.tags if kept != tag]
            change.record(locked, "untagged", tag=tag)
        return locked


def _enter(
    ticket: Ticket,
    state: State,
    *,
    closed_at: datetime | None = None,
    snoozed_until: datetime | None = None,
) -> None:
    ticket.state = state
    ticket.closed_at = closed_at
    ticket.snoozed_until = snoozed_until


def _set(
    ticket: Ticket, field: str, value: str, allowed: list[str] | None, by: Actor, now: datetime
) -> Ticket:
    if allowed is not None and value not in allowed:
        raise Refused("unknown_value", value=value)
    with changing(ticket, by=by, now=now, moves_clocks=field == "priority") as change:
        locked = standing(change, ticket)
        before = getattr(locked, field)
        agrees = note_choice(ticket=locked, field=field, value=value, by=by, now=now)
        if before != value or agrees:
            setattr(locked, field, value)
            change.record(locked, f"{field}_set", before=before, after=value)
        return locked
