"""Rank articles by what a question shares with them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..text import tokens
from .article import Article

ENOUGH = 0.2  # share of the question's tokens below which no article fits


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that may answer; `score` from 0.0 to 1.0, best first."""

    slug: str
    score: float


class Index:
    """Articles made ready for many questions."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._words = {each.slug: _words(each) for each in articles}

    def search(self, question: str, *, language: str = "", limit: int = 5) -> list[Hit]:
        """The articles that fit, best first; none if none fits well enough."""
        asked = set(tokens(question))
        hits = [
            Hit(slug, len(asked & words) / max(len(asked), 1))
            for slug, words in self._words.items()
        ]
        fitting = [hit for hit in hits if hit.score >= ENOUGH]
        return sorted(fitting, key=lambda hit: (-hit.score, hit.slug))[:limit]


def _words(article: Article) -> set[str]:
    texts = [*article.titles.values()]
    for each in (*article.symptoms.values(), *article.steps.values()):
        texts.extend(each)
    return set(tokens("\n".join(texts)))
