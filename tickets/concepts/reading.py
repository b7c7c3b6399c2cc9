"""Find which concepts and words of the lexicon a text holds."""

import re
from functools import lru_cache
from typing import Final

from ..phrases.folding import plain
from .lexicon import NONE, What, concepts, glossary

MOST_READ: Final = 1_000  # characters; what is wrong stands at the beginning of a report
_LATIN: Final = re.compile(r"[a-z][a-z0-9-]*")
_LENGTHS: Final = range(4, 15)  # of beginnings of words


def things_in(text: str) -> frozenset[str]:
    """The subjects that a text names, in whatever of the three languages."""
    return _found(beginning(text), "things")


def happenings_in(text: str) -> frozenset[str]:
    """What a text says goes wrong or is wanted."""
    return _found(beginning(text), "happenings")


def words_in(text: str) -> frozenset[str]:
    """The words of the glossary that a text uses, in whatever of the three languages."""
    return _words(beginning(text))


def beginning(text: str) -> str:
    """The folded part of a text that is read for concepts."""
    return plain(text[:MOST_READ])[:MOST_READ]


@lru_cache(maxsize=4096)  # the words of an open case are compared with every new one's
def _found(said: str, what: What) -> frozenset[str]:
    return frozenset(name for name, words in concepts(what) if words.search(said))


@lru_cache(maxsize=4096)
def _words(said: str) -> frozenset[str]:
    latin, others = glossary()
    found = {name for form, name in others if form in said}
    for word in set(_LATIN.findall(said)):
        for beginning_of_word in (f"{word}$", *(word[:length] for length in _LENGTHS)):
            found |= latin.get(beginning_of_word, NONE)
    return frozenset(found)
