"""Learn a model from labelled texts, and find out how good it will be on texts it never saw."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .features import Block, features_of
from .material import ASKED, FOREIGN, Row, fingerprint, starter_rows
from .model import FORMAT, Model
from .scoring import Guess, chosen_threshold

if TYPE_CHECKING:  # training is rare, and these are heavy
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

SEED: Final = 20261
FOLDS: Final = 5
FEWEST: Final = 2  # texts that must hold a feature; what one alone holds teaches nothing general
_STIFFNESS: Final = 0.5
# What people decided here counts more than what we wrote for everybody, and what was written to
# find articles less.
_WEIGHTS: Final = {"desk": 2.0, ASKED: 0.5}
_ENOUGH_TO_JUDGE: Final = 100
_TEMPERATURES: Final = tuple(0.5 + 0.25 * step for step in range(31))

Progress = Callable[[int, int], None]
Blocks = tuple[Block, Block, Block]


@dataclass(frozen=True, slots=True)
class Result:
    """A trained model, and what models trained without each text said of it."""

    model: Model
    guesses: Sequence[Guess]


def train(
    rows: Sequence[Row], *, version: str, folds: int = FOLDS, progress: Progress | None = None
) -> Result:
    """Learn from `rows`; each is also judged once by a model that has not seen it.

    Raises ValueError where a category has fewer texts than there are folds.
    """
    few = [name for name, count in Counter(row.category for row in rows).items() if count < folds]
    if few:
        raise ValueError(f"too few texts of {', '.join(sorted(few))}")
    told = progress or (lambda done, whole: None)
    steps = folds + 2
    blocks = [features_of(row.text) for row in rows]
    told(1, steps)
    category_scores, urgency_scores = _judged_unseen(rows, blocks, folds, told)
    judged = _judges(rows)
    heat = _temperature(
        [category_scores[place] for place in judged], [rows[place].category for place in judged]
    )
    known = [place for place in judged if rows[place].urgency]
    urgency_heat = _temperature(
        [urgency_scores[place] for place in known], [rows[place].urgency for place in known]
    )
    guesses = [
        _guess(row, category_scores[place], heat, urgency_scores[place])
        for place, row in enumerate(rows)
    ]
    learned = _learn(rows, blocks)
    about = {
        "format": FORMAT,
        "version": version,
        "threshold": chosen_threshold([guesses[place] for place in judged]),
        "rows": dict(sorted(Counter(row.source for row in rows).items())),
        "material": fingerprint(row for row in rows if row.source != "desk"),
        "reader": reader_fingerprint(),
    }
    told(steps, steps)
    return Result(learned.as_model(heat, urgency_heat, about), guesses)


def reader_fingerprint() -> str:
    """What tells whether texts are still read as they were when a model was trained."""
    sample = [features_of(row.text) for row in starter_rows()[::40]]
    read = json.dumps([[sorted(block.items()) for block in blocks] for blocks in sample])
    return hashlib.sha256(read.encode()).hexdigest()[:16]


def _judges(rows: Sequence[Row]) -> list[int]:
    """The rows by which confidence is set: what customers write is easier than our hard cases."""
    foreign = [place for place, row in enumerate(rows) if row.source in FOREIGN]
    return foreign if len(foreign) >= _ENOUGH_TO_JUDGE else list(range(len(rows)))


@dataclass(frozen=True, slots=True)
class _Learned:
    """Weights as they were found, one column for each category and then each urgency."""

    places: Mapping[str, int]
    rarity: "NDArray[np.float64]"
    weights: "NDArray[np.float64]"
    biases: "NDArray[np.float64]"
    categories: tuple[str, ...]
    urgencies: tuple[str, ...]

    def scores(self, blocks: Sequence[Blocks]) -> tuple[list[Mapping[str, float]], ...]:
        """For each text what speaks for each category, and for each urgency."""
        found = _matrix(blocks, self.places, self.rarity) @ self.weights + self.biases
        known = len(self.categories)
        return (
            [dict(zip(self.categories, line[:known].tolist(), strict=True)) for line in found],
            [dict(zip(self.urgencies, line[known:].tolist(), strict=True)) for line in found],
        )

    def as_model(self, heat: float, urgency_heat: float, about: Mapping[str, Any]) -> Model:
        """The model with weights of one byte each, whose scores are ready for softmax."""
        import numpy as np

        heats = np.array([heat] * len(self.categories) + [urgency_heat] * len(self.urgencies))
        weights = self.weights * heats
        scales = np.maximum(np.abs(weights).max(axis=0), 1e-6) / 127
        names = {"categories": list(self.categories), "urgencies": list(self.urgencies)}
        return Model(
            places=self.places,
            rarity=self.rarity.astype(np.float16).astype(np.float32),
            weights=np.rint(weights / scales).astype(np.int8),
            scales=scales.astype(np.float32),
            biases=(self.biases * heats).astype(np.float32),
            categories=self.categories,
            urgencies=self.urgencies,
            about={**about, **names},
        )


def _judged_unseen(
    rows: Sequence[Row], blocks: Sequence[Blocks], folds: int, told: Progress
) -> tuple[list[Mapping[str, float]], list[Mapping[str, float]]]:
    from sklearn.model_selection import StratifiedKFold

    category_scores: list[Mapping[str, float]] = [{}] * len(rows)
    urgency_scores: list[Mapping[str, float]] = [{}] * len(rows)
    parts = StratifiedKFold(folds, shuffle=True, random_state=SEED)
    labels = [row.category for row in rows]
    for done, (seen, unseen) in enumerate(parts.split(labels, labels), start=2):
        learned = _learn([rows[i] for i in seen], [blocks[i] for i in seen])
        of_categories, of_urgencies = learned.scores([blocks[i] for i in unseen])
        for place, one, other in zip(unseen, of_categories, of_urgencies, strict=True):
            category_scores[place], urgency_scores[place] = one, other
        told(done, folds + 2)
    return category_scores, urgency_scores


def _learn(rows: Sequence[Row], blocks: Sequence[Blocks]) -> _Learned:
    import numpy as np

    places, rarity = _vocabulary(blocks)
    found = _matrix(blocks, places, rarity)
    weight = np.array([_WEIGHTS.get(row.source, 1.0) for row in rows])
    known = np.array([place for place, row in enumerate(rows) if row.urgency])
    categories, weights, biases = _separate(found, [row.category for row in rows], weight)
    urgencies, more_weights, more_biases = _separate(
        found[known], [rows[place].urgency for place in known], weight[known]
    )
    return _Learned(
        places,
        rarity,
        np.hstack([weights, more_weights]),
        np.concatenate([biases, more_biases]),
        categories,
        urgencies,
    )


def _separate(
    found: "csr_matrix", labels: Sequence[str], weight: "NDArray[np.float64]"
) -> "tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]":
    """One straight border for each label against all others."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=_STIFFNESS, random_state=SEED, tol=1e-3, max_iter=5000)
    machine.fit(found, labels, sample_weight=weight)
    names = tuple(str(name) for name in machine.classes_)
    if len(names) == 2:  # one border for both: the second is its mirror image
        raise ValueError("at least three different labels are needed")
    return names, machine.coef_.T, machine.intercept_


