"""Find the numbers that a text announces as case numbers, by the prefix or by a label."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from tickets.case_numbers import wording
from tickets.case_numbers.digits import LENGTH, LONG_LENGTH, is_valid
from tickets.case_numbers.folding import fold
from tickets.case_numbers.patterns import (
    DIGIT,
    MARKUP,
    MOST_LOOKS,
    SCANNED,
    WRITTEN,
    WRITTEN_IN_ASCII,
    WRITTEN_OR_SCANNED,
    Sighting,
    Writing,
    ascii_digits,
    promising,
)
from tickets.case_numbers.wording import any_of, class_of, maybe_any_of

_PREFIX_JOIN: Final = (
    rf"(?:[{class_of(wording.PREFIX_MARKS)}]{{1,6}}+|{MARKUP}"
    rf"|{maybe_any_of(wording.NUMBER_WORDS)}(?![a-z])){{0,4}}+"
)
_FILLING: Final = (
    rf"(?:[{class_of(wording.FILLING_MARKS)}]{{1,6}}+|{maybe_any_of(wording.FILLING_WORDS)}"
    rf"|[{class_of(wording.FILLING_HAN)}]{{1,12}}+|{maybe_any_of(wording.FILLING_ENGLISH)}(?![a-z])"
    rf"|{MARKUP}|<|\?[a-z_]{{1,12}}=){{0,10}}+"
)
_LABEL: Final = re.compile(
    rf"(?P<noun>{any_of(wording.NOUNS_ALONE + wording.NOUNS_BEFORE_NUMBER)})"
    rf"(?P<number>[ ._-]{{0,2}}{maybe_any_of(wording.NUMBER_WORDS)})?+(?![a-z])"
    rf"{_FILLING}{promising(DIGIT)}"
)
_JOINING: Final = re.compile(
    rf"[{class_of(wording.JOINING_MARKS)}]{{0,4}}+"
    rf"(?:{any_of(wording.JOINING_WORDS)}[{class_of(wording.JOINING_MARKS)}]{{0,4}}+){{1,4}}"
    rf"{promising(DIGIT)}"
)

_NEEDS_NUMBER_WORD: Final = frozenset(fold(noun) for noun in wording.NOUNS_BEFORE_NUMBER)
_FOREIGN_OWNER: Final = re.compile(
    rf"(?:{any_of(wording.FOREIGN_OWNERS)}单?[的の]?"
    rf"|{any_of(wording.CARRIERS)}[^0-9。!?\n]{{0,5}})\Z"
)
_FOREIGN_TICKET: Final = re.compile(rf"(?<![a-z]){any_of(wording.FOREIGN_TICKETS)}[ -]?\Z")
_FOREIGN_REFERENCE: Final = re.compile(
    rf"(?<![a-z]){any_of(wording.FOREIGN_REFERENCES + wording.FOREIGN_TICKETS)}[ -]?\Z"
)
_FOREIGN_REACH: Final = 16  # characters to look back; the longest owner and its link fit in

_AMOUNT: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,4}(?![0-9])")
_PHONE: Final = re.compile(r"[0-9]{3}[- ][0-9]{4}[- ][0-9]{4}(?![0-9])")
_NOT_AFTER: Final = re.compile("[@%]|[a-f]+[0-9]")


@lru_cache(maxsize=16)
def _prefix_pattern(prefix: str) -> re.Pattern[str]:
    letters = "[ .-]?".join(map(re.escape, fold(prefix)))  # also read out letter by letter: "Q M"
    return re.compile(rf"{letters}{_PREFIX_JOIN}{promising(SCANNED)}")


def prefixed(page: str, *, prefix: str, long_form: bool) -> Iterator[Sighting]:
    """Yield the claims made by `prefix` in any case and width, where O and l may be 0 and 1."""
    if not prefix.strip():
        return
    writings = (WRITTEN_OR_SCANNED, WRITTEN_IN_ASCII)
    for match in islice(_prefix_pattern(prefix).finditer(page), MOST_LOOKS):
        seen = _claim(page, match.start(), match.end(), writings, long_form=long_form)
        # "SQM-2000..." is another name, unless the check digits say that only a blank is missing.
        if seen and (seen.kind == "strong" or not _letter_before(page, match.start())):
            yield seen


def labelled(page: str, *, long_form: bool) -> Iterator[Sighting]:
    """Yield the claims made by a label, and the further numbers of "tickets A and B"."""
    return islice(_labelled(page, long_form=long_form), MOST_LOOKS)


def _labelled(page: str, *, long_form: bool) -> Iterator[Sighting]:
    writings = (WRITTEN, WRITTEN_IN_ASCII)
    for match in islice(_LABEL.finditer(page), MOST_LOOKS):
        if not _is_our_label(page, match):
            continue
        digits_start = match.end()
        seen = _claim(page, match.start(), digits_start, writings, long_form=long_form)
        if seen and not _is_something_else(page, digits_start, seen.end):
            yield seen
            yield from _joined(page, seen.end, writings, long_form=long_form)


def _joined(
    page: str, position: int, writings: tuple[Writing, ...], *, long_form: bool
) -> Iterator[Sighting]:
    """Yield the good numbers that share the label of one which ended at `position`."""
    while joining := _JOINING.match(page, position):
        seen = _claim(page, joining.end(), joining.end(), writings, long_form=long_form)
        if seen is None or seen.kind == "invalid":
            return
        yield seen
        position = seen.end


def _is_our_label(page: str, match: re.Match[str]) -> bool:
    noun = match["noun"]
    before = page[max(0, match.start() - _FOREIGN_REACH) : match.start()]
    if noun in _NEEDS_NUMBER_WORD and not match["number"]:
        return False
    if before.endswith(wording.FOREIGN_COMPOUNDS.get(noun, ())):
        return False
    if noun.isascii():
        foreign = _FOREIGN_REFERENCE if noun.startswith("ref") else _FOREIGN_TICKET
        return not (_letter_before(page, match.start()) or foreign.search(before))
    return noun in wording.OWN_NOUNS or not _FOREIGN_OWNER.search(before)


def _letter_before(page: str, position: int) -> bool:
    before = page[max(0, position - 1) : position]
    return before.isascii() and before.isalpha()


def _is_something_else(page: str, start: int, end: int) -> bool:
    """Tell an amount, a telephone number, an address, a share and a hex id from a case number."""
    return bool(
        _AMOUNT.match(page, start) or _PHONE.match(page, start) or _NOT_AFTER.match(page, end)
    )


def _claim(
    page: str, start: int, digits_start: int, writings: tuple[Writing, ...], *, long_form: bool
) -> Sighting | None:
    """Read the number claimed at `digits_start`, good or bad; None if it cannot be meant as one."""
    lengths = 2 if long_form else 1
    exact = [pattern for writing in writings for pattern in writing.exact[:lengths]]
    for pattern in exact:
        if (match := pattern.match(page, digits_start)) and is_valid(
            digits := ascii_digits(match[0])
        ):
            return Sighting(digits, "strong", start, match.end())
    printed = [pattern for writing in writings for pattern in writing.printed[:lengths]]
    for pattern in (*printed, writings[0].uniform):
        if (match := pattern.match(page, digits_start)) and _could_be_meant(
            match[0], long_form=long_form
        ):
            return Sighting(ascii_digits(match[0]), "invalid", start, match.end())
    return None


def _could_be_meant(written: str, *, long_form: bool) -> bool:
    digits = ascii_digits(written)
    letters = sum(written.count(letter) for letter in wording.LETTERS_FOR_DIGITS)
    return (
        any(abs(len(digits) - length) <= 1 for length in (LENGTH, LONG_LENGTH)[: 1 + long_form])
        and letters <= 4  # more of them is a word, fewer a bad scan
        and len(set(digits)) > 1  # one digit all along is a placeholder
    )
