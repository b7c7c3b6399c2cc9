"""The demo's stories as they stand in data/*.toml: who writes what where, and who does what.

    [[case]]
    at = "12d 09:40"                 # days ago at a time of day, or how long ago: "95m", "3h20m"
    door = "app"                     # where it begins; "name@mail" in a step goes elsewhere
    team = "mail"                    # with category, priority and tags: how it was sorted
    steps = [
      ["", "陈一", "text [[screenshot.png]]"],
      ["6m", "lin", "an answer"],    # the span is counted from the step before
      ["2m", "lin", "notes", "what only agents see"],
    ]

In texts {number} is the case's number and {number:other} that of the case with `key = "other"`;
.fw, .digits, .cn, .typo after it change how it is written, and {unknown} leads nowhere.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DATA = Path(__file__).parent / "data"
SPAN = re.compile(
    r"(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?"
)
DAY = re.compile(r"(?P<days>\d+)d (?P<hour>\d\d):(?P<minute>\d\d)")
FILES = re.compile(r"\s*\[\[([^\[\]]+)\]\]")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does; the verbs stand in `acts` and `stage`."""

    at: datetime
    who: str
    verb: str
    text: str
    door: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One story. What it is sorted as is empty where nobody has looked at it yet."""

    key: str
    door: str
    steps: tuple[Step, ...]
    subject: str = ""
    company: str = ""
    team: str = ""
    category: str = ""
    priority: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """Every story, and the mail addresses of those who write mails."""

    cases: tuple[Case, ...]
    addresses: dict[str, str]


def read_script(*, now: datetime, zone: str, folder: Path = DATA) -> Script:
    """Read all stories as seen from `now`; what lies in the future has not happened yet."""
    cases: list[Case] = []
    addresses: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        with path.open("rb") as file:
            table = tomllib.load(file)
        addresses |= table.get("addresses", {})
        for number, given in enumerate(table.get("case", [])):
            key = given.get("key", f"{path.stem}-{number}")
            cases.append(_case(key, given, now.astimezone(ZoneInfo(zone))))
    return Script(tuple(cases), addresses)


def _case(key: str, given: dict[str, Any], now: datetime) -> Case:
    begins = moment(given["at"], now)
    return Case(
        key=key,
        door=given["door"],
        steps=tuple(_steps(given["steps"], begins, now)),
        subject=given.get("subject", ""),
        company=given.get("company", ""),
        team=given.get("team", ""),
        category=given.get("category", ""),
        priority=given.get("priority", ""),
        tags=tuple(given.get("tags", ())),
    )


def _steps(given: list[list[str]], at: datetime, now: datetime) -> Iterator[Step]:
    for after, who, *rest in given:
        at += span(after)
        if at > now:
            return
        verb, text = rest if len(rest) == 2 else ("says", rest[0])
        name, _at, door = who.partition("@")
        yield Step(at, name, verb, FILES.sub("", text), door, tuple(FILES.findall(text)))


def moment(text: str, now: datetime) -> datetime:
    """The moment that "12d 09:40" or "3h20m" names. Raises ValueError."""
    day = DAY.fullmatch(text)
    if day is None:
        return now - span(text)
    date = now.date() - timedelta(days=int(day["days"]))
    clock = time(int(day["hour"]), int(day["minute"]))
    return datetime.combine(date, clock, now.tzinfo)


def span(text: str) -> timedelta:
    """The span that "3h20m" names, none for "". Raises ValueError."""
    found = SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"no span of time: {text!r}")
    return timedelta(**{name: int(value) for name, value in found.groupdict().items() if value})
