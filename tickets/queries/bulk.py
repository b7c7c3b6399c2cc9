"""Cases chosen for one action, and what became of those that were."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from tickets.access import visible_tickets
from tickets.models import BulkItem, BulkRun, BulkState, BulkUndo, Role, Team, Ticket, User

from .inbox import View, tickets_in

MOST_PEOPLE = 100


def chosen(view: View, user: User) -> QuerySet[Ticket]:
    """Every case that a list, as far as it is narrowed, shows to `user`."""
    return tickets_in(view, user)


def named(numbers: Iterable[str], user: User) -> QuerySet[Ticket]:
    """Those cases by their number that `user` may see."""
    return visible_tickets(user).filter(number__in=list(numbers))


def colleagues(user: User) -> QuerySet[User]:
    """To whom `user` may want to give cases: people of the same teams, and managers."""
    people = User.objects.filter(is_active=True).exclude(role=Role.HELPER)
    if user.role != Role.MANAGER:
        people = people.filter(
            Q(teams__in=user.teams.all()) | Q(role=Role.MANAGER) | Q(pk=user.pk)
        ).distinct()
    return people.order_by("name", "email")[:MOST_PEOPLE]


def all_teams() -> QuerySet[Team]:
    """The teams to which cases may be moved."""
    return Team.objects.order_by("name")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases of a run stand how. What was taken back counts as done, too."""

    waiting: int
    done: int
    skipped: int
    failed: int
    undoable: int
    undoing: int
    undone: int
    kept: int
    stopped: int
    last_at: datetime | None = None  # when the last one had its turn

    @property
    def total(self) -> int:
        return self.waiting + self.done + self.skipped + self.failed


def tally(run: BulkRun) -> Tally:
    """Count a run's cases in one query."""
    done = Q(state=BulkState.DONE)
    counted = run.items.aggregate(
        waiting=Count("pk", filter=Q(state=BulkState.WAITING)),
        done=Count("pk", filter=done),
        skipped=Count("pk", filter=Q(state=BulkState.SKIPPED)),
        failed=Count("pk", filter=Q(state=BulkState.FAILED)),
        undoable=Count("pk", filter=done & Q(undo=BulkUndo.NONE)),
        undoing=Count("pk", filter=Q(undo=BulkUndo.WANTED)),
        undone=Count("pk", filter=Q(undo=BulkUndo.DONE)),
        kept=Count("pk", filter=Q(undo=BulkUndo.LEFT)),
        stopped=Count("pk", filter=Q(state=BulkState.SKIPPED, code="stopped")),
        last_at=Max("done_at"),
    )
    return Tally(**counted)


def problems(run: BulkRun) -> QuerySet[BulkItem]:
    """The cases that were not done, or not taken back, and ask for a look; in order."""
    unlucky = Q(state__in=[BulkState.SKIPPED, BulkState.FAILED]) | Q(undo=BulkUndo.LEFT)
    return _in_order(run).filter(unlucky)


def others(run: BulkRun) -> QuerySet[BulkItem]:
    """The cases that are done or wait for their turn, in order."""
    fine = Q(state=BulkState.WAITING) | Q(state=BulkState.DONE)
    return _in_order(run).filter(fine).exclude(undo=BulkUndo.LEFT)


def _in_order(run: BulkRun) -> QuerySet[BulkItem]:
    return run.items.select_related("ticket").order_by("place")
