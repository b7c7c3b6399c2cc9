"""One row of a list, ready to be written: the template only places it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tickets.case_numbers import format_number
from tickets.models import Channel, Priority, User
from tickets.queries.rows import Row
from tickets.queries.windows import SOON

from .durations import due_in_words, since, span
from .glyphs import channel_mark
from .languages import enumerated, language_name
from .promised import promise_due

MOST_TAGS = 3
MISSING = {
    "phenomenon": gettext_lazy("symptom"),
    "steps": gettext_lazy("steps"),
    "error": gettext_lazy("error"),
}
CLOCKS = {
    "first_response": gettext_lazy("first reply"),
    "next_response": gettext_lazy("reply"),
    "resolution": gettext_lazy("solution"),
}


@dataclass(frozen=True, slots=True)
class RowOnScreen:
    number: str
    url: str
    written: SafeString
    chain: SafeString
    subject: str
    language: str
    contact: str
    tags: list[str]
    more_tags: int
    css: str
    is_unread: bool
    waiting_since: datetime | None
    waiting: str
    assignee: str
    initial: str
    is_mine: bool
    priority: str
    has_claim: bool
    version: int
    is_escalated: bool = False
    closes_at: datetime | None = None
    closes: str = ""
    due: SafeString | str = ""
    not_before: str = ""
    left: int | None = None
    has_draft: bool = False
    missing: str = ""
    tongue: str = ""


def on_screen(
    row: Row,
    user: User,
    channels: Mapping[int, Channel],
    seen_versions: Mapping[int, int],
    now: datetime,
    *,
    has_draft: bool = False,
) -> RowOnScreen:
    """Put a row into the words and marks that `user` sees at `now`."""
    is_unread = row.waiting_since is not None and row.version > seen_versions.get(row.id, -1)
    written = format_number(row.number, prefix=settings.CASE_NUMBER_PREFIX)
    closes_at = _closing(row, now)
    return RowOnScreen(
        number=row.number,
        url=_address().format(written),
        written=_written(written),
        chain=chain(tuple(_marks(row, channels))),
        subject=row.subject,
        language=row.language,
        contact=" · ".join(
            part for part in (row.contact or _("Name unknown"), row.company) if part
        ),
        tags=row.tags[:MOST_TAGS],
        more_tags=max(0, len(row.tags) - MOST_TAGS),
        css=_css(row, now, is_unread=is_unread, is_closing=closes_at is not None),
        is_unread=is_unread,
        waiting_since=row.waiting_since,
        waiting=since(row.waiting_since, now) if row.waiting_since else "",
        assignee=row.assignee,
        initial=row.assignee[:1],
        is_mine=row.assignee_id == user.pk,
        priority=str(Priority(row.priority).label) if row.priority in {"high", "urgent"} else "",
        has_claim=row.has_claim,
        version=row.version,
        is_escalated=row.escalated_at is not None,
        closes_at=closes_at,
        closes=span(closes_at - now) if closes_at else "",
        due=_due(row, now),
        not_before=_not_before(row, now),
        left=_left(row, now),
        has_draft=has_draft,
        missing=_missing(row),
        tongue=_tongue(row.language),
    )


def _left(row: Row, now: datetime) -> int | None:
    """How much of the time is left for what is promised next, in percent; of what is late, all
    of the line is burnt.
    """
    if row.due_at is None or row.clock_began_at is None or row.clock_began_at >= row.due_at:
        return None
    share = (row.due_at - now) / (row.due_at - row.clock_began_at)
    return max(0, min(100, round(share * 100))) if row.due_at > now else 100


def _missing(row: Row) -> str:
    parts = [str(MISSING[part]) for part in row.missing if part in MISSING]
    return _("missing: %(parts)s") % {"parts": enumerated(parts)} if parts else ""


def _tongue(language: str) -> str:
    """The language of a case that is not the viewer's, by its own name."""
    base = language.lower().partition("-")[0]
    own = (get_language() or "").partition("-")[0]
    names = {code.partition("-")[0]: code for code, _name in settings.LANGUAGES}
    return language_name(names[base]) if base in names and base != own else ""


def _due(row: Row, now: datetime) -> SafeString | str:
    """What runs out first: a promise made to the customer, or a clock of the service level."""
    if promised := promise_due(row, now):
        return promised
    return due_in_words(row.due_at, now, clock=CLOCKS.get(row.clock)) if row.due_at else ""


def _closing(row: Row, now: datetime) -> datetime | None:
    """When the vendor's reply window closes, if that is soon."""
    at = row.closes_at
    return at if at is not None and now < at <= now + SOON else None


def _not_before(row: Row, now: datetime) -> str:
    """When a customer in no hurry wants the answer, while that is still to come."""
    at = row.answer_after
    if at is None or at <= now:
        return ""
    local = localtime(at)
    is_today = local.date() == localtime(now).date()
    return date_format(local, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")


def _marks(row: Row, channels: Mapping[int, Channel]) -> list[tuple[str, str]]:
    known = (channels[pk] for pk in row.channel_ids if pk in channels)
    return [(channel.kind, channel.label) for channel in known]


@lru_cache(maxsize=4096)
def chain(marks: tuple[tuple[str, str], ...]) -> SafeString:
    """Channels in order of arrival; the same few chains stand in most rows, so each is kept."""
    inner = format_html_join("", "{}", ((channel_mark(kind, label),) for kind, label in marks))
    return format_html('<span class="chain">{}</span>', inner)


@cache
def _address() -> str:
    """The address of a case with a gap for its number: resolving it for every row is dear."""
    return reverse("dashboard:ticket", args=["-"]).replace("/-/", "/{}/")


def _written(number: str) -> SafeString:
    return format_html('<span class="caseno">{}<b>{}</b></span>', number[:-2], number[-2:])


def _css(row: Row, now: datetime, *, is_unread: bool, is_closing: bool) -> str:
    css = " unread" if is_unread else ""
    if any(at is not None and at <= now for at in (row.due_at, row.promised_at)):
        return css + " is-late"
    is_soon = (row.warn_at is not None and row.warn_at <= now) or row.promised_at is not None
    return css + " is-soon" if is_soon or is_closing else css
