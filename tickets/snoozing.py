"""When a case that is put aside comes back: times that are offered, all within hours of work."""

from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from .clocks import Calendar

Span = Literal["hour", "evening", "tomorrow", "monday"]
_DAY: Final = timedelta(days=1)
_OPENS: Final = 9 * 60  # where no calendar says otherwise
_CLOSES: Final = 22 * 60
_LATER: Final = timedelta(hours=3)
_FURTHEST: Final = 60  # days in which a day of work is sought


def end_of(span: Span, *, now: datetime, zone: ZoneInfo, calendar: Calendar | None) -> datetime:
    """The moment at which an offered span ends; "later today" after hours is the next morning.

    Days are those of the calendar's zone, or without one of `zone`.
    """
    local = now.astimezone(calendar.zone if calendar else zone)
    today = local.date()
    match span:
        case "hour":
            return now + timedelta(hours=1)
        case "evening":
            later = (local + _LATER).replace(minute=0, second=0, microsecond=0)
            if later.date() == today and later <= _wall(local, today, _closing(today, calendar)):
                return later
            return _opening_from(today + _DAY, local, calendar)
        case "tomorrow":
            return _opening_from(today + _DAY, local, calendar)
        case "monday":
            return _opening_from(today + (7 - today.weekday()) * _DAY, local, calendar)


def _opening_from(day: date, local: datetime, calendar: Calendar | None) -> datetime:
    """When work begins on a day, or on the first one after it on which anybody works."""
    if calendar is None:
        return _wall(local, day, _OPENS)
    for _ in range(_FURTHEST):
        if hours := calendar.hours_on(day):
            return _wall(local, day, min(each.opens for each in hours))
        day += _DAY
    return _wall(local, day, _OPENS)


def _closing(day: date, calendar: Calendar | None) -> int:
    if calendar is None:
        return _CLOSES
    return max((each.closes for each in calendar.hours_on(day)), default=0)


def _wall(local: datetime, day: date, minutes: int) -> datetime:
    return (datetime.combine(day, time()) + timedelta(minutes=minutes)).replace(tzinfo=local.tzinfo)
