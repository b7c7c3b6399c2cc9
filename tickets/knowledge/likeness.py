"""How far two texts ask for the same thing, judged by the articles that would answer them."""

import math
from collections.abc import Mapping
from functools import lru_cache

from .features import features
from .weights import NONE, learnt


def answered_alike(a: str, b: str) -> float:
    """From 0.0 (other articles, or none) to 1.0 (the same); in whatever languages they are."""
    first, second = _answers(a), _answers(b)
    return sum(math.sqrt(chance * second[slug]) for slug, chance in first.items())


@lru_cache(maxsize=4096)  # the words of an open case are compared with every new one's
def _answers(text: str) -> Mapping[str, float]:
    chances = learnt().chances(features(text))
    return {slug: chance for slug, chance in chances.items() if slug != NONE}
