"""Whether two messages report the same problem, and whether the second repeats the first. Pure.

Each text is read for concepts (what it speaks of, what goes wrong), evidence (codes, numbers,
addresses, files), manner, and the articles that would answer it. What the two share and what sets
them apart is counted, and a logistic regression weighs the counts;
`python -m tests.bench.likeness` fits its weights anew.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .concepts import happenings_in, things_in, words_in
from .concepts.direction import manner_of
from .concepts.evidence import Evidence, evidence_in
from .concepts.weights import BIAS, COMMON, KIN, OPPOSITES, PLAIN_WORDS, RARE, WEIGHTS
from .knowledge.likeness import answered_alike
from .text import language_of, tokens

RECURS_AFTER: Final = 30 * 24 * 60  # minutes after which the same issue is a new case
LIKELY: Final = 0.6
_WISHES: Final = ("wants_", "asks_", "where_is", "fears", "no_choice")
_MOST_COMPARED: Final = 1_000  # characters


@dataclass(frozen=True, slots=True)
class Report:
    """One customer's words: `customer` None where the sender is not linked to anybody."""

    customer: str | None
    text: str
    minutes: float  # since some common beginning
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`duplicate` is the same issue of the same customer, no recurrence after 30 days.

    `evidence` is data to explain it with; `score` (0.0 to 1.0) how alike the problems are.
    """

    same_issue: bool
    duplicate: bool
    score: float
    evidence: dict[str, tuple[str, ...]]


def compare(first: Report, later: Report) -> Verdict:
    """Judge `later` against `first`."""
    found = features(first.text, later.text)
    score = 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * by for name, by in found.items())))
    same = score >= LIKELY
    shared = evidence_in(first.text).marks & evidence_in(later.text).marks
    connected = _is_same_customer(first, later, shared)
    recurs = abs(later.minutes - first.minutes) > RECURS_AFTER
    return Verdict(same, same and connected and not recurs, score, _explained(first, later))


def _explained(first: Report, later: Report) -> dict[str, tuple[str, ...]]:
    """What both name: concepts, codes, and numbers, files and addresses ("tail:8021")."""
    one, other = evidence_in(first.text), evidence_in(later.text)
    shared = {
        "things": things_in(first.text) & things_in(later.text),
        "happenings": happenings_in(first.text) & happenings_in(later.text),
        "codes": one.codes & other.codes,
        "marks": one.marks & other.marks,
    }
    return {kind: tuple(sorted(names)) for kind, names in shared.items()}


def _is_same_customer(first: Report, later: Report, shared: frozenset[str]) -> bool:
    """Linked to one customer, or not both linked and both naming the same person's number."""
    if first.customer is not None and later.customer is not None:
        return first.customer == later.customer
    return any(not mark.startswith("domain:") for mark in shared)


def features(a: str, b: str) -> dict[str, float]:
    """What two texts share and what sets them apart, by the names that `WEIGHTS` knows."""
    return {
        **_subjects(a, b),
        **_vocabulary(a, b),
        **_wording(a, b),
        **_proofs(a, b),
        **_manners(a, b),
        "answered_alike": answered_alike(a[:_MOST_COMPARED], b[:_MOST_COMPARED]),
    }


def _subjects(a: str, b: str) -> dict[str, float]:
    things, other_things = things_in(a), things_in(b)
    happens, other_happens = happenings_in(a), happenings_in(b)
    shared, apart = things & other_things, things ^ other_things
    happens_both = happens & other_happens
    return {
        "shared_things": min(_weight(shared), 4.0),
        "only_common": float(bool(shared) and _weight(shared) < 0.8),
        "things_alike": _weight(shared) / max(_weight(shared | apart), 0.1),
        "no_shared_thing": float(bool(things and other_things) and not shared),
        "nothing_named": float(not things or not other_things),
        "shared_happening": float(bool(happens_both)),
        "happenings_alike": len(happens_both) / max(len(happens | other_happens), 1),
        "kin_happening": float(not happens_both and _are_kin(happens, other_happens)),
        "other_happening": float(
            bool(happens and other_happens)
            and not happens_both
            and not _are_kin(happens, other_happens)
        ),
        "happening_unsaid": float(not happens or not other_happens),
        **_wishes(a, b),
        "both_shared": float(bool(shared and happens_both)),
        "things_exchanged": _exchanged(things, other_things) * _is_one_language(a, b),
        "opposite": float(
            _are_opposite(
                things | happens | words_in(a), other_things | other_happens | words_in(b)
            )
        ),
    }


