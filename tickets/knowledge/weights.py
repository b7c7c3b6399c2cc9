"""The learnt part of the search: which starter article a question's pieces speak for."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .features import is_whole

LEARNT = Path(__file__).parent / "weights.npz"
NONE = ""  # stands among the slugs for "no article fits"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The known pieces: where each stands, how rare it is, and how rare an unknown one is."""

    places: Mapping[str, int]
    rarity: NDArray[np.float32]
    unknown: float

    def rarity_of(self, piece: str) -> float:
        """How much a piece says: the rarer, the more."""
        place = self.places.get(piece)
        return self.unknown if place is None else float(self.rarity[place])

    def weigh(self, pieces: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Places and weights of the pieces.

        Unknown words count for the length: a question about something else must not look
        like one about the little that it shares with ours.
        """
        counted = Counter(pieces)
        known = [(self.places[piece], n) for piece, n in counted.items() if piece in self.places]
        places = np.fromiter((place for place, _ in known), np.intp, len(known))
        often = np.fromiter((1 + math.log(n) for _, n in known), np.float32, len(known))
        weights = often * self.rarity[places]
        strange = sum(piece not in self.places and is_whole(piece) for piece in counted)
        length = math.sqrt(float(weights @ weights) + strange * self.unknown**2) or 1.0
        return places, (weights / length).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt from `questions.jsonl`; made by `manage.py train_knowledge`."""

    slugs: tuple[str, ...]
    vocabulary: Vocabulary
    rows: NDArray[np.int8]  # a row for each piece, a column for each slug
    scale: float
    bias: NDArray[np.float32]
    words: tuple[str, ...]  # Latin words that somebody wrote, for the spelling
    material: str  # digest of what it was learnt from

    def chances(self, pieces: Sequence[str]) -> dict[str, float]:
        """How likely each starter article is what is wanted, and NONE that none is."""
        places, weights = self.vocabulary.weigh(pieces)
        odds = weights @ self.rows[places].astype(np.float32) * self.scale + self.bias
        spread = np.exp(odds - odds.max())
        shares = (spread / spread.sum()).tolist()
        return dict(zip(self.slugs, shares, strict=True))

    @classmethod
    def load(cls, path: Path) -> Self:
        """The weights that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            unknown, scale = stored["numbers"].tolist()
            places = {piece: at for at, piece in enumerate(_unpacked(stored["pieces"]))}
            return cls(
                slugs=_unpacked(stored["slugs"]),
                vocabulary=Vocabulary(places, stored["rarity"], unknown),
                rows=stored["rows"],
                scale=scale,
                bias=stored["bias"],
                words=_unpacked(stored["words"]),
                material=_unpacked(stored["material"])[0],
            )

    def save(self, path: Path) -> None:
        """Write the weights as plain arrays."""
        np.savez_compressed(
            path,
            slugs=_packed(self.slugs),
            pieces=_packed(sorted(self.vocabulary.places, key=self.vocabulary.places.__getitem__)),
            rarity=self.vocabulary.rarity,
            numbers=np.array([self.vocabulary.unknown, self.scale], np.float64),
            rows=self.rows,
            bias=self.bias,
            words=_packed(self.words),
            material=_packed([self.material]),
        )


@cache
def learnt() -> Weights:
    """The weights that come with Anhao, read once."""
    return Weights.load(LEARNT)


def _packed(words: Sequence[str]) -> NDArray[np.uint8]:
    """Words as bytes: arrays of text would take four bytes a character."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def _unpacked(stored: NDArray[Any]) -> tuple[str, ...]:
    return tuple(stored.tobytes().decode().split("\n"))
