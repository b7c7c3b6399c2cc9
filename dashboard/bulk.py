"""A bulk run as its page shows it, and the bar by which one begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from tickets.access import may_change, visible_tickets
from tickets.actions.refusals import Refused
from tickets.models import (
    BulkAction,
    BulkItem,
    BulkRun,
    BulkState,
    BulkUndo,
    Category,
    Priority,
    Team,
    User,
)
from tickets.queries import bulk as reads
from tickets.queries.bulk import Tally

from .durations import span
from .views.lookup import ticket_url
from .words import bulk as words
from .words import case_number, refusal_in_words
from .words.bulk import BulkNames

MOST_SHOWN = 100
_MENUS_KEPT_SECONDS = 60
_WORKER_IS_LATE = timedelta(seconds=6)
_ICONS = {
    "is-done": "check",
    "is-skipped": "pause",
    "is-failed": "x",
    "is-waiting": "clock",
    "is-undone": "undo",
}
_LOOKS: dict[str, str] = {
    BulkState.WAITING: "is-waiting",
    BulkState.DONE: "is-done",
    BulkState.SKIPPED: "is-skipped",
    BulkState.FAILED: "is-failed",
}


Choices = list[tuple[int, str]]


class Bar:
    """What the floating bar offers. Whom and which teams is looked up when it is written, once a
    minute for each person: every page with a list has it, and few open its menus.
    """

    def __init__(self, user: User) -> None:
        self.user = user
        self.priorities = Priority.choices
        self.categories = Category.choices

    @cached_property
    def _menus(self) -> tuple[Choices, Choices]:
        key = f"bulk:menus:{self.user.pk}"
        kept: tuple[Choices, Choices] | None = cache.get(key)
        if kept is None:
            people = [(person.pk, str(person)) for person in reads.colleagues(self.user)]
            kept = people, [(team.pk, str(team)) for team in reads.all_teams()]
            cache.set(key, kept, _MENUS_KEPT_SECONDS)
        return kept

    @property
    def people(self) -> Choices:
        return [choice for choice in self._menus[0] if choice[0] != self.user.pk]

    @property
    def teams(self) -> Choices:
        return self._menus[1]


@dataclass(frozen=True, slots=True)
class ItemOnScreen:
    """One case of a run. `remedy` is what may be tried: again, anyway, or to take it back."""

    pk: int
    number: str
    url: str
    subject: str
    look: str
    icon: str
    state: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RunOnScreen:
    """One run with its cases, those that need a look first."""

    run: BulkRun
    title: str
    tally: Tally
    summary: str
    took: str
    is_running: bool
    lacks_worker: bool
    problems: list[ItemOnScreen]
    others: list[ItemOnScreen]
    more: int
    anyway: str

    @property
    def repeatable(self) -> int:
        return self.tally.failed + self.tally.stopped

    @property
    def bars(self) -> list[tuple[str, int, int]]:
        """The stretches of the bar: what of, from where, how long."""
        parts = (
            ("is-done", self.tally.done - self.tally.undone),
            ("is-undone", self.tally.undone),
            ("is-skipped", self.tally.skipped),
            ("is-failed", self.tally.failed),
        )
        found, at = [], 0
        for look, count in parts:
            found.append((look, at, count))
            at += count
        return [part for part in found if part[2]]


def bulk_bar(user: User) -> Bar | None:
    """The bar for somebody who may change cases."""
    return Bar(user) if may_change(user) else None


def title(action: str, given: dict[str, Any]) -> str:
    """What a run with these values would do."""
    return titles_of([BulkRun(action=action, given=given)])[0][1]


def titles_of(runs: list[BulkRun]) -> list[tuple[BulkRun, str]]:
    """Runs with what they do, in two queries."""
    names = _names(runs, [])
    return [(run, words.title_in_words(run.action, run.given, names)) for run in runs]


def run_on_screen(run: BulkRun, user: User, now: datetime) -> RunOnScreen:
    """Put a run into words for `user`; what they may not see of its cases is left out."""
    tally = reads.tally(run)
    problems = list(reads.problems(run)[:MOST_SHOWN])
    others = list(reads.others(run)[:MOST_SHOWN])
    names = _names([run], [*problems, *others])
    shown = visible_tickets(user).filter(pk__in=[i.ticket_id for i in (*problems, *others)])
    seen = set(shown.values_list("pk", flat=True))
    is_running = run.finished_at is None
    silent = now - (run.worked_at or run.made_at)
    return RunOnScreen(
        run=run,
        title=words.title_in_words(run.action, run.given, names),
        tally=tally,
        summary=summary_in_words(tally),
        took=_took(((None if tally.waiting else tally.last_at) or now) - run.made_at),
        is_running=is_running,
        lacks_worker=is_running and silent > _WORKER_IS_LATE,
        problems=[_item(each, run, seen, names) for each in problems],
        others=[_item(each, run, seen, names) for each in others],
        more=tally.total - len(problems) - len(others),
        anyway=words.anyway_in_words(run.action),
    )


def summary_in_words(tally: Tally) -> str:
    """How many cases stand how: "7 done, 1 skipped, 1 failed"."""
    parts = [
        (_("%(n)d done"), tally.done - tally.undone),
        (_("%(n)d taken back"), tally.undone),
        (_("%(n)d skipped"), tally.skipped),
        (_("%(n)d failed"), tally.failed),
        (_("%(n)d to go"), tally.waiting + tally.undoing),
    ]
    return _(", ").join(text % {"n": count} for text, count in parts if count)


def _item(item: BulkItem, run: BulkRun, seen: set[int], names: BulkNames) -> ItemOnScreen:
    look = _look(item)
    is_seen = item.ticket_id in seen
    return ItemOnScreen(
        pk=item.pk,
        number=item.ticket.number,
        url=ticket_url(item.ticket.number) if is_seen else "",
        subject=item.ticket.subject if is_seen else "",
        look=look,
        icon=_ICONS[look],
        state=_state(item, look, run, names),
        why=_why(item),
        remedy=_remedy(item),
    )


def _look(item: BulkItem) -> str:
    if item.undo == BulkUndo.WANTED:
        return "is-waiting"
    if item.undo == BulkUndo.DONE:
        return "is-undone"
    return "is-skipped" if item.undo == BulkUndo.LEFT else _LOOKS[item.state]


def _state(item: BulkItem, look: str, run: BulkRun, names: BulkNames) -> str:
    if item.undo == BulkUndo.LEFT:
        return _("Not taken back")
    if look == "is-undone":
        return _("Taken back")
    if look == "is-waiting":
        return _("Waiting")
    if item.state == BulkState.DONE:
        changed = words.change_in_words(run, item.before, item.after, names)
        return changed or str(BulkState.DONE.label)
    return str(BulkState(item.state).label)


def _why(item: BulkItem) -> str:
    if not item.code:
        return ""
    if item.code not in words.PASSED:
        return refusal_in_words(Refused(item.code, **item.data))
    data = dict(item.data)
    if "number" in data:
        data["number"] = case_number(str(data["number"]))
    return str(words.PASSED[item.code]) % data


def _remedy(item: BulkItem) -> str:
    if item.undo == BulkUndo.LEFT:
        return "undo"
    if item.state == BulkState.DONE:
        return "undo" if item.undo == BulkUndo.NONE else ""
    if item.code == "typing":
        return "anyway"
    is_open = item.state == BulkState.FAILED or item.code == "stopped"
    return "again" if is_open else ""


def _took(lasted: timedelta) -> str:
    if lasted < timedelta(minutes=2):
        return _("%(n).1f s") % {"n": max(0.0, lasted.total_seconds())}
    return span(lasted)


def _names(runs: Iterable[BulkRun], items: Iterable[BulkItem]) -> BulkNames:
    """Look up at once whom and which teams the runs and their cases mention."""
    users, teams = set(), set()
    for run in runs:
        if run.action == BulkAction.ASSIGN:
            users.add(run.given.get("id"))
        if run.action == BulkAction.TEAM:
            teams.add(run.given.get("id"))
    for item in items:
        for facts in (item.before, item.after):
            users.add(facts.get("assignee_id"))
            teams.add(facts.get("team_id"))
    return BulkNames(
        users=dict(User.objects.filter(pk__in=users - {None}).values_list("pk", "name")),
        teams=dict(Team.objects.filter(pk__in=teams - {None}).values_list("pk", "name")),
    )