def _wishes(a: str, b: str) -> dict[str, float]:
    """Whether one text only wants to know or to have what the other reports as failing."""
    troubles, others = _troubles_in(a), _troubles_in(b)
    wishes = (_wishes_something(a) and not troubles, _wishes_something(b) and not others)
    return {
        "one_trouble": float(bool(troubles) != bool(others)),
        "wish_instead": float((wishes[0] and bool(others)) or (wishes[1] and bool(troubles))),
        "both_wish": float(wishes[0] and wishes[1]),
    }


def _troubles_in(text: str) -> frozenset[str]:
    return frozenset(name for name in happenings_in(text) if not name.startswith(_WISHES))


def _wishes_something(text: str) -> bool:
    return "asks" in manner_of(text) or any(
        name.startswith(_WISHES) for name in happenings_in(text)
    )


def _weight(concepts: Iterable[str]) -> float:
    return sum(_weight_of(concept) for concept in concepts)


def _weight_of(concept: str) -> float:
    if concept in COMMON:
        return 0.35
    return 1.5 if concept in RARE else 1.0


def _are_kin(some: frozenset[str], others: frozenset[str]) -> bool:
    return any(family & some and family & others for family in KIN)


def _are_opposite(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether one text names just one half of a pair and the other just its other half."""
    return any(
        (x in some and y in others and y not in some and x not in others)
        or (y in some and x in others and x not in some and y not in others)
        for x, y in OPPOSITES
    )


def _vocabulary(a: str, b: str) -> dict[str, float]:
    first, second = words_in(a), words_in(b)
    shared = _telling(first & second)
    return {
        "shared_words": min(shared, 5.0),
        "words_alike": shared / max(_telling(first | second), 1.0),
        "words_exchanged": _telling_apart(first, second) * _is_one_language(a, b),
        "words_contained": shared / max(min(_telling(first), _telling(second)), 1.5),
    }


def _telling_apart(some: frozenset[str], others: frozenset[str]) -> float:
    return min(_telling(some - others), _telling(others - some), 3.0)


def _exchanged(some: frozenset[str], others: frozenset[str]) -> float:
    """How much each names that the other does not: the same sentence about something else."""
    return min(_weight(some - others), _weight(others - some), 2.0)


def _is_one_language(a: str, b: str) -> bool:
    return language_of(a) == language_of(b)


def _telling(words: Iterable[str]) -> float:
    return sum(0.4 if word in PLAIN_WORDS else 1.0 for word in words)


def _wording(a: str, b: str) -> dict[str, float]:
    first, second = set(tokens(a[:_MOST_COMPARED])), set(tokens(b[:_MOST_COMPARED]))
    shared = len(first & second)
    least = min(len(first), len(second))
    return {
        "alike": 2 * shared / max(len(first) + len(second), 1),
        "contained": shared / least if least > 1 else 0.0,
        "near_identical": float(least > 1 and shared >= 0.9 * least),
    }


def _proofs(a: str, b: str) -> dict[str, float]:
    first, second = evidence_in(a), evidence_in(b)
    return {
        "shared_mark": float(bool(first.marks & second.marks)),
        "other_mark": float(_name_different(first, second)),
        "shared_code": float(bool(first.codes & second.codes)),
        "telling_code": float(any(len(c) > 3 for c in first.codes & second.codes)),
        "other_code": float(_are_apart(first.codes, second.codes)),
    }


def _name_different(first: Evidence, second: Evidence) -> bool:
    """Whether both name an address, or both a file, and not the same."""
    kinds = ("address", "file")
    return any(_are_apart(first.of_kind(kind), second.of_kind(kind)) for kind in kinds)


def _are_apart(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some and others) and not some & others


def _manners(a: str, b: str) -> dict[str, float]:
    first, second = manner_of(a), manner_of(b)
    ways = {"outgoing", "incoming"}
    return {
        "other_way": float(_are_apart(first & ways, second & ways)),
        "one_outgoing": float(("outgoing" in first) != ("outgoing" in second)),
        "one_asks": float(("asks" in first) != ("asks" in second)),
        "works_but": float(("works_but" in first) != ("works_but" in second)),
        "solved_then": float("solved_then" in second),
        "refers_back": float("refers_back" in second or "refers_back" in first),
        "opener": float("opener" in first or "opener" in second),
    }
