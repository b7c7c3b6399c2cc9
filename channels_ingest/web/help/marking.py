"""Mark the words of a question where they stand in a title or a symptom. Pure but for HTML."""

import re
from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from tickets.text import tokens

SHORTEST = 2


def marked(text: str, question: str) -> SafeString:
    """The text as HTML, with what it shares with the question in `<mark>`."""
    words = sorted({each for each in tokens(question) if len(each) >= SHORTEST}, key=len)
    spans = _joined(_found(text, words))
    parts, start = [], 0
    for begin, end in spans:
        parts += [escape(text[start:begin]), f"<mark>{escape(text[begin:end])}</mark>"]
        start = end
    # Every part was escaped above; only the marks are ours.
    return mark_safe("".join([*parts, escape(text[start:])]))  # noqa: S308


def _found(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    spans = []
    for word in words:
        # A word of letters counts from its beginning: "port" is not in "support".
        pattern = rf"(?<![a-z0-9]){re.escape(word)}" if word[0].isascii() else re.escape(word)
        spans += [each.span() for each in re.finditer(pattern, text, re.IGNORECASE)]
    return sorted(spans)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
