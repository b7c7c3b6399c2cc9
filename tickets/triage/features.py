"""Turn a text into features that a linear model weighs: pieces of writing, words, concepts."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from .concepts import clauses_of, concepts_in
from .folding import fold

_RUN: Final = re.compile(
    "[\u3040-\u30ff]+|[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9][a-z0-9'._-]*|[^\\s\\w]"
)
_STARTS_CJK: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_CJK_RUN: Final = re.compile("[\u3040-\u30ff\u30fc\u3400-\u4dbf\u4e00-\u9fff]+")
_KANA: Final = re.compile("[\u3040-\u30ff]")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_LATIN: Final = re.compile("[a-z]{2,}")

Block = Mapping[str, float]


def features_of(text: str) -> tuple[Block, Block, Block]:
    """Pieces of writing, words, and concepts with their pairs; each counted, damped."""
    folded = fold(text)
    pieces = Counter(_pieces(folded))
    words = Counter(_words(folded))
    return _damped(pieces), _damped(words), dict.fromkeys(_concepts(folded), 1.0)


def _damped(counts: Counter[str]) -> Block:
    return {key: 1.0 + math.log(count) for key, count in counts.items()}


def _pieces(folded: str) -> Iterator[str]:
    """Runs of one to four characters of Han and kana, three to five of Latin words."""
    for run in _CJK_RUN.findall(folded):
        padded = f"^{run}$"
        for size in (2, 3, 4):
            yield from (padded[i : i + size] for i in range(len(padded) - size + 1))
        yield from run
    for word in _LATIN.findall(folded):
        padded = f" {word} "
        for size in (3, 4, 5):
            yield from (padded[i : i + size] for i in range(len(padded) - size + 1))


def _words(folded: str) -> Iterator[str]:
    """Latin words, runs of one script, marks; and each with its neighbour."""
    runs = _RUN.findall(folded)
    before = "^"
    for run in runs:
        word = run.rstrip(".-_'") if run[0].isascii() and run[0].isalnum() else run
        if len(word) <= 12:
            yield f"w:{word}"
        if not _STARTS_CJK.match(word) or not _STARTS_CJK.match(before[-1]):
            yield f"w:{before[-12:]}_{word[:12]}"
        before = word or "^"


def _concepts(folded: str) -> Iterator[str]:
    """Concepts, pairs of them, and which of them are in the part that asks or waves aside."""
    found = sorted(concepts_in(folded))
    for place, name in enumerate(found):
        yield f"k:{name}"
        yield from (f"k:{name}+{other}" for other in found[place + 1 :])
    parts = clauses_of(folded)
    if len(parts) > 1:
        yield from _by_part(parts)
    yield from _shape(folded, len(parts), len(found))


def _by_part(parts: list[str]) -> Iterator[str]:
    for place, part in enumerate(parts):
        names = concepts_in(part)
        if "not_about" in names:
            mark = "aside"
        elif "main_point" in names:
            mark = "main"
        elif "how_to" in names or "asks" in names:
            mark = "asked"
        elif place == len(parts) - 1:
            mark = "last"
        else:
            mark = "first" if place == 0 else "between"
        yield from (f"k:{mark}:{name}" for name in names)


def _shape(folded: str, parts: int, found: int) -> Iterator[str]:
    """How long and in which scripts it is written."""
    kana, han = len(_KANA.findall(folded)), len(_HAN.findall(folded))
    latin = len(_LATIN.findall(folded))
    length = kana + han + 2 * latin
    yield f"k:length={min(length.bit_length(), 7)}"
    yield f"k:parts={min(parts, 4)}"
    yield f"k:found={min(found, 6)}"
    if kana and kana * 4 >= han:
        yield "k:script=ja"
    elif han and latin:
        yield "k:script=mixed"
    elif han:
        yield "k:script=zh"
    elif latin:
        yield "k:script=en"
    else:
        yield "k:script=none"
