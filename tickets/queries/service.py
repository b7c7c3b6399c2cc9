"""What was promised: policies and calendars, read whole, for they are few and decide together."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tickets.clocks import Calendar, Hours, Rule, most_specific, parse_hours
from tickets.models import ClockKind, DayKind, ServiceCalendar, ServicePolicy, SpecialDay


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy that counts for a case, its calendar, and what of the case it asked for."""

    policy: ServicePolicy
    calendar: Calendar
    by: tuple[str, ...]

    def promised(self, kind: str) -> timedelta | None:
        """How long a clock of this kind runs; None where it does not run."""
        minutes = {
            ClockKind.FIRST_RESPONSE: self.policy.first_response_minutes,
            ClockKind.NEXT_RESPONSE: self.policy.next_response_minutes,
            ClockKind.RESOLUTION: self.policy.resolution_minutes,
        }[ClockKind(kind)]
        return None if minutes is None else timedelta(minutes=minutes)


class Day(NamedTuple):
    """What a special day is, and its own hours where it has any."""

    kind: str
    hours: str


Days = Mapping[date, Day]


class Book:
    """Every policy and every calendar, as they stand now."""

    def __init__(self, policies: list[ServicePolicy], days: Mapping[int, Days]) -> None:
        self._policies = {policy.pk: policy for policy in policies}
        self._days = days
        self._calendars: dict[int, Calendar] = {}

    @cached_property
    def _rules(self) -> list[Rule]:
        return [
            Rule(pk, each.plan, each.channel_id, each.priority)
            for pk, each in self._policies.items()
        ]

    def terms_for(self, *, plan: str, channel: int | None, priority: str) -> Terms | None:
        """The terms of the most specific policy; None where no policy holds."""
        found = most_specific(self._rules, plan=plan, channel=channel, priority=priority)
        if found is None:
            return None
        policy = self._policies[found.rule.key]
        return Terms(policy, self._calendar(policy.calendar), found.by)

    def _calendar(self, row: ServiceCalendar) -> Calendar:
        if row.pk not in self._calendars:
            self._calendars[row.pk] = as_calendar(row, self._days.get(row.pk, {}))
        return self._calendars[row.pk]


def read_book() -> Book:
    """Read policies, calendars and special days in two queries."""
    days: dict[int, dict[date, Day]] = defaultdict(dict)
    for calendar, day, *facts in SpecialDay.objects.values_list("calendar", "day", *Day._fields):
        days[calendar][day] = Day(*facts)
    return Book(list(ServicePolicy.objects.select_related("calendar")), days)


def read_calendar(row: ServiceCalendar) -> Calendar:
    """One calendar for arithmetic."""
    days = row.days.values_list("day", *Day._fields)
    return as_calendar(row, {day: Day(*facts) for day, *facts in days})


def as_calendar(row: ServiceCalendar, days: Days) -> Calendar:
    """A calendar for arithmetic, of a row and its special days."""
    week = tuple(parse_hours(text) for text in row.week)
    special = {
        day: _hours(each, week) for day, each in days.items() if each.kind != DayKind.ORDINARY
    }
    known = frozenset(day.year for day in days) if row.country else None
    return Calendar(ZoneInfo(row.time_zone), week, special, known)


def _hours(day: Day, week: tuple[tuple[Hours, ...], ...]) -> tuple[Hours, ...]:
    if day.kind == DayKind.HOLIDAY:
        return ()
    return parse_hours(day.hours) or next(hours for hours in week if hours)
