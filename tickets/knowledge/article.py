"""An article as the search sees it, and the starter articles that come with Anhao."""

import json
from collections.abc import Mapping
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


@cache
def starter_articles() -> tuple[Article, ...]:
    """The articles that come with Anhao."""
    rows = map(json.loads, STARTER.read_text(encoding="utf-8").splitlines())
    return tuple(
        Article(
            slug=row["slug"],
            category=row["category"],
            titles=row["title"],
            symptoms={"zh": tuple(row["symptoms"])},
            steps={"zh": tuple(row["steps"])},
        )
        for row in rows
    )
