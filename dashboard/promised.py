"""Times promised to customers, as pages and rows show them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tickets.models import Conversation, Promise, PromiseState
from tickets.queries.promises import is_owed, promises_of
from tickets.queries.rows import Row

from .durations import span
from .glyphs import icon


@dataclass(frozen=True, slots=True)
class PromiseOnScreen:
    """One promise; `left` is how much time there is, or how late it is, while it is owed."""

    promise: Promise
    is_owed: bool
    is_late: bool
    by_time: str
    left: SafeString
    is_decided: bool


@dataclass(frozen=True, slots=True)
class PromisePane:
    """What a case owes, what waits to be confirmed, and what was settled lately."""

    owed: list[PromiseOnScreen] = field(default_factory=list)
    proposed: list[PromiseOnScreen] = field(default_factory=list)
    settled: list[PromiseOnScreen] = field(default_factory=list)

    @property
    def next(self) -> PromiseOnScreen | None:
        return self.owed[0] if self.owed else None


def promise_pane(conversations: Iterable[Conversation], now: datetime) -> PromisePane:
    """Read the promises of a case, in one query, and sort them."""
    pane = PromisePane()
    for row in promises_of(conversations):
        shown = _on_screen(row, now)
        if row.state == PromiseState.PROPOSED:
            pane.proposed.append(shown)
        else:
            (pane.owed if shown.is_owed else pane.settled).append(shown)
    return pane


def _on_screen(row: Promise, now: datetime) -> PromiseOnScreen:
    return PromiseOnScreen(
        promise=row,
        is_owed=is_owed(row),
        is_late=row.due_at <= now,
        by_time=by_time(row.due_at, now),
        left=left(row.due_at, now),
        is_decided=row.state in {PromiseState.KEPT, PromiseState.BROKEN},
    )


def by_time(at: datetime, now: datetime) -> str:
    """The time today, with its day on any other."""
    local = localtime(at)
    if local.date() == localtime(now).date():
        return f"{local:%H:%M}"
    return f"{date_format(local, 'MONTH_DAY_FORMAT')} {local:%H:%M}"


def left(at: datetime, now: datetime) -> SafeString:
    """A number that runs: the time left, or how long it has been over."""
    is_late = at <= now
    return format_html(
        '<b class="num" data-{}="{}">{}</b>',
        "since" if is_late else "until",
        at.isoformat(),
        span(now - at if is_late else at - now),
    )


def promise_due(row: Row, now: datetime) -> SafeString | str:
    """What a row says of a promise, if one is due before the service level's clock."""
    at = row.promised_at
    if at is None or (row.due_at is not None and row.due_at < at):
        return ""
    words = _("Promise late") if at <= now else _("Promised in")
    return format_html("{}{} {}", icon("flag"), words, left(at, now))
