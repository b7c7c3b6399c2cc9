"""What could be written next: keys and values that go on from what stands there."""

from collections.abc import Iterator
from dataclasses import dataclass

from .terms import TEXT, Book, Term, fold
from .vocabulary import KEY_SAID, KEYS, Key, key_name
from .writing import value_name, write_term

MOST_OFFERED = 12
EXAMPLES = {
    "waiting": (">5m", ">30m", ">2h", ">1d"),
    "due": ("<30m", "<2h", "<1d"),
    "created": ("<7d",),
    "updated": ("<1h", ">3d"),
    "resolved": ("<7d",),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to write: `text` takes the place of what was begun; a term is whole."""

    text: str
    key: str
    value: str = ""
    label: str = ""

    @property
    def is_term(self) -> bool:
        return bool(self.value)


def complete(begun: str, book: Book, language: str, keys: frozenset[str]) -> list[Offer]:
    """What goes on from the last word of a text; only of those `keys`."""
    word = begun.rsplit(maxsplit=1)[-1] if begun and not begun[-1].isspace() else ""
    is_negated = word[:1] in {"-", "－", "−"}
    said, colon, rest = word.lstrip("-－−").replace("：", ":").partition(":")
    if colon:
        code = KEY_SAID.get(fold(said))
        found = _valued(KEYS[code], rest, book, language, is_negated) if code in keys else ()
    else:
        found = _begun(fold(said), book, language, keys, is_negated)
    return list(dict.fromkeys(found))[:MOST_OFFERED]


def values_of(key: Key, book: Book) -> list[str]:
    """The values of a key that can be chosen from: well-known ones, the book's, examples."""
    every = (*key.values, *book.names.get(key.code, ()), *EXAMPLES.get(key.code, ()))
    return sorted(dict.fromkeys(every), key=lambda value: value == "none")


def _begun(
    wanted: str, book: Book, language: str, keys: frozenset[str], is_negated: bool
) -> Iterator[Offer]:
    """Keys that begin so, then values of any key: who knows the value need not know its key."""
    sign = "-" if is_negated else ""
    for code, key in KEYS.items():
        said = (fold(word) for words in key.names.values() for word in words)
        if code in keys and any(word.startswith(wanted) for word in said):
            name = key_name(code, language)
            yield Offer(f"{sign}{name}:", code, label=name)
    if wanted:
        for code, key in KEYS.items():
            if code in keys:
                yield from _valued(key, wanted, book, language, is_negated, begins=True)


def _valued(
    key: Key, said: str, book: Book, language: str, is_negated: bool, *, begins: bool = False
) -> Iterator[Offer]:
    wanted = fold(said.strip('"“”「」'))
    for value in values_of(key, book):
        term = Term(key.code, value, is_negated)
        name = value_name(term, language, book)
        ways = {fold(value), fold(name)}
        if value in key.values:
            ways |= {fold(word) for words in key.values[value].values() for word in words}
        if any(way.startswith(wanted) if begins else wanted in way for way in ways):
            yield Offer(write_term(term, language, book), key.code, value, name)


assert TEXT not in KEYS
