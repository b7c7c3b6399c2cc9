"""Bring in the articles that come with Anhao, or a file of such; never over what people wrote."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from ..knowledge import Article as Starter
from ..models import Article, ArticleVersion, Category, VersionState
from ..models.knowledge import LANGUAGES, ORIGINAL
from .knowledge import Texts


@dataclass(frozen=True, slots=True)
class Imported:
    """How many texts were new, changed at their source, and left to the people who wrote them."""

    new: int = 0
    changed: int = 0
    kept: int = 0


def import_articles(*, articles: Iterable[Starter], now: datetime) -> Imported:
    """Publish what is new; a text that a person has touched since stays as it is. Safe to repeat.

    All of it or nothing. A text that is only a title is left out: readers get the original.
    """
    counted = {"new": 0, "changed": 0, "kept": 0}
    with transaction.atomic():
        found = {each.slug: each for each in Article.objects.select_for_update()}
        latest = _latest_versions()
        fresh: list[ArticleVersion] = []
        for place, given in enumerate(articles, start=1):
            article = found.get(given.slug) or _article(given, place, now)
            for language, texts in _texts(given).items():
                before = latest.get((article.pk, language))
                if before is not None and Texts.of(before) == texts:
                    continue
                outcome = "new" if before is None else _outcome(before)
                counted[outcome] += 1
                if outcome != "kept":
                    fresh.append(_version(article, language, texts, before, now))
        _replace(fresh)
    return Imported(**counted)


def articles_in(path: Path) -> list[Starter]:
    """Read a file of articles, one JSON object on each line; `docs/help-centre.md` shows one.

    Raises OSError, or ValueError with the line that cannot be read.
    """
    articles = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            articles.append(_parsed(json.loads(line)))
        except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"line {number}: {type(error).__name__} {error}") from None
    return articles


def _parsed(row: dict[str, Any]) -> Starter:
    validate_slug(row["slug"])
    return Starter(
        slug=row["slug"],
        category=Category(row["category"]).value,
        titles=dict(row["title"]),
        symptoms=_by_language(row["symptoms"]),
        steps=_by_language(row["steps"]),
    )


def _by_language(given: Any) -> dict[str, tuple[str, ...]]:
    """A bare list is in the original's language."""
    texts = given if isinstance(given, dict) else {ORIGINAL: given}
    return {code: tuple(map(str, each)) for code, each in texts.items()}


def _latest_versions() -> dict[tuple[int, str], ArticleVersion]:
    ordered = ArticleVersion.objects.order_by("number")
    return {(each.article_id, each.language): each for each in ordered}


def _article(given: Starter, place: int, now: datetime) -> Article:
    return Article.objects.create(
        slug=given.slug,
        category=given.category,
        position=place,
        created_at=now,
        changed_at=now,
    )


def _texts(given: Starter) -> dict[str, Texts]:
    written = {
        language: Texts(
            title=given.titles.get(language, ""),
            symptoms="\n".join(given.symptoms.get(language, ())),
            steps="\n".join(given.steps.get(language, ())),
        )
        for language in LANGUAGES
    }
    return {language: texts for language, texts in written.items() if texts.title and texts.steps}


def _outcome(before: ArticleVersion) -> str:
    """Whether the source may replace this: only what it brought itself and nobody archived."""
    ours = before.is_imported and before.state == VersionState.PUBLISHED
    return "changed" if ours else "kept"


def _version(
    article: Article, language: str, texts: Texts, before: ArticleVersion | None, now: datetime
) -> ArticleVersion:
    return ArticleVersion(
        article=article,
        language=language,
        number=before.number + 1 if before else 1,
        state=VersionState.PUBLISHED,
        title=texts.title,
        symptoms=texts.symptoms,
        steps=texts.steps,
        is_imported=True,
        created_at=now,
        saved_at=now,
        published_at=now,
    )


def _replace(fresh: list[ArticleVersion]) -> None:
    """Archive what the fresh versions follow, then store them."""
    for each in fresh:
        if each.number > 1:
            each.article.versions.filter(
                language=each.language, state=VersionState.PUBLISHED
            ).update(state=VersionState.ARCHIVED)
    ArticleVersion.objects.bulk_create(fresh)
