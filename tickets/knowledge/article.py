"""An article as the search sees it, and the starter articles that come with Anhao."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STARTER = Path(__file__).parent / "articles.jsonl"


@dataclass(frozen=True, slots=True)
class Article:
    """What can be found: titles, symptoms and steps, each by language code (zh, en, ja)."""

    slug: str
    category: str
    titles: Mapping[str, str]
    symptoms: Mapping[str, tuple[str, ...]]
    steps: Mapping[str, tuple[str, ...]]

    def texts(self) -> Iterator[str]:
        """Every title, symptom and step, in every language."""
        yield from self.titles.values()
        for told in (self.symptoms, self.steps):
            for each in told.values():
                yield from each


@cache
def starter_articles() -> tuple[Article, ...]:
    """The articles that come with Anhao."""
    rows = map(json.loads, STARTER.read_text(encoding="utf-8").splitlines())
    return tuple(
        Article(
            slug=row["slug"],
            category=row["category"],
            titles=row["title"],
            symptoms={code: tuple(texts) for code, texts in row["symptoms"].items()},
            steps={code: tuple(texts) for code, texts in row["steps"].items()},
        )
        for row in rows
    )
