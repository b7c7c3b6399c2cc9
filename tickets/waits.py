"""What may honestly be said about waiting for a first answer, from the waits of late. Pure."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final

from .clocks import Calendar

FEWEST: Final = 5  # answers below which nothing is said
OF_LATE: Final = timedelta(hours=3)  # business time that counts as "now"
CLEARLY_LESS: Final = 0.8  # of the present wait, or a later hour is not worth waiting for
BUSY: Final = 1.4  # times the usual hour
MOST_CALM: Final = 3  # times offered to people in no hurry
FIRST_CALM: Final = timedelta(hours=1)  # from now
APART: Final = timedelta(hours=2)
DAYTIME: Final = range(8, 22)  # hours at which people like to be answered


@dataclass(frozen=True, slots=True)
class Asked:
    """A case: when it came, when it was first answered (or not yet)."""

    at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Better:
    """An hour later today in which people usually wait less than now."""

    begins: datetime
    within: timedelta


@dataclass(frozen=True, slots=True)
class HourFigure:
    """How much comes in within one hour of a day, as a share of the busiest one."""

    hour: int
    share: float
    is_busy: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What can be said at a moment; None and empty where the figures do not carry it.

    `typical` is what half of the people wait at most, `most` what four of five do, in business
    time. `opens_at` is when somebody is at work again, None while somebody is. `calm` are times
    for those in no hurry. `at` stands in the zone of the calendar, and so do `hours`.
    """

    at: datetime
    typical: timedelta | None = None
    most: timedelta | None = None
    opens_at: datetime | None = None
    is_peak: bool = False
    better: Better | None = None
    calm: tuple[datetime, ...] = ()
    hours: tuple[HourFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wait:
    """One case in business time: the moment it could be answered from, and how long it took."""

    begins: datetime
    lasted: timedelta
    is_over: bool


def waiting(asked: Iterable[Asked], calendar: Calendar, *, now: datetime) -> Waiting:
    """What to say now, from the cases of the last weeks and the hours that are kept."""
    waits = _waits(list(asked), calendar, now)
    by_hour = _by_hour(waits, calendar)
    arrivals = _arrivals(waits, calendar)
    opens_at = _opening(calendar, now)
    since = opens_at or now
    typical, most = _at(waits, by_hour, calendar, since, now)
    busy = _busy(arrivals)
    return Waiting(
        at=now.astimezone(calendar.zone),
        typical=typical,
        most=most,
        opens_at=opens_at,
        is_peak=opens_at is None and _hour(now, calendar) in busy,
        better=_better(by_hour, calendar, now, typical) if opens_at is None else None,
        calm=tuple(_calm(calendar, now, busy)),
        hours=_figures(arrivals, busy),
    )


def expected(waits: Sequence[timedelta]) -> tuple[timedelta, timedelta] | None:
    """The half-way wait and the one that four of five stay below; None for too few."""
    if len(waits) < FEWEST:
        return None
    ordered = sorted(waits)
    return ordered[len(ordered) // 2], ordered[-(-len(ordered) * 4 // 5) - 1]


class _Open:
    """The open stretches of some weeks, laid out once: to ask the calendar each time is dear."""

    def __init__(self, calendar: Calendar, first: datetime, last: datetime) -> None:
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._before: list[timedelta] = []
        passed = timedelta()
        for stretch in calendar.open_from(first):
            self._starts.append(stretch.start)
            self._ends.append(stretch.end)
            self._before.append(passed)
            passed += stretch.end - stretch.start
            if stretch.start > last:
                break

    def begins(self, at: datetime) -> datetime:
        """The first open moment from `at` on."""
        return max(at, self._starts[bisect_right(self._ends, at)])

    def passed(self, at: datetime) -> timedelta:
        """How much open time lies before `at`."""
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return timedelta()
        return self._before[place] + min(at, self._ends[place]) - self._starts[place]


def _waits(asked: Sequence[Asked], calendar: Calendar, now: datetime) -> list[_Wait]:
    open_ = _Open(calendar, min((each.at for each in asked), default=now), now)
    return [
        _Wait(
            begins=open_.begins(each.at),
            lasted=open_.passed(each.answered_at or now) - open_.passed(each.at),
            is_over=each.answered_at is not None,
        )
        for each in asked
    ]


def _by_hour(waits: Iterable[_Wait], calendar: Calendar) -> dict[tuple[int, int], list[timedelta]]:
    """The waits that are over, by weekday and hour."""
    found: dict[tuple[int, int], list[timedelta]] = defaultdict(list)
    for each in waits:
        if each.is_over:
            local = each.begins.astimezone(calendar.zone)
            found[local.weekday(), local.hour].append(each.lasted)
    return found


def _usual(
    by_hour: dict[tuple[int, int], list[timedelta]], local: datetime
) -> tuple[timedelta, timedelta] | None:
    """What is usual at an hour: of this weekday where that is enough, else of every day."""
    same = expected(by_hour.get((local.weekday(), local.hour), []))
    if same is not None:
        return same
    return expected(
        [w for (_, hour), waits in by_hour.items() if hour == local.hour for w in waits]
    )


def _at(
    waits: Sequence[_Wait],
    by_hour: dict[tuple[int, int], list[timedelta]],
    calendar: Calendar,
    since: datetime,
    now: datetime,
) -> tuple[timedelta | None, timedelta | None]:
    """What to expect from `since` on: the usual of that hour, or worse where today is worse.

    Whoever still waits counts with what they have waited so far: else the longest waits of a bad
    hour would be missing just while it is bad.
    """
    usual = _usual(by_hour, since.astimezone(calendar.zone))
    of_late = [w.lasted for w in waits if w.begins >= _recently(calendar, now) and _tells(w, usual)]
    today = expected(of_late)
    if usual is None:
        return today or (None, None)
    if today is None:
        return usual
    return max(usual[0], today[0]), max(usual[1], today[1])


def _tells(wait: _Wait, usual: tuple[timedelta, timedelta] | None) -> bool:
    """A wait under way says something only once it is longer than the usual one."""
    return wait.is_over or (usual is not None and wait.lasted > usual[0])


def _recently(calendar: Calendar, now: datetime) -> datetime:
    """Since when "now" lasts: OF_LATE of business time today, or since the day began."""
    return max(now - OF_LATE, _midnight(now.astimezone(calendar.zone).date(), calendar))


def _better(
    by_hour: dict[tuple[int, int], list[timedelta]],
    calendar: Calendar,
    now: datetime,
    typical: timedelta | None,
) -> Better | None:
    """The first hour later today in which four of five wait clearly less than half do now."""
    if typical is None:
        return None
    for begins in _hours_today(calendar, now):
        usual = _usual(by_hour, begins.astimezone(calendar.zone))
        if usual is not None and usual[1] < typical * CLEARLY_LESS:
            return Better(begins, usual[1])
    return None


def _hours_today(calendar: Calendar, now: datetime) -> Iterable[datetime]:
    """The full hours still to come today at which somebody is at work."""
    local = now.astimezone(calendar.zone)
    for hour in range(local.hour + 1, 24):
        begins = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
        if _is_open(calendar, begins):
            yield begins


def _calm(calendar: Calendar, now: datetime, busy: frozenset[int]) -> list[datetime]:
    """The next times with little to do: two today at most, then the next day's."""
    found: list[datetime] = []
    for begins in _hours_today(calendar, now):
        is_far = not found or begins - found[-1] >= APART
        is_calm = begins.hour in DAYTIME and begins.hour not in busy
        if begins - now >= FIRST_CALM and is_calm and is_far:
            found.append(begins)
    found = found[: MOST_CALM - 1]
    while len(found) < MOST_CALM:
        found.append(_next_morning(calendar, found[-1] if found else now, now, busy))
    return found


def _next_morning(
    calendar: Calendar, last: datetime, now: datetime, busy: frozenset[int]
) -> datetime:
    """The first calm hour of the next working day after the later of two moments."""
    day = max(last, now).astimezone(calendar.zone).date() + timedelta(days=1)
    opens = next(calendar.open_from(_midnight(day, calendar))).start.astimezone(calendar.zone)
    hour = opens.replace(minute=0) + timedelta(hours=1 if opens.minute or opens.hour == 0 else 0)
    for later in range(14):
        begins = hour + timedelta(hours=later)
        if begins.hour in DAYTIME and begins.hour not in busy and _is_open(calendar, begins):
            return begins
    return opens


def _is_open(calendar: Calendar, at: datetime) -> bool:
    return next(calendar.open_from(at)).start <= at


def _opening(calendar: Calendar, now: datetime) -> datetime | None:
    opens = next(calendar.open_from(now)).start
    return None if opens <= now else opens.astimezone(calendar.zone)


def _hour(at: datetime, calendar: Calendar) -> int:
    return at.astimezone(calendar.zone).hour


def _midnight(day: date, calendar: Calendar) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=calendar.zone).astimezone(UTC)


def _arrivals(waits: Iterable[_Wait], calendar: Calendar) -> Counter[int]:
    return Counter(_hour(each.begins, calendar) for each in waits)


def _busy(arrivals: Counter[int]) -> frozenset[int]:
    """The hours of a day in which clearly more comes in than in the others."""
    if sum(arrivals.values()) < FEWEST * max(1, len(arrivals)):
        return frozenset()
    usual = median(arrivals.values())
    return frozenset(hour for hour, count in arrivals.items() if count >= usual * BUSY)


def _figures(arrivals: Counter[int], busy: frozenset[int]) -> tuple[HourFigure, ...]:
    if not busy:
        return ()
    top = max(arrivals.values())
    hours = range(min(arrivals), max(arrivals) + 1)
    return tuple(HourFigure(hour, arrivals[hour] / top, hour in busy) for hour in hours)
