"""Cut a reply into the messages that a vendor will take: text by length, each file by itself."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from . import case_numbers

# Where a text is best cut, the best first: between paragraphs, lines, sentences, words.
_ENDS = tuple(
    re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"[。！？；!?;]|\.(?=\s)", r"[\s,，、]")
)
_JOINERS = "\u200d\ufe0e\ufe0f"
_SHORTEST = 0.5  # of the room: a cut further ahead than this would leave needlessly many pieces


def whole() -> dict[str, Any]:
    """The piece that holds everything."""
    return {}


def pieces(
    text: str,
    files: Sequence[UUID],
    *,
    limit: int | None,
    in_bytes: bool = False,
    files_apart: bool = False,
) -> list[dict[str, Any]]:
    """What each vendor message of a reply holds, in the order of sending.

    `{}` holds all of it; `{"text": [start, end]}` a stretch of the text, with `"files": true` the
    files too; `{"file": id}` one file alone.
    """
    spans = cut(text, limit, in_bytes=in_bytes)
    apart = [{"file": str(each)} for each in files] if files_apart else []
    if len(spans) <= 1 and not apart:
        return [whole()]
    made: list[dict[str, Any]] = [{"text": list(span)} for span in spans]
    if files and not files_apart:
        made[-1]["files"] = True
    return [*made, *apart]


def cut(text: str, limit: int | None, *, in_bytes: bool = False) -> list[tuple[int, int]]:
    """Stretches of `text` without the blanks around them, none longer than `limit`.

    A stretch ends where a paragraph, line, sentence or word does if one ends in its second half;
    it never ends inside a case number, and a character keeps the marks that belong to it.
    """
    taken: list[tuple[int, int]] = []
    spans = _kept_together(text)
    start, end = _trimmed(text, 0, len(text))
    while start < end:
        stop = end
        if limit is not None:
            stop = _last_fit(text, start, end, limit, in_bytes=in_bytes)
            stop = end if stop >= end else _good_end(text, start, stop, spans)
        taken.append(_trimmed(text, start, stop))
        start, end = _trimmed(text, stop, end)
    return taken


def _last_fit(text: str, start: int, end: int, limit: int, *, in_bytes: bool) -> int:
    """The furthest end at which the stretch still has room; at least one character is taken."""
    if not in_bytes:
        return min(end, start + max(limit, 1))
    room, at = limit, start
    while at < end:
        room -= len(text[at].encode("utf-8", "replace"))
        if room < 0:
            break
        at += 1
    return max(at, start + 1)


def _good_end(text: str, start: int, stop: int, spans: Sequence[tuple[int, int]]) -> int:
    """A good place to end at or before `stop`, which lies inside the text."""
    earliest = start + int((stop - start) * _SHORTEST)
    for ends in _ENDS:
        found = [m.end() for m in ends.finditer(text, earliest, stop + 1)]
        good = [at for at in found if at <= stop and not _is_inside(at, spans)]
        if good:
            return good[-1]
    inside = next((span for span in spans if span[0] < stop < span[1]), None)
    if inside and inside[0] > start:
        return inside[0]
    while stop - 1 > start and _belongs_to_the_one_before(text, stop):
        stop -= 1
    return stop


def _belongs_to_the_one_before(text: str, at: int) -> bool:
    """Whether the character at `at` is a mark on, or joined to, the one before it."""
    here = text[at]
    is_mark = (
        unicodedata.combining(here) or here in _JOINERS or "\U0001f3fb" <= here <= "\U0001f3ff"
    )
    return bool(is_mark) or text[at - 1] == "\u200d"


def _is_inside(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < at < end for start, end in spans)


def _kept_together(text: str) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in case_numbers.read(text).found]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
