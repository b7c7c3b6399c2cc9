"""What a filter is made of: terms, and the names of what an installation calls its own."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

TEXT = "text"  # the key of free words
LANGUAGES = ("zh-hans", "en", "ja")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; `value` is a code, or cleaned text where anything may stand."""

    key: str
    value: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions of which all must hold: several of one key mean any of them, free words all."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def by_key(self) -> Iterator[tuple[str, list[Term]]]:
        """The terms of each key, keys in the order in which they first stand."""
        for key in dict.fromkeys(term.key for term in self.terms):
            yield key, [term for term in self.terms if term.key == key]

    def without(self, term: Term) -> "Filter":
        return Filter(tuple(each for each in self.terms if each != term))

    def with_terms(self, *more: Term) -> "Filter":
        return Filter(tuple(dict.fromkeys((*self.terms, *more))))


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Book:
    """What this installation's channels, teams, people, tags are called: key -> code -> label.

    A key that stands in it as strict takes no value that does not. Labels differ from each other
    and from codes.
    """

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    prefix: str = "QM"

    def code(self, key: str, said: str) -> str | None:
        """The code of what somebody calls by code or label, in any width and case."""
        wanted = fold(said)
        names = self.names.get(key, {})
        return next((c for c, label in names.items() if wanted in (fold(c), fold(label))), None)

    def label(self, key: str, code: str) -> str | None:
        return self.names.get(key, {}).get(code)


NO_BOOK = Book()


def clean(text: str) -> str:
    """One writing for what looks alike: folded widths, single spaces, nothing invisible."""
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(each if each.isprintable() else " " for each in folded)
    return unicodedata.normalize("NFKC", " ".join(kept.split()))


def fold(text: str) -> str:
    """What two writings of one name have in common."""
    return "".join(each for each in clean(text).casefold() if each not in " _-")
