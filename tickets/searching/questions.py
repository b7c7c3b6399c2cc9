"""What somebody typed into a search box: terms that must all be there, phrases in quotes."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from tickets.searching.words import LETTER, Word, folded, is_cjk, runs, words

MOST_TERMS: Final = 8
MOST_WORDS: Final = 24  # of one term
SHORTEST_BEGINNING: Final = 2  # letters; half of all words begin with any single one
_QUOTED: Final = re.compile(r'["“”„「『]([^"“”„「」『』]+)["“”」』]')


@dataclass(frozen=True)
class Term:
    """One thing that must be found: `asked` is its tsquery; a phrase is meant to the letter."""

    text: str
    is_phrase: bool

    @cached_property
    def asked(self) -> str:
        known = list(words(self.text))
        told = [word for word in known if not word.is_tail or _stands_alone(word, known)]
        told = told[:MOST_WORDS]
        parts = [f"'{told[0].text}'"]
        for before, word in pairwise(told):
            parts += [f"<{word.place - before.place}>", f"'{word.text}'"]
        last = told[-1]
        if self._is_beginning or last.is_tail:
            parts[-1] += ":*"
        return " ".join(parts)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Where the term stands in a folded text."""
        found = [run.group() for run in runs(self.text)]
        first, last = found[0], found[-1]
        before = "" if is_cjk(first) else f"(?<!{LETTER})"
        after = "" if is_cjk(last) or self._is_beginning else f"(?!{LETTER})"
        return re.compile(before + r"[\W_]*".join(map(re.escape, found)) + after)

    @property
    def _is_beginning(self) -> bool:
        """Whether the last word may still be going on: somebody is typing."""
        last = [run.group() for run in runs(self.text)][-1]
        return not self.is_phrase and not is_cjk(last) and len(last) >= SHORTEST_BEGINNING


@dataclass(frozen=True, slots=True)
class Question:
    """All that was asked for; nothing is found by a question without terms."""

    terms: tuple[Term, ...]

    @property
    def any_of_it(self) -> str:
        """The tsquery of whatever holds one of the terms."""
        return " | ".join(f"({term.asked})" for term in self.terms)


def ask(text: str) -> Question:
    """Read a search box: words apart, phrases in quotes of any of three languages."""
    phrases = [found.group(1) for found in _QUOTED.finditer(text)]
    rest = _QUOTED.sub(" ", text)
    terms = [_term(phrase, is_phrase=True) for phrase in phrases]
    terms += [_term(word, is_phrase=False) for word in rest.split()]
    known = dict.fromkeys(term for term in terms if term is not None)
    return Question(tuple(known)[:MOST_TERMS])


def _term(text: str, *, is_phrase: bool) -> Term | None:
    plain = folded(text).text
    return Term(plain, is_phrase) if next(runs(plain), None) else None


def _stands_alone(word: Word, known: list[Word]) -> bool:
    """Whether a single character is a run of its own; after a pair it is in that pair already."""
    return not any(other.place == word.place - 1 and _ends_with(other, word) for other in known)


def _ends_with(pair: Word, tail: Word) -> bool:
    return (
        not pair.is_tail and len(pair.text) == 2 and is_cjk(pair.text) and pair.text[1] == tail.text
    )
