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
from django.utils.translation import gettext as _

from tickets.case_numbers import format_number
from tickets.models import Channel, Priority, User
from tickets.queries.rows import Row
from tickets.queries.windows import SOON

from .durations import due_in_words, since, span
from .glyphs import channel_mark

MOST_TAGS = 3


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


def on_screen(
    row: Row,
    user: User,
    channels: Mapping[int, Channel],
    seen_versions: Mapping[int, int],
    now: datetime,
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
        due=due_in_words(row.due_at, now) if row.due_at else "",
        not_before=_not_before(row, now),
    )


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
    if row.due_at is not None and row.due_at <= now:
        return css + " is-late"
    is_soon = row.warn_at is not None and row.warn_at <= now
    return css + " is-soon" if is_soon or is_closing else css
