"""Times that somebody names in Chinese, English or Japanese, turned into moments."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tickets.clocks import Calendar

DAY: Final = timedelta(days=1)
_CLOSES: Final = 18 * 60  # when a day's work ends where no calendar says otherwise
_FURTHEST: Final = timedelta(days=31)
_DIGITS: Final = {each: n for n, each in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMBERS: Final = {"half": 0.5, "半": 0.5, "an": 1, "a": 1, "couple of": 2} | {
    word: n
    for n, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        start=1,
    )
}
_MINUTES: Final = {"分": 1, "m": 1, "刻": 15, "小": 60, "钟": 60, "時": 60, "h": 60}
_WEEKDAYS: Final = (
    {each: n for n, each in enumerate("一二三四五六日")}
    | {each: n for n, each in enumerate("月火水木金土")}
    | {"天": 6}
    | {each: n for n, each in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
)
_AHEAD: Final = {"后天": 2, "明後日": 2, "明": 1, "tomorrow": 1, "翌": 1}
# What part of a day ends when, and whether its hours are counted on from noon.
_PARTS: Final = (
    (("凌晨",), 6, False),
    (("早", "朝"), 10, False),
    (("上午", "午前", "morning"), 12, False),
    (("中午", "noon"), 13, True),
    (("下午", "午後", "afternoon"), 18, True),
    (("傍晚", "夕方"), 19, True),
    (("晚", "夜", "evening", "night"), 22, True),
)


@dataclass(frozen=True, slots=True)
class Then:
    """The moment and the place from which a time is counted, and the hours of work there."""

    at: datetime
    zone: ZoneInfo
    calendar: Calendar | None

    @property
    def local(self) -> datetime:
        return self.at.astimezone(self.zone)

    def works_on(self, day: date) -> bool:
        return bool(self.calendar.hours_on(day)) if self.calendar else day.weekday() < 5

    def closing(self, day: date) -> datetime:
        """When the work of a day ends; a day off ends like any other."""
        hours = self.calendar.hours_on(day) if self.calendar else ()
        return self.moment(day, max((each.closes for each in hours), default=_CLOSES))

    def moment(self, day: date, minutes: int) -> datetime:
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return wall.replace(tzinfo=self.zone)


def moment_named(found: re.Match[str], then: Then) -> datetime | None:
    """The moment that a match of a time names, None where it is none or lies in the past.

    Read are the groups n, unit and half of a span, or day, part, h, m, half and ap of a clock.
    """
    said = {name: value for name, value in found.groupdict().items() if value}
    due = _after(said, then) if "unit" in said else _on_a_day(said, then)
    if due is None or not then.at < due <= then.at + _FURTHEST:
        return None
    return due


def _after(said: dict[str, str], then: Then) -> datetime | None:
    number = number_in(said["n"])
    if not number:
        return None
    number += 0.5 if "half" in said else 0
    unit = said["unit"]
    if re.match(r"工作日|営業日|business|working", unit):
        return _working_days(number, then)
    if re.match(r"[天日d]", unit):
        return then.at + number * DAY
    if re.match(r"周|星期|週|week", unit):
        return then.at + number * 7 * DAY
    return then.at + timedelta(minutes=number * _MINUTES[unit[0]])


def _working_days(number: float, then: Then) -> datetime:
    day, left = then.local.date(), max(1, round(number))
    for _ in range(60):
        day += DAY
        left -= then.works_on(day)
        if not left:
            break
    return then.closing(day)


def _on_a_day(said: dict[str, str], then: Then) -> datetime | None:
    named = said.get("day", "")
    day = _day(named, then)
    if day is None:
        return None
    part = next((each for each in _PARTS if _names(each[0], said.get("part", "") or named)), None)
    if "h" in said:
        return _at_clock(said, day, part, then, is_named=bool(named))
    return then.moment(day, part[1] * 60) if part else then.closing(day)


def _names(words: tuple[str, ...], said: str) -> bool:
    return any(word in said for word in words)


def _day(named: str, then: Then) -> date | None:
    today = then.local.date()
    if named.startswith("翌営"):
        return _working_days(1, then).astimezone(then.zone).date()
    ahead = next((n for word, n in _AHEAD.items() if word in named), None)
    if ahead is not None:
        return today + ahead * DAY
    if re.fullmatch(r"(?:本|这|今|this )?(?:周|週|week)", named):
        return today + max(0, 4 - today.weekday()) * DAY
    if re.fullmatch(r"(?:下|来|next )(?:周|週|week)", named):
        return today + (11 - today.weekday()) * DAY
    weekday = re.search(
        r"(?:周|星期|礼拜)([一二三四五六日天])|([月火水木金土日])曜|\b([a-z]{3})", named
    )
    if weekday and (name := next(filter(None, weekday.groups()))) in _WEEKDAYS:
        days = (_WEEKDAYS[name] - today.weekday()) % 7
        if re.match(r"下|来週", named):
            days = _WEEKDAYS[name] - today.weekday() + 7
        return today + days * DAY
    return today


def _at_clock(
    said: dict[str, str],
    day: date,
    part: tuple[tuple[str, ...], int, bool] | None,
    then: Then,
    *,
    is_named: bool,
) -> datetime | None:
    hour = number_in(said["h"])
    if hour is None or hour > 24:
        return None
    minutes = int(hour) * 60 + (30 if "half" in said else int(said.get("m") or said.get("m2") or 0))
    is_late = bool(part and part[2]) or said.get("ap", "").startswith("p")
    if is_late and hour < 12:
        minutes += 12 * 60
    due = then.moment(day, minutes)
    if due > then.at or part or "ap" in said:
        return due
    if hour < 12 and then.moment(day, minutes + 12 * 60) > then.at:
        return then.moment(day, minutes + 12 * 60)  # "before 6" in the afternoon is the evening's
    return None if is_named else then.moment(day + DAY, minutes)


def number_in(written: str) -> float | None:
    """Read a small number in digits or words; None for anything else."""
    if written in _NUMBERS:
        return _NUMBERS[written]
    try:
        return float(written)
    except ValueError:
        pass
    tens, ten, ones = written.partition("十")
    if ten:
        return _DIGITS.get(tens or "一", 0) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return _DIGITS.get(written)
