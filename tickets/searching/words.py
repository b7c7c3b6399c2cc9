"""Fold a text and cut it into words: whole ones of alphabets, overlapping pairs of CJK characters.

A word has the same place in the index and in a question, so that phrases can be asked for.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from tickets.triage.folding import simpler

MOST_READ: Final = 40_000  # characters of one text
MOST_PLACES: Final = 16_000  # PostgreSQL counts words up to 16383
LONGEST_WORD: Final = 60
_CJK: Final = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
LETTER: Final = rf"[^\W_{_CJK}]"  # of an alphabet, or a digit
_RUN: Final = re.compile(rf"[{_CJK}]+|{LETTER}+")
_IS_CJK: Final = re.compile(f"[{_CJK}]")
_VOICED: Final = "\uff9e\uff9f\u3099\u309a"  # marks that belong to the character before
_KATAKANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}

Weight = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in one writing; `origin[i]` is where its character i came from."""

    text: str
    origin: list[int]


@dataclass(frozen=True, slots=True)
class Word:
    """A word at its place. `is_tail` is the single character at the end of a run of CJK."""

    text: str
    place: int
    is_tail: bool = False


@dataclass(frozen=True, slots=True)
class Lexemes:
    """A stretch of text and what it weighs, A most."""

    text: str
    weight: Weight = "D"


def is_cjk(text: str) -> bool:
    """Whether a run is of characters that know no spaces."""
    return _IS_CJK.match(text) is not None


def folded(text: str) -> Folded:
    """Lower case, one width, simplified characters, one kana, no accents; with its places."""
    letters: list[str] = []
    origin: list[int] = []
    index, end = 0, min(len(text), MOST_READ)
    while index < end and len(letters) < MOST_READ:
        size = 2 if index + 1 < end and text[index + 1] in _VOICED else 1
        for letter in _folded(text[index : index + size]):
            letters.append(letter)
            origin.append(index)
        index += size
    return Folded("".join(letters), origin)


def runs(text: str) -> Iterator[re.Match[str]]:
    """The runs of a folded text that are made of one sort of letters."""
    return _RUN.finditer(text)


def words(text: str, *, first: int = 1) -> Iterator[Word]:
    """The words of a folded text with their places, as far as an index counts."""
    place = first
    for run in _RUN.finditer(text):
        letters = run.group()
        if not is_cjk(letters):
            yield Word(letters[:LONGEST_WORD], place)
            place += 1
        else:
            for index in range(len(letters) - 1):
                yield Word(letters[index : index + 2], place + index)
            place += len(letters)
            yield Word(letters[-1], place - 1, is_tail=True)
        if place >= MOST_PLACES:
            return


def vector(parts: Iterable[Lexemes]) -> str:
    """The parts, one after the other, as PostgreSQL reads a tsvector; "" for no words."""
    places: dict[str, list[str]] = {}
    place = 1
    for part in parts:
        for word in words(folded(part.text).text, first=place):
            weight = "" if part.weight == "D" else part.weight
            places.setdefault(word.text, []).append(f"{word.place}{weight}")
            place = word.place + 1
        place += 1  # no phrase runs from one part into the next
        if place >= MOST_PLACES:
            break
    return " ".join(f"'{word}':{','.join(at[:200])}" for word, at in places.items())


@lru_cache(maxsize=20_000)
def _folded(letter: str) -> str:
    plain = simpler(letter).translate(_KATAKANA)
    if plain.isascii() or is_cjk(plain):
        return plain
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return bare or plain
