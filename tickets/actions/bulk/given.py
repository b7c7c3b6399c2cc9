"""With what an action is done: whom to give cases to, until when they sleep, which tag."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...models import BulkAction, Category, Priority, Role, Team, Ticket, User
from ..refusals import Refused

_LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class Given:
    """What the stored values of a run mean, looked up once for many cases."""

    assignee: User | None = None
    teams: frozenset[int] = field(default_factory=frozenset)  # of the assignee
    team: Team | None = None
    value: str = ""
    until: datetime | None = None

    def may_have(self, ticket: Ticket) -> bool:
        """Whether the assignee works for the case's team, or sees every team's cases."""
        person = self.assignee
        if person is None or ticket.team_id is None or person.role == Role.MANAGER:
            return True
        return ticket.team_id in self.teams


def checked(action: str, given: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What a run keeps of the values that somebody chose.

    Raises Refused: unknown_value, empty, too_long, past, not_an_agent, or gone.
    """
    value = " ".join(str(given.get("value", "")).split())
    match action:
        case BulkAction.ASSIGN | BulkAction.TEAM:
            kept: dict[str, Any] = {"id": given.get("id")}
        case BulkAction.PRIORITY | BulkAction.CATEGORY:
            known = Priority.values if action == BulkAction.PRIORITY else ["", *Category.values]
            if value not in known:
                raise Refused("unknown_value", value=value)
            kept = {"value": value}
        case BulkAction.TAG | BulkAction.UNTAG:
            if not value:
                raise Refused("no_tag")
            if len(value) > _LONGEST_TAG:
                raise Refused("tag_too_long", limit=_LONGEST_TAG)
            kept = {"value": value}
        case BulkAction.SNOOZE:
            until: datetime | None = given.get("until")
            if until is None or until <= now:
                raise Refused("past")
            kept = {"until": until.isoformat()}
        case BulkAction.WAIT | BulkAction.RESOLVE | BulkAction.REOPEN:
            kept = {}
        case _:
            raise Refused("unknown_value", value=action)
    look_up(action, kept)
    return kept


def look_up(action: str, kept: Mapping[str, Any]) -> Given:
    """What the kept values mean now. Raises Refused: gone, or not_an_agent."""
    pk = kept.get("id")
    if action == BulkAction.ASSIGN and pk is not None:
        person = User.objects.filter(pk=pk).first()
        if person is None or not person.is_active or person.role == Role.HELPER:
            raise Refused("not_an_agent")
        teams = frozenset(person.teams.values_list("pk", flat=True))
        return Given(assignee=person, teams=teams)
    if action == BulkAction.TEAM and pk is not None:
        team = Team.objects.filter(pk=pk).first()
        if team is None:
            raise Refused("team_gone")
        return Given(team=team)
    until = kept.get("until")
    return Given(
        value=str(kept.get("value", "")), until=datetime.fromisoformat(until) if until else None
    )
