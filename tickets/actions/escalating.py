"""Call a lead to a case, say why, and take the call back.

It is a flag and no state: the case stays with whom it is, and stands in a list of its own.
"""

from datetime import datetime
from typing import Any

from ..actor import Actor
from ..models import Ticket
from .changes import Change, changing, standing


def escalate(*, ticket: Ticket, by: Actor, now: datetime) -> Ticket:
    """Call a lead. Raises Refused("merged")."""
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        raise_flag(change, locked, source="person")
        return locked


def calm(*, ticket: Ticket, by: Actor, now: datetime) -> Ticket:
    """Say that a lead has looked after it. Raises Refused("merged")."""
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        if locked.escalated_at is not None:
            _lower(locked)
            change.record(locked, "calmed")
        return locked


def raise_flag(
    change: Change, ticket: Ticket, *, source: str, by: Actor | None = None, **data: Any
) -> bool:
    """Call a lead to a locked case, once; return whether that is news."""
    if ticket.escalated_at is not None:
        return False
    ticket.escalated_at = change.now
    ticket.escalation = {"source": source, **data}
    change.record(ticket, "escalated", by=by, source=source, **data)
    return True


def carry_flag(change: Change, source: Ticket, target: Ticket, *, move: int) -> None:
    """A case that has a lead called brings the call along into what it is merged into."""
    if source.escalated_at is None or target.escalated_at is not None:
        return
    target.escalated_at = source.escalated_at
    target.escalation = {**source.escalation, "move": move}


def take_flag_back(*tickets: Ticket, move: int) -> None:
    """What a merge has brought goes with the merge; the source has kept its own."""
    for ticket in tickets:
        if ticket.escalated_at is not None and ticket.escalation.get("move") == move:
            _lower(ticket)


def _lower(ticket: Ticket) -> None:
    ticket.escalated_at, ticket.escalation = None, {}
