"""Opening hours of a day as people write them: `9-12, 13:00-18:00`, `22:00-06:00`, `0-24`."""

import re
from dataclasses import dataclass

DAY_MINUTES = 24 * 60
_TIME = r"(\d{1,2})(?:[:：](\d{2}))?"
_HOURS = re.compile(rf"{_TIME}\s*[-–—~～至]\s*{_TIME}")
_BETWEEN = re.compile(r"[,，、;；]")


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """One stretch of a day in minutes since its midnight; what ends next morning ends above 1440.

    Raises ValueError where it does not begin within the day or lasts longer than one.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY_MINUTES and 0 < self.closes - self.opens <= DAY_MINUTES):
            raise ValueError("hours begin within their day and last at most a day")

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


def parse_hours(text: str) -> tuple[Hours, ...]:
    """The stretches of a day, in order; an empty text is a closed day.

    An end at or before the beginning is on the next morning. Raises ValueError.
    """
    parts = [part.strip() for part in _BETWEEN.split(text)]
    return tuple(sorted(_stretch(part) for part in parts if part))


def write_hours(hours: tuple[Hours, ...]) -> str:
    """The opposite of `parse_hours`."""
    return ", ".join(map(str, hours))


def _stretch(text: str) -> Hours:
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f"no opening hours: {text!r}")
    opens = _minutes(found[1], found[2])
    closes = _minutes(found[3], found[4])
    if opens == closes:
        raise ValueError(f"begins and ends at once: {text!r}")
    return Hours(opens, closes if closes > opens else closes + DAY_MINUTES)


def _minutes(hour: str, minute: str | None) -> int:
    minutes = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or minutes > DAY_MINUTES:
        raise ValueError(f"no time of day: {hour}:{minute}")
    return minutes


def _clock(minutes: int) -> str:
    past_midnight = minutes > DAY_MINUTES
    hour, minute = divmod(minutes - DAY_MINUTES if past_midnight else minutes, 60)
    return f"{hour:02}:{minute:02}"
