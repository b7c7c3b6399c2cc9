"""What each action does to one case, when there is nothing to do, and what to compare later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...actor import Actor
from ...models import BulkAction, State, Ticket
from ..assignment import assign, move_to_team
from ..lifecycle import (
    is_call_back,
    reopen,
    resolve,
    set_category,
    set_priority,
    snooze,
    tag,
    untag,
    wait_for_customer,
)
from ..refusals import Refused
from .given import Given

_STATE = ("state", "snoozed_until", "closed_at")


@dataclass(frozen=True, slots=True)
class Deed:
    """One action: how it is done, whether a case is so already, and which facts it changes.

    `disturbs` where somebody who writes on the case must not be surprised by it.
    """

    do: Callable[[Ticket, Given, Actor, datetime], Ticket]
    is_so: Callable[[Ticket, Given], bool]
    facts: tuple[str, ...]
    disturbs: bool = False


def facts(ticket: Ticket, names: tuple[str, ...]) -> dict[str, Any]:
    """How a case stands in these respects, as data."""
    return {name: _plain(getattr(ticket, name)) for name in names}


def before(deed: Deed, ticket: Ticket) -> dict[str, Any]:
    """What must be known to put a locked case back."""
    known = facts(ticket, deed.facts)
    if "state" in known:
        known["waiting_since"] = _plain(ticket.waiting_since)
        if ticket.state == State.SNOOZED and is_call_back(ticket):
            known["call_back"] = True
    return known


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _assign(ticket: Ticket, given: Given, by: Actor, now: datetime) -> Ticket:
    if not given.may_have(ticket):
        raise Refused("not_of_team", team=ticket.team_id)
    return assign(ticket=ticket, assignee=given.assignee, by=by, now=now)


def _snooze(ticket: Ticket, given: Given, by: Actor, now: datetime) -> Ticket:
    return snooze(ticket=ticket, until=given.until or now, by=by, now=now)


DEEDS: dict[str, Deed] = {
    BulkAction.ASSIGN: Deed(
        do=_assign,
        is_so=lambda t, given: t.assignee_id == (given.assignee.pk if given.assignee else None),
        facts=("assignee_id",),
        disturbs=True,
    ),
    BulkAction.TEAM: Deed(
        do=lambda t, given, by, now: move_to_team(ticket=t, team=given.team, by=by, now=now),
        is_so=lambda t, given: t.team_id == (given.team.pk if given.team else None),
        facts=("team_id", "assignee_id"),
        disturbs=True,
    ),
    BulkAction.PRIORITY: Deed(
        do=lambda t, given, by, now: set_priority(ticket=t, priority=given.value, by=by, now=now),
        is_so=lambda t, given: t.priority == given.value,
        facts=("priority",),
    ),
    BulkAction.CATEGORY: Deed(
        do=lambda t, given, by, now: set_category(ticket=t, category=given.value, by=by, now=now),
        is_so=lambda t, given: t.category == given.value,
        facts=("category",),
    ),
    BulkAction.TAG: Deed(
        do=lambda t, given, by, now: tag(ticket=t, tag=given.value, by=by, now=now),
        is_so=lambda t, given: given.value in t.tags,
        facts=(),
    ),
    BulkAction.UNTAG: Deed(
        do=lambda t, given, by, now: untag(ticket=t, tag=given.value, by=by, now=now),
        is_so=lambda t, given: given.value not in t.tags,
        facts=(),
    ),
    BulkAction.SNOOZE: Deed(
        do=_snooze,
        is_so=lambda t, given: t.snoozed_until == given.until,
        facts=_STATE,
        disturbs=True,
    ),
    BulkAction.WAIT: Deed(
        do=lambda t, _given, by, now: wait_for_customer(ticket=t, by=by, now=now),
        is_so=lambda t, _given: t.state == State.PENDING,
        facts=_STATE,
        disturbs=True,
    ),
    BulkAction.RESOLVE: Deed(
        do=lambda t, _given, by, now: resolve(ticket=t, by=by, now=now),
        is_so=lambda t, _given: t.is_closed,
        facts=_STATE,
        disturbs=True,
    ),
    BulkAction.REOPEN: Deed(
        do=lambda t, _given, by, now: reopen(ticket=t, by=by, now=now),
        is_so=lambda t, _given: t.state == State.OPEN,
        facts=_STATE,
        disturbs=True,
    ),
}
