"""Which published articles may help with somebody's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ..knowledge import Article, Index, starter_articles
from ..text import language_of


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article to offer, in the reader's language (or else Chinese)."""

    slug: str
    title: str
    steps: tuple[str, ...]
    score: float


def suggested(text: str, *, language: str = "", limit: int = 3) -> list[Suggested]:
    """The articles that fit these words, best first; none if none fits.

    `language` is the reader's, as Django writes it (zh-hans, en, ja); guessed where empty.
    """
    code = (language or language_of(text))[:2] or "zh"
    articles, index = _starter()
    hits = index.search(text, language=code, limit=limit)
    return [
        Suggested(
            hit.slug,
            _in(articles[hit.slug].titles, code),
            articles[hit.slug].steps.get(code) or articles[hit.slug].steps["zh"],
            hit.score,
        )
        for hit in hits
    ]


@cache
def _starter() -> tuple[dict[str, Article], Index]:
    articles = starter_articles()
    return {each.slug: each for each in articles}, Index(articles)


def _in(texts: Mapping[str, str], code: str) -> str:
    return texts.get(code) or texts.get("zh") or ""
