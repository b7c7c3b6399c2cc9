"""What was promised on a case, as its page shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tickets.models import Clock

from .durations import due_in_words
from .words import terms_in_words


@dataclass(frozen=True, slots=True)
class Promise:
    """One clock: what for, how long still, whether that is soon or over, and by which terms."""

    name: str
    due_at: datetime | None
    due: SafeString | str
    css: str
    terms: str
    missing_years: str


def promises(clocks: Iterable[Clock], now: datetime) -> list[Promise]:
    """Put the running clocks of a case into words; one that stands still is not due."""
    return [_promise(clock, now) for clock in clocks]


def _promise(clock: Clock, now: datetime) -> Promise:
    at = clock.due_at
    return Promise(
        name=str(clock.get_kind_display()),
        due_at=at,
        due=due_in_words(at, now) if at else _("paused"),
        css=_css(clock, now),
        terms=terms_in_words(clock.why),
        missing_years=", ".join(map(str, clock.why.get("missing_years", ()))),
    )


def _css(clock: Clock, now: datetime) -> str:
    if clock.due_at is None:
        return ""
    if clock.due_at <= now:
        return "is-late"
    return "is-soon" if clock.warn_at is not None and clock.warn_at <= now else ""
