"""Add business time to a moment, and count what has passed; pauses do not count."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from .calendar import Calendar, Stretch

Pause = tuple[datetime, datetime | None]  # one without an end still lasts

_EVER = datetime.max.replace(tzinfo=UTC)


def add(
    calendar: Calendar, start: datetime, duration: timedelta, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """The first moment at which `duration` of open, unpaused time has passed since `start`.

    None where a pause that still lasts comes first. Raises ValueError for a negative duration.
    """
    if duration < timedelta():
        raise ValueError("clocks do not run backwards")
    if not duration:
        return start.astimezone(UTC)
    left = duration
    for stretch in _counted(calendar, start, pauses):
        lasts = stretch.end - stretch.start
        if lasts >= left:
            return stretch.start + left
        left -= lasts
    return None


def elapsed(
    calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Pause] = ()
) -> timedelta:
    """How much open, unpaused time lies between two moments; none where `end` comes first."""
    passed = timedelta()
    for stretch in _counted(calendar, start, pauses):
        if stretch.start >= end:
            break
        passed += min(stretch.end, end) - stretch.start
    return passed


def _counted(calendar: Calendar, start: datetime, pauses: Iterable[Pause]) -> Iterator[Stretch]:
    """What counts from `start` on, in order; it ends where a pause does not."""
    waiting = _in_order(pauses)
    for stretch in calendar.open_from(start):
        begins = stretch.start
        while waiting and waiting[0][1] <= begins:
            waiting.pop(0)
        for paused, resumed in waiting:
            if paused >= stretch.end:
                break
            if paused > begins:
                yield Stretch(begins, paused)
            begins = max(begins, resumed)
        if begins == _EVER:
            return
        if begins < stretch.end:
            yield Stretch(begins, stretch.end)


def _in_order(pauses: Iterable[Pause]) -> list[tuple[datetime, datetime]]:
    """The pauses in order, those that overlap or touch made one."""
    joined: list[tuple[datetime, datetime]] = []
    for paused, end in sorted((begin, end or _EVER) for begin, end in pauses):
        if joined and paused <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > paused:
            joined.append((paused, end))
    return joined
