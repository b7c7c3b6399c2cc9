"""Find articles by what their own texts share with a question, without any learning."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from .article import Article
from .features import features
from .weights import Vocabulary


class OwnTexts:
    """The texts of articles that nobody wrote questions for, made ready for many questions."""

    def __init__(self, articles: Iterable[Article], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._slugs: list[str] = []
        self._lengths: list[tuple[int, float]] = []  # of each text: its article, its length
        self._in_texts: dict[str, list[int]] = defaultdict(list)
        self._in_articles: dict[str, list[int]] = defaultdict(list)
        for article in articles:
            self._add(article)

    def scores(self, pieces: Sequence[str]) -> dict[str, float]:
        """From 0.0 to 1.0 for each article that shares anything.

        Half of it is how alike the question and the nearest text are, half how much of the
        question occurs anywhere in the article.
        """
        asked = {piece: self._weight(piece) for piece in set(pieces)}
        whole = sum(asked.values())
        if not self._slugs or not whole:
            return {}
        nearest: dict[int, float] = defaultdict(float)
        for text, shared in _shared(asked, self._in_texts).items():
            article, length = self._lengths[text]
            nearest[article] = max(nearest[article], shared / (length * math.sqrt(whole)))
        covered = _shared(asked, self._in_articles)
        return {
            self._slugs[article]: (alike + covered[article] / whole) / 2
            for article, alike in nearest.items()
        }

    def _add(self, article: Article) -> None:
        at = len(self._slugs)
        self._slugs.append(article.slug)
        everything: set[str] = set()
        for text in article.texts():
            pieces = set(features(text))
            length = math.sqrt(sum(map(self._weight, pieces))) or 1.0
            for piece in pieces:
                self._in_texts[piece].append(len(self._lengths))
            self._lengths.append((at, length))
            everything |= pieces
        for piece in everything:
            self._in_articles[piece].append(at)

    def _weight(self, piece: str) -> float:
        return self._vocabulary.rarity_of(piece) ** 2


def _shared(asked: dict[str, float], places: dict[str, list[int]]) -> dict[int, float]:
    found: dict[int, float] = defaultdict(float)
    for piece, weight in asked.items():
        for place in places.get(piece, ()):
            found[place] += weight
    return found
