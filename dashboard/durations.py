"""How long something has lasted, in the one unit that matters."""

from datetime import datetime, timedelta

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def since(start: datetime, now: datetime) -> str:
    """Write how long ago `start` was: "12 min", "3 h", "2 d"."""
    return span(now - start)


def span(lasted: timedelta) -> str:
    """Write a length of time; one that is over is none."""
    lasted = max(lasted, timedelta())
    if lasted >= 2 * DAY:
        return _days(lasted // DAY)
    if lasted >= 2 * HOUR:
        return _hours(lasted // HOUR)
    return _minutes(lasted // MINUTE)


def due_in_words(at: datetime, now: datetime, *, clock: object = None) -> SafeString:
    """Write how much time is left, or how late it is, of which promise where that is known.

    The number moves while the page stands.
    """
    is_late = at <= now
    number = format_html(
        '<b class="num" data-{}="{}">{}</b>',
        "since" if is_late else "until",
        at.isoformat(),
        span(now - at if is_late else at - now),
    )
    if clock:
        words = _("%(clock)s %(span)s late") if is_late else _("%(clock)s in %(span)s")
    else:
        words = _("%(span)s late") if is_late else _("due in %(span)s")
    # The sentence is a translation, hence ours, and the number was written just above.
    return mark_safe(escape(words) % {"span": number, "clock": escape(str(clock))})  # noqa: S308


def promised(minutes: int) -> str:
    """Write a number of minutes exactly: "90 min", "27 h"."""
    hours, rest = divmod(minutes, 60)
    return _hours(hours) if hours > 1 and not rest else _minutes(minutes)


def patterns() -> tuple[str, str, str]:
    """The three ways to write it, longest first, with a zero where the number stands."""
    return _days(0), _hours(0), _minutes(0)


def _days(n: int) -> str:
    return _("%(n)d d") % {"n": n}


def _hours(n: int) -> str:
    return _("%(n)d h") % {"n": n}


def _minutes(n: int) -> str:
    return _("%(n)d min") % {"n": n}
