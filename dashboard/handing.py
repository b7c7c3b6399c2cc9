"""The cases of a hand-over, ready to be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tickets.models import Channel, User
from tickets.queries.handover import Passing

from .promised import by_time, left
from .rows import RowOnScreen
from .rows import on_screen as row_on_screen


@dataclass(frozen=True, slots=True)
class PassingOnScreen:
    """One case: its row, what goes with it in words, and the promise's clock."""

    row: RowOnScreen
    what: str
    left: SafeString | str
    is_late: bool
    has_promise: bool
    has_draft: bool
    is_snoozed: bool
    is_closing: bool
    note: str


@dataclass(frozen=True, slots=True)
class Summary:
    cases: int
    promises: int
    drafts: int
    snoozed: int
    closing: int


def on_screen(
    each: Passing, user: User, channels: Mapping[int, Channel], now: datetime, note: str = ""
) -> PassingOnScreen:
    at = each.row.promised_at
    return PassingOnScreen(
        row=row_on_screen(each.row, user, channels, {}, now),
        what=_what(each, now),
        left=left(at, now) if at else "",
        is_late=at is not None and at <= now,
        has_promise=at is not None,
        has_draft=each.has_draft,
        is_snoozed=each.is_snoozed,
        is_closing=each.is_closing,
        note=note,
    )


def summary(found: Sequence[Passing]) -> Summary:
    """How many cases go, and how many of them bring what a successor must know of."""
    return Summary(
        cases=len(found),
        promises=sum(each.row.promised_at is not None for each in found),
        drafts=sum(each.has_draft for each in found),
        snoozed=sum(each.is_snoozed for each in found),
        closing=sum(each.is_closing for each in found),
    )


def _what(each: Passing, now: datetime) -> str:
    said = []
    if each.row.promised_at:
        until = by_time(each.row.promised_at, now)
        said.append(
            _("Promised until %(time)s: %(words)s") % {"time": until, "words": each.promise}
        )
    if each.has_draft:
        said.append(_("a draft goes along"))
    if each.row.snoozed_until:
        said.append(_("snoozed until %(time)s") % {"time": by_time(each.row.snoozed_until, now)})
    return _(", ").join(said)