def _vocabulary(blocks: Sequence[Blocks]) -> "tuple[dict[str, int], NDArray[np.float64]]":
    import numpy as np

    holds: Counter[str] = Counter()
    for each in blocks:
        for block in each:
            holds.update(block.keys())
    kept = sorted(name for name, count in holds.items() if count >= FEWEST)
    rarity = np.array([math.log((1 + len(blocks)) / (1 + holds[name])) + 1.0 for name in kept])
    return {name: place for place, name in enumerate(kept)}, rarity


def _matrix(
    blocks: Sequence[Blocks], places: Mapping[str, int], rarity: "NDArray[np.float64]"
) -> "csr_matrix":
    """A line for each text; each block of features has length one, as in `Model.scores`."""
    import numpy as np
    from scipy.sparse import csr_matrix

    lines: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for line, each in enumerate(blocks):
        for block in each:
            found = [(places[key], count) for key, count in block.items() if key in places]
            sizes = [count * float(rarity[place]) for place, count in found]
            length = math.sqrt(sum(size * size for size in sizes)) or 1.0
            lines += [line] * len(found)
            columns += [place for place, _ in found]
            values += [size / length for size in sizes]
    shape = (len(blocks), len(places))
    return csr_matrix((np.array(values), (np.array(lines), np.array(columns))), shape=shape)


def _temperature(scores: Sequence[Mapping[str, float]], labels: Sequence[str]) -> float:
    """By what to multiply scores so that the softmax is as sure as it is right."""

    def surprise(heat: float) -> float:
        return sum(
            math.log(sum(math.exp(heat * (other - each[label])) for other in each.values()))
            for each, label in zip(scores, labels, strict=True)
            if label in each
        )

    return min(_TEMPERATURES, key=surprise)


def _guess(
    row: Row, scores: Mapping[str, float], heat: float, urgency_scores: Mapping[str, float]
) -> Guess:
    best = max(scores, key=scores.__getitem__)
    whole = sum(math.exp(heat * (score - scores[best])) for score in scores.values())
    urgency = max(urgency_scores, key=urgency_scores.__getitem__)
    return Guess(row, best, 1.0 / whole, urgency)
