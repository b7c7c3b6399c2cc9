"""How long something has lasted, in the one unit that matters."""

from datetime import datetime, timedelta

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


def patterns() -> tuple[str, str, str]:
    """The three ways to write it, longest first, with a zero where the number stands."""
    return _days(0), _hours(0), _minutes(0)


def _days(n: int) -> str:
    return _("%(n)d d") % {"n": n}


def _hours(n: int) -> str:
    return _("%(n)d h") % {"n": n}


def _minutes(n: int) -> str:
    return _("%(n)d min") % {"n": n}
