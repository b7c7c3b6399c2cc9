"""The language in which lists are narrowed, typed or clicked: texts and filters, both ways.

    parse("状态:未结 等待:>5分 -标签:502", book) == parse("state:open waiting:>5m -tag:502", book)

A filter is kept as it is written without a language, and shown in the viewer's words.
"""

from .offers import Offer, complete, values_of
from .reading import Parsed, Problem, parse
from .terms import EVERYTHING, NO_BOOK, TEXT, Book, Filter, Term
from .vocabulary import KEYS, Key, key_name
from .writing import value_name, write, write_term

__all__ = [
    "EVERYTHING",
    "KEYS",
    "NO_BOOK",
    "TEXT",
    "Book",
    "Filter",
    "Key",
    "Offer",
    "Parsed",
    "Problem",
    "Term",
    "complete",
    "key_name",
    "parse",
    "value_name",
    "values_of",
    "write",
    "write_term",
]
