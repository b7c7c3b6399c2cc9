"""Write filters: without a language as they are kept, or in the words of one."""

import re

from .measures import show_measure
from .terms import NO_BOOK, TEXT, Book, Filter, Term
from .vocabulary import KEYS, key_name, shown

_PLAIN = re.compile(r"[^\s\"“”「」『』,，、:\\−-][^\s\"“”「」『』,，、:\\]*")


def write(filter_: Filter, language: str = "", book: Book = NO_BOOK) -> str:
    """The text that `parse` reads as this filter; `language` "" is the form to keep."""
    parts = []
    after_text = False
    for term in filter_.terms:
        # Words that stand side by side without quotes are one text.
        is_text = term.key == TEXT and not term.is_negated
        parts.append(write_term(term, language, book, quoted=after_text and is_text))
        after_text = is_text
    return " ".join(parts)


def write_term(
    term: Term, language: str = "", book: Book = NO_BOOK, *, quoted: bool = False
) -> str:
    value = value_name(term, language, book)
    if quoted or not _PLAIN.fullmatch(value):
        value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    sign = "-" if term.is_negated else ""
    return sign + (value if term.key == TEXT else f"{key_name(term.key, language)}:{value}")


def value_name(term: Term, language: str, book: Book = NO_BOOK) -> str:
    """What a value is called in a language, where it is one that has a name."""
    key = KEYS.get(term.key)
    if key is None or not language:
        return term.value
    if term.value in key.values:
        return shown(key.values[term.value], language)
    if key.sort in {"span", "moment"}:
        return show_measure(term.value, language)
    return book.label(key.code, term.value) or term.value
