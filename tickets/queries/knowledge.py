"""Which published articles may help with somebody's words; they are read once for many questions.

Each process keeps them, and asks the database each time whether anything was published since.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max

from ..knowledge import Article as Findable
from ..knowledge import Index
from ..markup import lines_of, steps_of
from ..models import ArticleVersion, VersionState
from ..models.knowledge import LANGUAGES, ORIGINAL
from ..text import language_of


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article to offer, in the reader's language or else in `language`: the original's."""

    slug: str
    title: str
    steps: tuple[str, ...]
    score: float
    symptoms: tuple[str, ...] = ()
    category: str = ""
    language: str = ORIGINAL


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every published article as it stood at one moment, ready to be searched."""

    stamp: tuple[Any, ...]
    articles: Mapping[str, Findable]
    index: Index

    @property
    def changed_at(self) -> datetime | None:
        """When anything of it was last published, moved or taken away."""
        times = (each for each in self.stamp if isinstance(each, datetime))
        return max(times, default=None)

    def find(
        self, text: str, *, language: str, limit: int, is_unfinished: bool = False
    ) -> list[Suggested]:
        """The articles that fit, best first; `is_unfinished` while the text is being typed."""
        hits = self.index.search(text, language=language, limit=limit, prefix=is_unfinished)
        return [_suggested(self.articles[hit.slug], language, hit.score) for hit in hits]

    def everything(self, language: str) -> list[Suggested]:
        """All articles by topic, in their own order."""
        return [_suggested(each, language, 0.0) for each in self.articles.values()]


def suggested(text: str, *, language: str = "", limit: int = 3) -> list[Suggested]:
    """The published articles that fit these words, best first; none if none fits. One query.

    `language` is the reader's, as Django writes it (zh-hans, en, ja); guessed where empty.
    """
    code = (language or language_of(text))[:2] or ORIGINAL
    return shelf().find(text, language=code, limit=limit)


def shelf() -> Shelf:
    """All that is published at this moment, in one small query where nothing has changed."""
    stamp = _stamp()
    kept = _kept.shelf
    if kept is None or kept.stamp != stamp:
        with _kept.lock:
            kept = _kept.shelf
            if kept is None or kept.stamp != stamp:
                kept = _kept.shelf = _read(stamp)
    return kept


class _Kept:
    """The shelf of this process. Threads that find it outdated wait for one to read it anew."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.shelf: Shelf | None = None


_kept = _Kept()


def _stamp() -> tuple[Any, ...]:
    """What differs after every publication: nothing that is published is ever rewritten."""
    published = ArticleVersion.objects.filter(state=VersionState.PUBLISHED)
    found = published.aggregate(
        Count("pk"), Max("pk"), Max("published_at"), Max("article__changed_at")
    )
    return tuple(found.values())


def _read(stamp: tuple[Any, ...]) -> Shelf:
    versions = (
        ArticleVersion.objects.filter(state=VersionState.PUBLISHED)
        .select_related("article")
        .order_by("article__category", "article__position", "article_id")
    )
    by_slug: dict[str, list[ArticleVersion]] = {}
    for each in versions:
        by_slug.setdefault(each.article.slug, []).append(each)
    articles = {slug: _findable(slug, each) for slug, each in by_slug.items()}
    return Shelf(stamp, articles, Index(articles.values()))


def _findable(slug: str, versions: Iterable[ArticleVersion]) -> Findable:
    texts = {each.language: each for each in versions}
    category = next(iter(texts.values())).article.category
    return Findable(
        slug=slug,
        category=category,
        titles={code: each.title for code, each in texts.items()},
        symptoms={code: lines_of(each.symptoms) for code, each in texts.items()},
        steps={code: steps_of(each.steps) for code, each in texts.items()},
    )


def _suggested(article: Findable, language: str, score: float) -> Suggested:
    read = next(each for each in (language, *LANGUAGES) if each in article.titles)
    return Suggested(
        slug=article.slug,
        title=article.titles[read],
        steps=article.steps.get(read, ()),
        score=score,
        symptoms=article.symptoms.get(read, ()),
        category=article.category,
        language=read,
    )
