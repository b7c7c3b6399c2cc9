"""Find the ten good digits that stand in a text without any announcement."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from tickets.case_numbers import wording
from tickets.case_numbers.digits import LENGTH, LONG_LENGTH, is_valid
from tickets.case_numbers.patterns import (
    DIGIT,
    HAN,
    LINE_END,
    MOST_LOOKS,
    SEPARATOR,
    Sighting,
    ascii_digits,
)
from tickets.case_numbers.wording import any_of

_NOT_BEFORE: Final = re.compile(rf"(?:{any_of(wording.CURRENCIES)} ?|\+(?:[0-9]{{1,2}} )?)\Z")
# Names of files, ids of other systems, decimals; but "OM-4821-0937-10" is a prefix gone wrong.
_NOT_BEFORE_RUN: Final = re.compile(r"(?:[a-z][-_]|(?<![0-9])[0-9]{1,3},)\Z")
# The last groups of a card or account.
_NOT_BEFORE_SPACED: Final = re.compile(r"[0-9]{3} \Z")
_NOT_AFTER_RUN: Final = re.compile(
    rf"\.[0-9]|,[0-9]{{1,3}}(?![0-9])| ?{any_of(wording.UNITS)}(?![a-z])"
)


def _pattern(*lengths: int) -> re.Pattern[str]:
    """Return the pattern for numbers of `lengths`, in one run or in the groups that we print."""
    runs = "|".join(
        rf"[{DIGIT}]{{{length - 1}}}(?![{DIGIT}])|[0-9]{{{length - 1}}}(?![0-9])"
        for length in lengths
    )
    pause = rf"(?: |{LINE_END})?+"
    more_fours = rf"(?:[{DIGIT}]{{4}} ?(?P=separator){pause}){{1,{len(lengths)}}}+"
    groups = (
        rf"[{DIGIT}]{{3}} ?(?P<separator>[{SEPARATOR}]){pause}"
        rf"{more_fours}[{DIGIT}]{{2}}(?![{DIGIT}])"
    )
    # A pattern that begins with one class is searched fastest; a very long run is eaten at once
    # instead of being looked at from each of its digits.
    return re.compile(
        rf"[{DIGIT}](?<![0-9a-z].)(?:(?<=[0-9])[0-9]{{50,}}+"
        rf"|(?=[{DIGIT}]{{3}}[{DIGIT}{SEPARATOR}])(?<![0-9][-.:_].)(?<![{HAN}][{HAN}])"
        rf"(?P<body>{runs}|{groups})(?![a-z@%]|[-_:][0-9a-z]))"
    )


_SHORT: Final = _pattern(LENGTH)
_SHORT_OR_LONG: Final = _pattern(LENGTH, LONG_LENGTH)


def bare(page: str, *, long_form: bool) -> Iterator[Sighting]:
    """Yield the good numbers written plainly or as printed that are no part of something longer."""
    pattern = _SHORT_OR_LONG if long_form else _SHORT
    candidates = (match for match in pattern.finditer(page) if match["body"])
    for match in islice(candidates, MOST_LOOKS):
        digits = ascii_digits(match[0])
        if is_valid(digits) and not _is_something_else(page, match):
            yield Sighting(digits, "weak", match.start(), match.end())


def _is_something_else(page: str, match: re.Match[str]) -> bool:
    before = page[max(0, match.start() - 5) : match.start()]
    separator = match["separator"]
    if separator is None and (
        _NOT_BEFORE_RUN.search(before) or _NOT_AFTER_RUN.match(page, match.end())
    ):
        return True
    if separator == " " and _NOT_BEFORE_SPACED.search(before):
        return True
    return bool(_NOT_BEFORE.search(before))
