"""Read a mistyped Latin word as the known word that it nearly is."""

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST: Final = 5  # letters; too many short words are near each other
ONE_MORE_FROM: Final = 8  # letters; from here on two mistakes are believed
MOST_WORDS: Final = 40  # that are looked at

_WORD = re.compile(rf"[a-z]{{{SHORTEST},}}", re.IGNORECASE)


class Spelling:
    """The words that may have been meant."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [word for word in words if _WORD.fullmatch(word)]
        self._known = frozenset(self._words)

    def corrected(self, text: str, *, unfinished: bool = False) -> str:
        """The text with mistyped words put right.

        With `unfinished`, a word at the very end stays: it may still become another.
        """
        left = MOST_WORDS

        def read(found: re.Match[str]) -> str:
            nonlocal left
            left -= 1
            if left < 0 or (unfinished and found.end() == len(text)):
                return found.group()
            return self._meant(found.group().lower())

        return _WORD.sub(read, text)

    def _meant(self, word: str) -> str:
        if word in self._known or word.rstrip("s") in self._known:
            return word
        mistakes = 2 if len(word) >= ONE_MORE_FROM else 1
        nearest = process.extractOne(word, self._words, scorer=OSA.distance, score_cutoff=mistakes)
        return nearest[0] if nearest else word
