"""How good guesses are: F1, confusions, and how often one is right when it is sure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .material import Row

ENOUGH: Final = 0.95  # how often the model must be right where it does not abstain
_STEPS: Final = tuple(round(0.05 * step, 2) for step in range(20))
_LOWEST: Final = 0.4  # what is less sure than this is a guess, however well guessing goes


@dataclass(frozen=True, slots=True)
class Guess:
    """What a model that had not seen a text said of it."""

    row: Row
    category: str
    confidence: float
    urgency: str

    @property
    def is_right(self) -> bool:
        return self.category == self.row.category


@dataclass(frozen=True, slots=True)
class Point:
    """With this threshold so much is answered, and so much of that rightly."""

    threshold: float
    coverage: float
    accuracy: float


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """The mean F1 of all labels that occur, of pairs (right, guessed)."""
    known = list(pairs)
    hits = Counter(right for right, guessed in known if right == guessed)
    rights = Counter(right for right, _ in known)
    guesses = Counter(guessed for _, guessed in known)
    each = [2 * hits[name] / (rights[name] + guesses[name]) for name in rights]
    return sum(each) / len(each) if each else 0.0


def category_pairs(guesses: Iterable[Guess]) -> list[tuple[str, str]]:
    return [(guess.row.category, guess.category) for guess in guesses]


def urgency_pairs(guesses: Iterable[Guess]) -> list[tuple[str, str]]:
    """Only of the rows whose urgency is known."""
    return [(guess.row.urgency, guess.urgency) for guess in guesses if guess.row.urgency]


def accuracy(pairs: Sequence[tuple[str, str]]) -> float:
    return sum(right == guessed for right, guessed in pairs) / len(pairs) if pairs else 0.0


def confusions(guesses: Iterable[Guess]) -> dict[str, Counter[str]]:
    """For each right category how often which one was guessed."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for guess in guesses:
        table[guess.row.category][guess.category] += 1
    return dict(sorted(table.items()))


def by_kind(guesses: Iterable[Guess]) -> dict[str, float]:
    """How often the category is right for each kind of hard row."""
    kinds: dict[str, list[bool]] = defaultdict(list)
    for guess in guesses:
        for kind in guess.row.hard:
            kinds[kind].append(guess.is_right)
    return {kind: sum(right) / len(right) for kind, right in sorted(kinds.items())}


def abstention_curve(guesses: Sequence[Guess]) -> list[Point]:
    """What each threshold would cost and gain."""
    return [_point(guesses, threshold) for threshold in _STEPS]


def chosen_threshold(guesses: Sequence[Guess]) -> float:
    """The lowest threshold of the curve at which the model is right often enough."""
    good = [point for point in abstention_curve(guesses) if point.threshold >= _LOWEST]
    enough = [point.threshold for point in good if point.accuracy >= ENOUGH]
    return min(enough, default=max(good, key=lambda point: point.accuracy).threshold)


def _point(guesses: Sequence[Guess], threshold: float) -> Point:
    sure = [guess for guess in guesses if guess.confidence >= threshold]
    right = sum(guess.is_right for guess in sure)
    return Point(
        threshold,
        len(sure) / len(guesses) if guesses else 0.0,
        right / len(sure) if sure else 0.0,
    )
