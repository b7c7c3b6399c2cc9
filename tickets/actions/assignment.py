"""Who works on a ticket: its assignee and its team."""

from datetime import datetime

from ..actor import Actor
from ..models import Role, Team, Ticket, User
from .changes import changing, standing
from .refusals import Refused


def assign(*, ticket: Ticket, assignee: User | None, by: Actor, now: datetime) -> Ticket:
    """Give the ticket to an agent, or to nobody. Raises Refused: not_an_agent or merged."""
    if assignee is not None and (not assignee.is_active or assignee.role == Role.HELPER):
        raise Refused("not_an_agent")
    with changing(ticket, by=by, now=now, moves_clocks=False) as change:
        locked = standing(change, ticket)
        if locked.assignee_id != (assignee.pk if assignee else None):
            before = locked.assignee_id
            locked.assignee = assignee
            after = assignee.pk if assignee else None
            change.record(locked, "assigned", before=before, after=after)
        return locked


def move_to_team(*, ticket: Ticket, team: Team | None, by: Actor, now: datetime) -> Ticket:
    """Put the ticket into a team's queue; an assignee outside that team lets go of it.

    Raises Refused("merged").
    """
    with changing(ticket, by=by, now=now, moves_clocks=False) as change:
        locked = standing(change, ticket)
        if locked.team_id == (team.pk if team else None):
            return locked
        before = locked.team_id
        locked.team = team
        change.record(locked, "moved_to_team", before=before, after=team.pk if team else None)
        if team and locked.assignee and not locked.assignee.teams.filter(pk=team.pk).exists():
            change.record(locked, "assigned", before=locked.assignee_id, after=None)
            locked.assignee = None
        return locked
