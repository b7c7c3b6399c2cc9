"""Part what somebody typed into words to look for and conditions of the filter language."""

import re
from typing import Final

from tickets.filters import NO_BOOK, TEXT, Book, Filter, parse

_OPENING: Final = '["“”„「『]'
_CLOSING: Final = '["“”」』]'


def parted(text: str, book: Book = NO_BOOK) -> tuple[str, Filter]:
    """The words and the conditions. What only looks like a condition is looked for as it stands."""
    read = parse(text, book)
    words = [
        _as_written(term.value, text)
        for term in read.filter.terms
        if term.key == TEXT and not term.is_negated
    ]
    words += [text[each.start : each.end] for each in read.problems]
    conditions = (term for term in read.filter.terms if term.key != TEXT or term.is_negated)
    return " ".join(words), Filter(tuple(conditions))


def _as_written(words: str, text: str) -> str:
    """In quotes where they stood in quotes: a phrase is meant to the letter."""
    is_quoted = re.search(f"{_OPENING}{re.escape(words)}{_CLOSING}", text)
    return f'"{words}"' if is_quoted else words
