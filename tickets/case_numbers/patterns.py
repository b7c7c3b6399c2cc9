"""The parts that patterns for case numbers are made of; all of them match folded text.

Repeats give nothing back once they have eaten it (`+` after a quantifier): no text is slow to read.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from tickets.case_numbers import wording
from tickets.case_numbers.digits import LENGTH, LONG_LENGTH
from tickets.case_numbers.folding import NUMERALS
from tickets.case_numbers.wording import class_of

# Nobody quotes more numbers than this: such a text is a log or an attack, and every look costs.
MOST_LOOKS: Final = 1_000


class Sighting(NamedTuple):
    """One place of the folded text that holds a number, or a failed claim to be one."""

    digits: str
    kind: Literal["strong", "weak", "invalid"]
    start: int
    end: int


HAN: Final = class_of("".join(NUMERALS))
DIGIT: Final = "0-9" + HAN
SCANNED: Final = DIGIT + "".join(wording.LETTERS_FOR_DIGITS)  # only after the prefix
SEPARATOR: Final = class_of(wording.SEPARATORS)

# What mail and the web leave in the middle of a number: quoted line ends, tags, entities, escapes.
LINE_END: Final = r"=?\n[>| ]{0,8}+"
MARKUP: Final = r"</?[a-z][^<>\n]{0,60}+>|&[a-z0-9#]{2,8};|%20|%2d"
_GAP: Final = rf"(?:[{SEPARATOR}]{{1,4}}+|{LINE_END}|{MARKUP}){{1,4}}+"

_TO_ASCII: Final = str.maketrans(NUMERALS | wording.LETTERS_FOR_DIGITS)


def promising(alphabet: str) -> str:
    """Return a look-ahead for what may become a number, far cheaper than a full match."""
    rest = rf"[{alphabet}{SEPARATOR}\n>|=]"
    return rf"(?=[{alphabet}](?:{rest}{{{LENGTH - 2}}}|{rest}{{0,{LENGTH}}}[<&%]))"


def ascii_digits(written: str) -> str:
    """Return the ASCII digits of a number as it was matched."""
    plain = re.sub(MARKUP, "", written).translate(_TO_ASCII)
    return "".join(character for character in plain if character.isdigit())


@dataclass(frozen=True, slots=True)
class Writing:
    """How a claimed number may be written in one alphabet of digits; short form before long."""

    exact: tuple[re.Pattern[str], ...]  # the right count in any grouping
    printed: tuple[re.Pattern[str], ...]  # the right count in the groups that we print, or in one
    uniform: re.Pattern[str]  # any count, as far as one separator goes

    @classmethod
    def of(cls, alphabet: str) -> "Writing":
        """Build the patterns for `alphabet`, the inside of a character class."""
        # Eleven digits are not ten and one more; and "2023-11-08 10" of "10:32" is not a number.
        end = rf"(?![{alphabet}]|:[0-9])"
        digit = rf"(?:[{alphabet}]|{_GAP}[{alphabet}])"
        run = rf"[{alphabet}]{{1,16}}+"
        pause = rf"(?: |{LINE_END})?+"
        return cls(
            exact=tuple(
                re.compile(rf"[{alphabet}]{digit}{{{count - 1}}}{end}")
                for count in (LENGTH, LONG_LENGTH)
            ),
            printed=tuple(
                re.compile(
                    rf"(?:[{alphabet}]{{{count}}}"
                    rf"|(?:[{alphabet}]{{4}}{_GAP}){{{count // 4}}}[{alphabet}]{{2}}){end}"
                )
                for count in (LENGTH, LONG_LENGTH)
            ),
            # A letter or a lone asterisk after it: part of some other number, or hidden in part.
            uniform=re.compile(
                rf"{run}(?: ?(?P<separator>[{SEPARATOR}]){pause}{run}"
                rf"(?: ?(?P=separator){pause}{run}){{0,14}}+)?+(?![{alphabet}a-z*])"
            ),
        )


WRITTEN: Final = Writing.of(DIGIT)
WRITTEN_OR_SCANNED: Final = Writing.of(SCANNED)
# Han numerals or letters may follow ASCII digits without belonging to them: "QM4821093710ok".
WRITTEN_IN_ASCII: Final = Writing.of("0-9")
