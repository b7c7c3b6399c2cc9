"""Cut out of a text what shows why it was found, and mark that in it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tickets.searching.questions import Question
from tickets.searching.words import Folded, folded

WIDTH: Final = 120  # characters
BEFORE: Final = 28  # of them before the first hit
MOST_HITS: Final = 400
_SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet: what was asked for, or what stands around it."""

    text: str
    is_hit: bool = False


def marked(text: str, question: Question) -> list[Piece]:
    """The whole text, cut where hits begin and end."""
    return _pieces(text, _hits(folded(text), len(text), question), 0, len(text))


def snippet(text: str, question: Question, *, width: int = WIDTH) -> list[Piece]:
    """About `width` characters around the place where most terms stand together; [] without any."""
    line = _SPACE.sub(" ", text).strip()
    hits = _hits(folded(line), len(line), question)
    if not hits:
        return []
    start = _best(hits, width)
    first = max(0, start - BEFORE) if len(line) > width else 0
    last = min(len(line), first + width)
    pieces = _pieces(line, hits, first, last)
    head = [Piece("…")] if first else []
    tail = [Piece("…")] if last < len(line) else []
    return [*head, *pieces, *tail]


def _hits(plain: Folded, length: int, question: Question) -> list[tuple[int, int]]:
    """Where terms stand in the text as it was written, overlapping ones joined."""
    found = sorted(
        (plain.origin[hit.start()], _end(plain, hit.end(), length))
        for term in question.terms
        for hit in _some(term.pattern.finditer(plain.text))
    )
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _some(hits: Iterable[re.Match[str]]) -> Iterable[re.Match[str]]:
    return (hit for _count, hit in zip(range(MOST_HITS), hits, strict=False))


def _end(plain: Folded, end: int, length: int) -> int:
    return plain.origin[end] if end < len(plain.origin) else min(length, plain.origin[-1] + 2)


def _best(hits: list[tuple[int, int]], width: int) -> int:
    """The hit after which most of the others follow within the width."""

    def company(start: int) -> int:
        return sum(1 for other, end in hits if start <= other and end <= start + width - BEFORE)

    return max(hits[:40], key=lambda hit: (company(hit[0]), -hit[0]))[0]


def _pieces(text: str, hits: list[tuple[int, int]], first: int, last: int) -> list[Piece]:
    pieces: list[Piece] = []
    here = first
    for start, end in hits:
        begin, finish = max(start, here), min(end, last)
        if begin >= finish:
            continue
        if begin > here:
            pieces.append(Piece(text[here:begin]))
        pieces.append(Piece(text[begin:finish], is_hit=True))
        here = finish
    if here < last:
        pieces.append(Piece(text[here:last]))
    return pieces
