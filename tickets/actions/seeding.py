"""Fill calendars with public holidays and make-up working days of the maintained library."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from ..models import DayKind, DaySource, ServiceCalendar, SpecialDay
from .clocks.renewing import mark_stale
from .refusals import Refused

MOVES_DAYS = frozenset({"CN"})  # countries that work on weekends for longer holidays
_AHEAD = timedelta(days=31)  # next year's days are looked for from December on


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the library knew of one year."""

    year: int
    holidays: int
    working: int
    changed: int
    lacks_moved_days: bool


def seed(*, calendar: ServiceCalendar, years: Iterable[int]) -> list[Seeded]:
    """Put the library's days of some years into a calendar; twice does no more than once.

    What was changed by hand stays; what the library takes back goes. Raises
    Refused("no_country") for a calendar or country that the library does not know.
    """
    seeded = []
    with transaction.atomic():
        for year in years:
            known = _library_days(calendar.country, year)
            seeded.append(_seed_year(calendar, year, known))
        if any(each.changed for each in seeded):
            mark_stale()
    return seeded


def seed_due(*, today: date) -> list[Seeded]:
    """Seed this year, and from December on the next one, where nothing final is known of them."""
    years = {today.year, (today + _AHEAD).year}
    seeded = []
    for calendar in ServiceCalendar.objects.exclude(country="").order_by("pk"):
        for year in sorted(years):
            if year in unfinished_years(calendar, years):
                seeded += seed(calendar=calendar, years=[year])
    return seeded


def unfinished_years(calendar: ServiceCalendar, years: Iterable[int]) -> list[int]:
    """Those of `years` of which no days are known yet, or no moved days where they are moved."""
    return [year for year in sorted(set(years)) if _is_unfinished(calendar, year)]


def _is_unfinished(calendar: ServiceCalendar, year: int) -> bool:
    if not calendar.country:
        return False
    days = calendar.days.filter(day__year=year)
    if calendar.country in MOVES_DAYS:
        days = days.filter(kind=DayKind.WORKING)
    return not days.exists()


def _seed_year(
    calendar: ServiceCalendar, year: int, known: dict[date, tuple[DayKind, str]]
) -> Seeded:
    there = {each.day: each for each in calendar.days.filter(day__year=year)}
    changed = 0
    for day, (kind, name) in known.items():
        found = there.get(day) or SpecialDay(calendar=calendar, day=day, source=DaySource.LIBRARY)
        if found.source == DaySource.LIBRARY and (found.kind, found.name) != (kind, name):
            found.kind, found.name = kind, name
            found.save()
            changed += 1
    gone = [d.pk for d in there.values() if d.source == DaySource.LIBRARY and d.day not in known]
    SpecialDay.objects.filter(pk__in=gone).delete()
    kinds = [kind for kind, _name in known.values()]
    working = kinds.count(DayKind.WORKING)
    lacks = calendar.country in MOVES_DAYS and not working
    return Seeded(year, kinds.count(DayKind.HOLIDAY), working, changed + len(gone), lacks)


def _library_days(country: str, year: int) -> dict[date, tuple[DayKind, str]]:
    import holidays  # loading it takes longer than all else that a worker does at its start

    try:
        own = holidays.country_holidays(country).default_language  # else it depends on the machine
        found = holidays.country_holidays(country, years=year, language=own)
    except NotImplementedError:
        raise Refused("no_country", country=country) from None
    days = {day: (DayKind.HOLIDAY, name[:120]) for day, name in found.items()}
    moved = getattr(found, "weekend_workdays", ())
    days |= {day: (DayKind.WORKING, "") for day in moved if day.year == year}
    return dict(sorted(days.items()))
