"""What somebody may hand over and to whom, and hand-overs that were made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from tickets.access import teams_of, visible_tickets
from tickets.models import HandOver, Promise, Role, State, Team, Ticket, User

from .drafts import drafted_by
from .promises import OWED
from .routing import loads_of
from .rows import Row, ticket_rows
from .windows import SOON

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Passing:
    """One case to be handed over, and what goes with it."""

    row: Row
    promise: str
    has_draft: bool
    is_closing: bool

    @property
    def is_snoozed(self) -> bool:
        return self.row.state == State.SNOOZED


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person or a team that may take over; of people how many cases they have at hand."""

    key: str
    person: User | None = None
    team: Team | None = None
    load: int = 0
    is_away: bool = False


def cases_to_pass(
    user: User, numbers: Collection[str] = (), *, of: User | None = None
) -> QuerySet[Ticket]:
    """The named cases that `user` may pass on, or all that are theirs, or `of` somebody else."""
    standing = visible_tickets(user).filter(merged_into__isnull=True).exclude(state=State.CLOSED)
    if numbers:
        return standing.filter(number__in=numbers)
    return standing.filter(assignee=of or user)


def passing(tickets: QuerySet[Ticket], user: User, now: datetime) -> list[Passing]:
    """What goes with each case: promises first, soonest due first, then closing windows, drafts.

    Six queries, however many the cases are.
    """
    rows = ticket_rows(tickets.order_by("-last_activity_at", "-id")[:MOST_SHOWN], user)
    ids = [row.id for row in rows]
    owed = Promise.objects.filter(OWED, conversation__ticket__in=ids).order_by("-due_at")
    words = dict(owed.values_list("conversation__ticket", "words"))
    drafts = drafted_by(user, ids)
    found = [
        Passing(
            row=row,
            promise=words.get(row.id, ""),
            has_draft=row.id in drafts,
            is_closing=row.closes_at is not None and now < row.closes_at <= now + SOON,
        )
        for row in rows
    ]
    return sorted(found, key=_urgency)


def receivers(user: User, now: datetime) -> list[Receiver]:
    """Colleagues of `user`'s teams, the present ones first, then the teams' queues."""
    teams = list(teams_of(user).order_by("name"))
    people = User.objects.filter(is_active=True, teams__in=teams).exclude(role=Role.HELPER)
    named = list(people.exclude(pk=user.pk).distinct().order_by("name", "email"))
    loads = loads_of(each.pk for each in named)
    found = [
        Receiver(f"user:{each.pk}", each, None, loads.get(each.pk, 0), each.is_away(now))
        for each in named
    ]
    found.sort(key=lambda each: each.is_away)
    return found + [Receiver(f"team:{each.pk}", None, each) for each in teams]


def handovers_for(user: User) -> QuerySet[HandOver]:
    """The hand-overs that concern somebody: made by them, to them or to a team of theirs."""
    rows = HandOver.objects.select_related("by", "to_user", "to_team", "accepted_by")
    if user.role == Role.MANAGER:
        return rows
    mine = Q(by=user) | Q(to_user=user) | Q(to_team__in=user.teams.all())
    return rows.filter(mine).distinct()


def _urgency(each: Passing) -> tuple[bool, float, bool, bool]:
    at = each.row.promised_at
    return (at is None, at.timestamp() if at else 0.0, not each.is_closing, not each.has_draft)
