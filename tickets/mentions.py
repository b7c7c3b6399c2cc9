"""Who is called by name in a note: `@Ada`, `@林二`."""

from collections.abc import Mapping


def mentioned(text: str, names: Mapping[int, str]) -> list[int]:
    """The keys of those whose name stands behind an @, in order; the longest name that fits.

    An address (`ada@desk.example`) calls nobody; of two people with one name both are meant.
    """
    found: dict[int, None] = {}
    lower = text.lower()
    at = lower.find("@")
    while at >= 0:
        if not (at and lower[at - 1].isascii() and lower[at - 1].isalnum()):
            found |= dict.fromkeys(_named(lower, at + 1, names))
        at = lower.find("@", at + 1)
    return list(found)


def _named(lower: str, start: int, names: Mapping[int, str]) -> list[int]:
    fitting = {key: name.lower() for key, name in names.items() if _fits(lower, start, name)}
    longest = max(map(len, fitting.values()), default=0)
    return [key for key, name in fitting.items() if len(name) == longest]


def _fits(lower: str, start: int, name: str) -> bool:
    end = start + len(name)
    if not name or lower[start:end] != name.lower():
        return False
    after = lower[end : end + 1]
    # Latin names end where a word ends; 「@林二看一下」 has no such place.
    return not (name[-1].isascii() and after.isascii() and after.isalnum())
