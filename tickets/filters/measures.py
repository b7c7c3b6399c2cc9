"""Lengths of time, days and case numbers as they stand in filters: read, written, understood."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tickets.case_numbers import parse_one

from .terms import clean, fold
from .vocabulary import UNIT_SAID, UNITS, shown

_COMPARED = re.compile(r"(>=|<=|≥|≤|>|<|)\s*(.+)")
_SPAN = re.compile(r"(\d{1,4})\s*([^\W\d_]+)")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SIGNS = {"≥": ">=", "≤": "<="}
_WHOLE = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
RANGE = ".."


@dataclass(frozen=True, slots=True)
class Measure:
    """A comparison with a length of time or a day, or a stretch from day to day."""

    sign: str
    span: timedelta | None = None
    day: date | None = None
    until: date | None = None


def measure(value: str) -> Measure | None:
    """What a canonical value such as ">5m", "<=2026-11-01", "2026-11-01..2026-11-05" means."""
    sign, rest = _split(value)
    if found := re.fullmatch(r"(\d{1,4})([mhdw])", rest):
        return Measure(sign, span=int(found[1]) * _WHOLE[found[2]])
    first, _dots, last = rest.partition(RANGE)
    day, until = _day(first), _day(last) if last else None
    return Measure(sign, day=day, until=until) if day and (until or not last) else None


def read_span(said: str, *, bare: str) -> str | None:
    """The canonical form of a length of time; `bare` is the sign where none was said."""
    sign, rest = _split(said)
    found = _SPAN.fullmatch(rest)
    unit = UNIT_SAID.get(fold(found[2])) if found else None
    return f"{(sign or bare)[0]}{int(found[1])}{unit}" if found and unit else None


def read_moment(said: str) -> str | None:
    """The canonical form of a day, a stretch of days or a length of time up to now."""
    sign, rest = _split(said)
    first, dots, last = rest.partition(RANGE)
    if dots and not sign:
        begin, end = _day(first), _day(last)
        return f"{begin}{RANGE}{end}" if begin and end and begin <= end else None
    day = _day(rest)
    return f"{sign}{day}" if day else read_span(said, bare="<")


def read_number(said: str, prefix: str) -> str | None:
    return parse_one(said, prefix=prefix)


def show_measure(value: str, language: str) -> str:
    """A canonical value with the unit of a language; days are the same in all."""
    sign, rest = _split(value)
    found = re.fullmatch(r"(\d{1,4})([mhdw])", rest)
    return f"{sign}{found[1]}{shown(UNITS[found[2]], language)}" if found and language else value


def _split(said: str) -> tuple[str, str]:
    found = _COMPARED.fullmatch(clean(said))
    return (_SIGNS.get(found[1], found[1]), found[2]) if found else ("", "")


def _day(said: str) -> date | None:
    found = _DAY.fullmatch(said.strip())
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
    # The days around it must be days, too.
    return day if day and 1900 <= day.year <= 9000 else None
