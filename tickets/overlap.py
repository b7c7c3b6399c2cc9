"""What two answers have in common, and what is left of one without some of its sentences. Pure."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

MOST_READ = 2000  # characters of each text: comparing takes the square of it
FEWEST_SIGNS = 3  # of Chinese or Japanese in a row; of words two, if they are not tiny
FEWEST_LETTERS = 8
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
_SENTENCE = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.)(?=\s)")


class Span(NamedTuple):
    start: int
    end: int


def shared(one: str, other: str) -> tuple[list[Span], list[Span]]:
    """Where both texts say the same in the same words, for each of them in order."""
    first, second = _tokens(one), _tokens(other)
    matcher = SequenceMatcher(
        None, [text for text, _span in first], [text for text, _span in second], autojunk=False
    )
    blocks = [
        block
        for block in matcher.get_matching_blocks()
        if _says_something([text for text, _span in first[block.a : block.a + block.size]])
    ]
    return (
        [_joined(first, block.a, block.size) for block in blocks],
        [_joined(second, block.b, block.size) for block in blocks],
    )


def sentences(text: str) -> list[Span]:
    """The sentences of a text with what ends them; together they are all of it."""
    ends = [found.end() for found in _SENTENCE.finditer(text)]
    places = sorted({0, *ends, len(text)})
    return [Span(*pair) for pair in pairwise(places)]


def parted(text: str, spans: Iterable[Span]) -> tuple[str, str]:
    """A text without the sentences that any of `spans` touches, and those sentences."""
    touched = list(spans)
    kept: list[str] = []
    taken: list[str] = []
    for place in sentences(text):
        is_touched = any(s.start < place.end and place.start < s.end for s in touched)
        (taken if is_touched else kept).append(text[place.start : place.end])
    return "".join(kept).strip(), "".join(taken).strip()


def find_all(text: str, passages: Iterable[str]) -> list[Span]:
    """Where passages stand in a text, whatever their case."""
    wanted = "|".join(re.escape(each) for each in passages if each)
    found = re.finditer(wanted, text, re.IGNORECASE) if wanted else ()
    return [Span(*each.span()) for each in found]


def _tokens(text: str) -> list[tuple[str, Span]]:
    found = _TOKEN.finditer(text[:MOST_READ])
    return [(each[0].lower(), Span(*each.span())) for each in found]


def _says_something(tokens: Sequence[str]) -> bool:
    if len(tokens) >= FEWEST_SIGNS:
        return True
    return len(tokens) == 2 and sum(map(len, tokens)) >= FEWEST_LETTERS


def _joined(tokens: Sequence[tuple[str, Span]], start: int, size: int) -> Span:
    return Span(tokens[start][1].start, tokens[start + size - 1][1].end)
