"""A linear model of texts: small, plain numbers, read without running any code."""

import io
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .assessment import Assessment
from .features import features_of

FORMAT: Final = 1
_DAMAGES: Final = (
    ValueError,
    KeyError,
    OSError,
    EOFError,
    TypeError,
    BadZipFile,
    zlib.error,
)
_SEPARATOR: Final = "\n"  # folded texts hold no line breaks, so no feature does


class NotAModel(ValueError):
    """The bytes hold no model that this version can read."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of every feature for every category and urgency.

    `about` says what it was trained on and how well it did; `threshold` is the confidence below
    which it abstains.
    """

    places: Mapping[str, int]
    rarity: NDArray[np.float32]
    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    biases: NDArray[np.float32]
    categories: tuple[str, ...]
    urgencies: tuple[str, ...]
    about: Mapping[str, Any]

    @property
    def version(self) -> str:
        return str(self.about["version"])

    @property
    def threshold(self) -> float:
        return float(self.about["threshold"])

    @classmethod
    def load(cls, data: bytes) -> "Model":
        """Read what `dump` wrote. Raises NotAModel."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                about = json.loads(arrays["about"].tobytes())
                names = arrays["names"].tobytes().decode().split(_SEPARATOR)
                model = cls(
                    places={name: place for place, name in enumerate(names)},
                    rarity=arrays["rarity"].astype(np.float32),
                    weights=arrays["weights"],
                    scales=arrays["scales"].astype(np.float32),
                    biases=arrays["biases"].astype(np.float32),
                    categories=tuple(about["categories"]),
                    urgencies=tuple(about["urgencies"]),
                    about=about,
                )
        except _DAMAGES as error:
            raise NotAModel(str(error)) from error
        model._check()
        return model

    def dump(self) -> bytes:
        """The model as bytes; the same model gives the same bytes."""
        target = io.BytesIO()
        names = _SEPARATOR.join(self.places).encode()
        np.savez_compressed(
            target,
            names=np.frombuffer(names, np.uint8),
            rarity=self.rarity.astype(np.float16),
            weights=self.weights,
            scales=self.scales,
            biases=self.biases,
            about=np.frombuffer(json.dumps(dict(self.about), sort_keys=True).encode(), np.uint8),
        )
        return target.getvalue()

    def _check(self) -> None:
        columns = len(self.categories) + len(self.urgencies)
        if (
            self.about.get("format") != FORMAT
            or self.weights.shape != (len(self.places), columns)
            or self.rarity.shape != (len(self.places),)
            or self.scales.shape != (columns,)
            or self.biases.shape != (columns,)
        ):
            raise NotAModel("the parts do not fit together")

    def assess(self, text: str) -> Assessment:
        """Category and urgency of a text, with how sure the model is of each."""
        scores = self.scores(text)
        known = len(self.categories)
        category, confidence = _likeliest(self.categories, scores[:known])
        urgency, urgency_confidence = _likeliest(self.urgencies, scores[known:])
        return Assessment(
            category=category,
            confidence=confidence,
            urgency=urgency,
            urgency_confidence=urgency_confidence,
            abstains=confidence < self.threshold,
            model=self.version,
        )

    def scores(self, text: str) -> list[float]:
        """One number for each category, then for each urgency; the highest is the likeliest."""
        totals = self.biases.astype(np.float64)
        for block in features_of(text):
            found = [
                (self.places[key], count) for key, count in block.items() if key in self.places
            ]
            if not found:
                continue
            rows = np.array([place for place, _ in found])
            values = np.array([count for _, count in found]) * self.rarity[rows]
            values /= math.sqrt(float(values @ values)) or 1.0
            totals += (values @ self.weights[rows].astype(np.float32)) * self.scales
        return [float(each) for each in totals]


def _likeliest(names: tuple[str, ...], scores: list[float]) -> tuple[str, float]:
    """The best name and its share of the whole, by softmax."""
    best = max(range(len(names)), key=scores.__getitem__)
    whole = sum(math.exp(score - scores[best]) for score in scores)
    return names[best], 1.0 / whole
