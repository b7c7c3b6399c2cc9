"""Find, purely, what speaks for two customers being one person. It proves nothing."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from . import exposure
from .exposure import NO_HOUSE, House
from .text import normalise, similarity

Sign = Literal["phone", "address", "number", "name_and_words"]

ALIKE = 0.35  # how much first words must share for the same name to mean something
SHORTEST_NAME = 2
_TAIL = 8  # digits that tell a phone number from others, with or without a country


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a customer: names, what they wrote first, which case numbers they quote.

    Phone numbers and addresses are also read out of the words; that is where people put them.
    """

    key: Hashable
    names: Sequence[str] = ()
    phones: Sequence[str] = ()
    addresses: Sequence[str] = ()
    words: str = ""
    numbers: Sequence[str] = ()
    quotes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign with the value that both have."""

    sign: Sign
    value: str


def reasons(a: Person, b: Person, house: House = NO_HOUSE) -> list[Reason]:
    """What speaks for `a` and `b` being one person, the strongest first."""
    found = [
        *(Reason("number", each) for each in a.numbers if each in b.quotes),
        *(Reason("number", each) for each in b.numbers if each in a.quotes),
    ]
    of_a, of_b = _written(a, house), _written(b, house)
    found += [Reason("phone", value) for tail, value in of_a.phones.items() if tail in of_b.phones]
    found += [Reason("address", each) for each in of_a.addresses if each in of_b.addresses]
    theirs = {normalise(name) for name in b.names if len(name) >= SHORTEST_NAME}
    names = [name for name in a.names if normalise(name) in theirs]
    if names and similarity(a.words, b.words) >= ALIKE:
        found.append(Reason("name_and_words", names[0]))
    return found


@dataclass(frozen=True, slots=True)
class _Written:
    phones: dict[str, str]
    addresses: list[str]


def _written(person: Person, house: House) -> _Written:
    read = _read(person.words, house)
    phones = [each for each in person.phones if each] + read["phone"]
    addresses = [each.lower() for each in person.addresses if each]
    addresses += [normalise(each).replace(" ", "") for each in read["email"]]
    return _Written({_tail(each): each for each in phones}, list(dict.fromkeys(addresses)))


@lru_cache(maxsize=2048)  # the latest cases are looked at for every case that is opened
def _read(words: str, house: House) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"phone": [], "email": []}
    for passage in exposure.find(words, house):
        if passage.kind in found:
            found[passage.kind].append(words[passage.start : passage.end])
    return found


def _tail(phone: str) -> str:
    return re.sub(r"[^0-9]", "", normalise(phone))[-_TAIL:]
