"""What a text speaks of, in three languages alike: things, acts, manners of asking, haste."""

import json
import re
from pathlib import Path
from typing import Final

from .folding import simpler

# Every concept has words in all languages, as regular expressions; texts are matched when they
# are in one width, lower case and simplified characters.
_WORDS: Final[dict[str, dict[str, list[str]]]] = json.loads(
    (Path(__file__).parent / "concepts.json").read_text(encoding="utf-8")
)
# For `\b` every script has letters, but a Latin word among Han characters is a word of its own.
_EDGE: Final = "(?:(?<![a-z0-9])(?=[a-z0-9])|(?<=[a-z0-9])(?![a-z0-9]))"


def _pattern(word: str) -> str:
    return simpler(word).replace(r"\b", _EDGE)


CONCEPTS: Final = {
    name: re.compile("|".join(map(_pattern, words)))
    for section in _WORDS.values()
    for name, words in section.items()
}
_CLAUSE: Final = re.compile(
    r"[,，、。;；!！?？…\n]|\. |(?<=[a-z])\.$|——| - |但是?|可是|不过|but\b|though\b|ですが|けど"
)


def concepts_in(folded: str) -> frozenset[str]:
    """What a folded text speaks of."""
    return frozenset(name for name, pattern in CONCEPTS.items() if pattern.search(folded))


def clauses_of(folded: str) -> list[str]:
    """The parts of a text that say one thing each, in order."""
    return [part.strip() for part in _CLAUSE.split(folded) if part.strip()]
