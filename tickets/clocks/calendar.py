"""A calendar of business hours: a week, a time zone, and the days that are unlike their weekday."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from .hours import Hours

_DAY = timedelta(days=1)


class NeverOpen(ValueError):
    """The week has no hours at all, so that no clock would ever end."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """An open stretch of time, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody is at work. Raises NeverOpen for a week without hours.

    `week` begins with Monday. `days` are holidays (no hours) and make-up working days (their own).
    `known_years` are the years whose special days are known; None where none are needed.
    """

    zone: ZoneInfo
    week: tuple[tuple[Hours, ...], ...]
    days: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    known_years: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        if not any(self.week):
            raise NeverOpen("a calendar needs hours on some weekday")

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """The hours that begin on a day."""
        special = self.days.get(day)
        return self.week[day.weekday()] if special is None else special

    def open_from(self, start: datetime) -> Iterator[Stretch]:
        """What is open from `start` on: in order, without overlaps, without end."""
        covered = start.astimezone(UTC)
        first = start.astimezone(self.zone).date() - _DAY  # last night's hours may reach into today
        for n in count():
            for opens, closes in self._instants(first + n * _DAY):
                if closes > covered:
                    yield Stretch(max(opens, covered), closes)
                    covered = closes

    def missing_years(self, start: datetime, end: datetime) -> list[int]:
        """The years from `start` to `end` of which nobody knows the special days."""
        if self.known_years is None:
            return []
        first, last = start.astimezone(self.zone).year, end.astimezone(self.zone).year
        return [year for year in range(first, last + 1) if year not in self.known_years]

    def _instants(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time())
        for hours in sorted(self.hours_on(day)):
            opens = midnight + timedelta(minutes=hours.opens)
            closes = midnight + timedelta(minutes=hours.closes)
            yield _instant(opens, self.zone, fold=0), _instant(closes, self.zone, fold=1)


def _instant(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    """When a clock on the wall shows this.

    Of a time shown twice it is the first (`fold` 0) or the last; one that is skipped is the
    moment of the skip.
    """
    before = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if after < before:  # skipped: by the old offset it is too late, by the new one too early
        return _skip_between(after, before, zone)
    return after if fold else before


def _skip_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
