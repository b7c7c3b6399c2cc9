"""Read the lexicon: what reports speak of, what goes wrong, and words of one meaning.

Three files of JSON lines lie beside this module. In `things.jsonl` and `happenings.jsonl` the
forms of a concept are regular expressions parted by "|", written in folded text; "~" stands for a
few characters of the same clause, "~~" for some more, and a form that begins with a Latin letter
begins a word. In `glossary.jsonl` the forms are plain words of three languages: one of Latin
letters matches the beginning of a word (a short one a whole word), others any place of a text.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, Literal

from ..phrases.folding import fold, pattern

What = Literal["things", "happenings"]

_HERE: Final = Path(__file__).parent
_FEW: Final = "[^。，,.!?;\n]{0,8}?"
_SOME: Final = "[^。.!?;\n]{0,25}?"
_WHOLE_WORD: Final = 4  # letters; shorter Latin forms are no beginnings of words
NONE: Final[frozenset[str]] = frozenset()


@cache
def concepts(what: What) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every concept of a file with the pattern that finds it."""
    return tuple((row["concept"], compiled(row["forms"])) for row in _rows(what))


@cache
def glossary() -> tuple[dict[str, frozenset[str]], tuple[tuple[str, str], ...]]:
    """What Latin beginnings mean ("$" ends a whole word), and all other forms with their words."""
    latin: dict[str, frozenset[str]] = {}
    others = []
    for row in _rows("glossary"):
        for form in map(fold, row["forms"].split()):
            if not form.isascii():
                others.append((form, row["word"]))
                continue
            keys = [form] if len(form) >= _WHOLE_WORD else [f"{form}$", f"{form}s$"]
            latin |= {key: latin.get(key, NONE) | {row["word"]} for key in keys}
    return latin, tuple(others)


def compiled(forms: str) -> re.Pattern[str]:
    """A pattern for forms parted by "|", in which "~" and "~~" stand for a few characters."""
    parts = (_with_gaps(part) for part in _alternatives(forms))
    return re.compile(pattern(*parts).pattern, re.ASCII)


def _rows(name: str) -> list[dict[str, str]]:
    lines = (_HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _with_gaps(part: str) -> str:
    spaced = part.replace("~~", _SOME).replace("~", _FEW)
    starts_a_word = part[:1].isascii() and part[:1].isalpha()
    return f"(?<![a-z]){spaced}" if starts_a_word else spaced


def _alternatives(forms: str) -> Iterator[str]:
    """The outermost alternatives of a regular expression."""
    depth, start = 0, 0
    for at, character in enumerate(forms):
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            yield forms[start:at]
            start = at + 1
    yield forms[start:]
