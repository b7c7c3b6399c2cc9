"""Read case numbers out of whatever a customer typed, said, scanned, copied or quoted.

A number counts for how it is announced: after the prefix or a label it is *strong* when its check
digits hold and *invalid* when they do not; ten good digits alone are *weak*; all else is nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from tickets.case_numbers.bare import bare
from tickets.case_numbers.claims import labelled, prefixed
from tickets.case_numbers.digits import is_valid
from tickets.case_numbers.folding import fold, offsets
from tickets.case_numbers.patterns import DIGIT, SEPARATOR, Sighting, ascii_digits

_ONLY_DIGITS: Final = re.compile(rf"[{DIGIT}{SEPARATOR}\n]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A valid number and the span of its evidence: from its prefix or label to its last digit."""

    number: str
    strength: Literal["strong", "weak"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Invalid:
    """Digits that claim to be a case number but fail the check, or are one too few or too many."""

    digits: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: distinct numbers and distinct failed claims, each by first appearance."""

    found: tuple[Found, ...]
    invalid: tuple[Invalid, ...]


def read(text: str, *, prefix: str = "QM", long_form: bool = False) -> Reading:
    """Return the case numbers in `text` and the failed claims to be one; never raises.

    With `long_form` the fourteen-digit numbers are read too; without it they are nothing.
    """
    page = fold(text)
    sightings = [
        *prefixed(page, prefix=prefix, long_form=long_form),
        *labelled(page, long_form=long_form),
        *bare(page, long_form=long_form),
    ]
    if not sightings:
        return Reading((), ())
    original = offsets(text, page)
    return _summary(
        seen._replace(start=original(seen.start), end=original(seen.end - 1) + 1)
        for seen in sorted(sightings, key=lambda seen: seen.start)
    )


def _summary(sightings: Iterable[Sighting]) -> Reading:
    found: dict[str, Found] = {}
    invalid: dict[str, Invalid] = {}
    for digits, kind, start, end in sightings:
        if kind == "invalid":
            invalid.setdefault(digits, Invalid(digits, start, end))
        elif digits not in found or (kind == "strong" and found[digits].strength == "weak"):
            found[digits] = Found(digits, kind, start, end)
    return Reading(tuple(found.values()), tuple(invalid.values()))


def parse_one(text: str, *, prefix: str = "QM") -> str | None:
    """Return the one number that `text`, say a search box, holds in any writing, or else None."""
    found = read(text, prefix=prefix, long_form=True).found
    if found:
        return found[0].number if len(found) == 1 else None
    # Alone in its box a number needs no announcement, however it is grouped.
    page = fold(text).strip()
    digits = ascii_digits(page) if _ONLY_DIGITS.fullmatch(page) else ""
    return digits if is_valid(digits) else None
