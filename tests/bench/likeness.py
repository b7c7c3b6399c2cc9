"""Figures and weights of what tells duplicates: `python -m tests.bench.likeness [--fit] [FILE …]`.

Prints how often `tickets.duplicates` is right by kind of pair, on the half of the rows in
`tests/tickets/likeness` that was kept out of tuning, and what one comparison costs. With `--fit` it
prints `BIAS` and `WEIGHTS` for `tickets/concepts/weights.py`, fitted to the other half and to the
labelled pairs of each FILE (JSON lines: `a`, `b` with `text`, and `same_issue`).
"""

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize

from tests.tickets.likeness.rows import Pair, f1, pairs
from tickets import duplicates
from tickets.duplicates import Report, compare, features

COPIES: Final = 1  # of each pair, in which some concepts are hidden, as if the lexicon lacked them
HIDDEN: Final = 0.15
BY_HAND: Final = 3.0  # a pair written by hand counts more than one of many made of a scene
RIDGE: Final = 1.0

# What a sign may only speak for, and what only against, whatever the rows say by chance.
BOUNDS: Final[dict[str, tuple[float | None, float | None]]] = {
    **dict.fromkeys(
        (
            "shared_things", "things_alike", "shared_happening", "happenings_alike", "both_shared",
            "shared_code", "telling_code", "refers_back",
            "shared_words", "words_alike", "words_contained", "answered_alike",
        ),
        (0.0, None),
    ),
    **dict.fromkeys(
        (
            "only_common", "no_shared_thing", "other_happening", "things_exchanged",
            "words_exchanged", "other_way", "one_outgoing", "one_asks", "solved_then", "opener",
            "one_trouble", "wish_instead",
        ),
        (None, 0.0),
    ),
    # Other words for one thing are as usual as one word more or less for another.
    "alike": (-2.0, None),
    "contained": (-1.0, None),
    "both_wish": (0.0, None),
    "near_identical": (4.5, None),  # the same words are the same problem, known or not
    "shared_mark": (1.2, None),
    "opposite": (None, -4.0),
    "works_but": (None, -3.5),
    "other_code": (None, -1.0),
    "other_mark": (None, -9.0),
}  # fmt: skip


def main() -> None:
    """Print figures, or new weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    if options.fit:
        print_weights([*pairs("tune"), *(pair for file in options.files for pair in of(file))])
    else:
        print_figures([*pairs("held"), *(pair for file in options.files for pair in of(file))])


def of(file: Path) -> list[Pair]:
    """The labelled pairs of a file."""
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [
        Pair(
            row["kind"],
            row["a"]["text"],
            row["b"]["text"],
            row["same_issue"],
            row["duplicate"],
            (row["a"].get("customer"), row["b"].get("customer")),
            row["b"]["minutes"],
        )
        for row in rows
    ]


def print_figures(judged: list[Pair]) -> None:
    """F1 of duplicates and of same issues, hits by kind, and the cost of one comparison."""
    hits, kinds = [], defaultdict(list)
    started = time.process_time()
    for pair in judged:
        found = compare(
            Report(pair.customers[0], pair.a, 0), Report(pair.customers[1], pair.b, pair.minutes)
        )
        hits.append((found, pair))
        kinds[pair.kind].append(found.duplicate == pair.duplicate)
    took = (time.process_time() - started) * 1000 / len(judged)
    print(f"{len(judged)} pairs, {took:.2f} ms each")
    print(f"duplicate F1  {f1((found.duplicate, pair.duplicate) for found, pair in hits):.3f}")
    print(f"same issue F1 {f1((found.same_issue, pair.same_issue) for found, pair in hits):.3f}")
    for kind, right in sorted(kinds.items()):
        print(f"{sum(right):5} of {len(right):<5} {kind}")


def print_weights(known: list[Pair]) -> None:
    """Fit a logistic regression whose signs are bounded, and print it as Python."""
    by_text = {(pair.a, pair.b): pair for pair in known}
    rows = list(by_text.values())
    samples = [_signs(rows), *(_signs_half_blind(rows, seed) for seed in range(COPIES))]
    names = list(features("", ""))
    weights = _fitted(
        np.vstack(samples),
        np.array([pair.same_issue for pair in rows] * len(samples), float),
        np.array([_importance(pair) for pair in rows] * len(samples)) / len(samples),
        names,
    )
    print(f"BIAS: Final = {weights[-1]:.2f}\nWEIGHTS: Final = {{")
    for name, weight in zip(names, weights, strict=False):
        print(f'    "{name}": {weight:.2f},')
    print("}")


def _importance(pair: Pair) -> float:
    made = {"paraphrase", "cross_language", "repost", "near_miss", "recurrence", "other_issue"}
    return 1.0 if pair.kind.partition("_after")[0] in made else BY_HAND


def _signs(rows: list[Pair]) -> np.ndarray[Any, Any]:
    return np.array([list(features(pair.a, pair.b).values()) for pair in rows])


def _signs_half_blind(rows: list[Pair], seed: int) -> np.ndarray[Any, Any]:
    """The same signs as they would be if the lexicon knew fewer words."""
    chance = random.Random(seed)
    readers = ("things_in", "happenings_in", "words_in")
    seeing = {name: getattr(duplicates, name) for name in readers}
    try:
        for name, reader in seeing.items():
            setattr(duplicates, name, _forgetful(reader, chance))
        return _signs(rows)
    finally:
        for name, reader in seeing.items():
            setattr(duplicates, name, reader)


def _forgetful(
    reader: Callable[[str], frozenset[str]], chance: random.Random
) -> Callable[[str], frozenset[str]]:
    def read(text: str) -> frozenset[str]:
        return frozenset(name for name in sorted(reader(text)) if chance.random() > HIDDEN)

    return read


def _fitted(
    signs: np.ndarray[Any, Any],
    answers: np.ndarray[Any, Any],
    importance: np.ndarray[Any, Any],
    names: list[str],
) -> np.ndarray[Any, Any]:
    def loss(weights: np.ndarray[Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        odds = signs @ weights[:-1] + weights[-1]
        wrong = importance * (1 / (1 + np.exp(-odds)) - answers)
        cost = (importance * (np.logaddexp(0, odds) - answers * odds)).sum()
        slope = np.append(signs.T @ wrong + RIDGE * weights[:-1], wrong.sum())
        return cost + RIDGE / 2 * (weights[:-1] ** 2).sum(), slope

    bounds = [*(BOUNDS.get(name, (None, None)) for name in names), (None, None)]
    start = np.array([_nearest_to_zero(*bound) for bound in bounds])
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x)


def _nearest_to_zero(least: float | None, most: float | None) -> float:
    return max(least or 0.0, 0.0) if most is None else min(most, 0.0)


if __name__ == "__main__":
    main()
