"""Take one case of a run back to what it was, if nobody has changed that since."""

from collections.abc import Callable
from datetime import datetime

from ...actor import Actor
from ...models import BulkAction, BulkItem, Direction, Message, State, Team, Ticket, User
from ..assignment import assign, move_to_team
from ..changes import changing, standing
from ..lifecycle import set_category, set_priority, tag, untag
from ..refusals import Refused
from .deeds import DEEDS, facts

# How a case stands, in the words of history: clocks read them.
_TOLD = {
    State.OPEN: "reopened",
    State.PENDING: "waits_for_customer",
    State.SNOOZED: "snoozed",
    State.CLOSED: "resolved",
}


def put_back(
    *, item: BulkItem, action: str, value: str, ticket: Ticket, by: Actor, now: datetime
) -> None:
    """Give a locked case back what the run changed; `value` is the run's tag.

    Raises Refused: merged, changed_since, customer_wrote, and what does not fit any more.
    """
    if ticket.is_merged:
        raise Refused("merged")
    deed = DEEDS[action]
    is_as_left = facts(ticket, deed.facts) == item.after
    if action in {BulkAction.TAG, BulkAction.UNTAG}:
        is_as_left = (value in ticket.tags) == (action == BulkAction.TAG)
    if not is_as_left:
        raise Refused("changed_since")
    _WAYS.get(action, _put_state_back)(item, ticket, value, by, now)


def _put_assignee_back(
    item: BulkItem, ticket: Ticket, _value: str, by: Actor, now: datetime
) -> None:
    pk = item.before["assignee_id"]
    person = User.objects.filter(pk=pk).first() if pk is not None else None
    if pk is not None and person is None:
        raise Refused("not_an_agent")
    assign(ticket=ticket, assignee=person, by=by, now=now)


def _put_team_back(item: BulkItem, ticket: Ticket, value: str, by: Actor, now: datetime) -> None:
    pk = item.before["team_id"]
    team = Team.objects.filter(pk=pk).first() if pk is not None else None
    if pk is not None and team is None:
        raise Refused("team_gone")
    move_to_team(ticket=ticket, team=team, by=by, now=now)
    if item.before["assignee_id"] != item.after["assignee_id"]:
        _put_assignee_back(item, ticket, value, by, now)


def _put_state_back(item: BulkItem, ticket: Ticket, _value: str, by: Actor, now: datetime) -> None:
    before = item.before
    since = _messages_since(item, ticket)
    if Direction.INBOUND in since:
        raise Refused("customer_wrote")
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        locked.state = before["state"]
        locked.closed_at = _moment(before["closed_at"])
        locked.snoozed_until = _moment(before["snoozed_until"])
        if Direction.OUTBOUND not in since:
            locked.waiting_since = _moment(before["waiting_since"])
        code = "call_back" if before.get("call_back") else _TOLD[State(locked.state)]
        until = {"until": before["snoozed_until"]} if locked.snoozed_until else {}
        change.record(locked, code, **until)


def _messages_since(item: BulkItem, ticket: Ticket) -> set[str]:
    """Which way messages went since the run had its turn; what machines sent is no answer."""
    if ticket.version == item.version:
        return set()
    later = Message.objects.filter(conversation__ticket=ticket, version__gt=item.version)
    return set(later.filter(automatic="").values_list("direction", flat=True).distinct())


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_WAYS: dict[str, Callable[[BulkItem, Ticket, str, Actor, datetime], object]] = {
    BulkAction.ASSIGN: _put_assignee_back,
    BulkAction.TEAM: _put_team_back,
    BulkAction.PRIORITY: lambda item, ticket, _value, by, now: set_priority(
        ticket=ticket, priority=item.before["priority"], by=by, now=now
    ),
    BulkAction.CATEGORY: lambda item, ticket, _value, by, now: set_category(
        ticket=ticket, category=item.before["category"], by=by, now=now
    ),
    BulkAction.TAG: lambda _item, ticket, value, by, now: untag(
        ticket=ticket, tag=value, by=by, now=now
    ),
    BulkAction.UNTAG: lambda _item, ticket, value, by, now: tag(
        ticket=ticket, tag=value, by=by, now=now
    ),
}
