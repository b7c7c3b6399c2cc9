"""The texts from which the starter model learns: ours, and the open examples."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ..knowledge.article import starter_articles
from ..knowledge.questions import written_questions

FOLDER: Final = Path(__file__).parent / "material"
HELD_OUT: Final = Path(__file__).parent / "held_out.jsonl"
ASKED: Final = "questions"  # source of the questions that articles answer
FOREIGN: Final = ("development", "desk")  # sources of texts that were not written to teach


@dataclass(frozen=True, slots=True)
class Row:
    """A text with what it is about; an empty urgency is unknown and teaches none.

    `source` is the file's name, or "desk" for a case of the installation's own.
    """

    text: str
    category: str
    urgency: str = ""
    source: str = "desk"
    lang: str = ""
    hard: tuple[str, ...] = ()


@cache
def starter_rows() -> tuple[Row, ...]:
    """All texts that come with the product, in a fixed order."""
    own = rows_in(FOLDER)
    told = {row.text for row in (*own, *read_rows(HELD_OUT))}
    return (*own, *(row for row in asked_rows() if row.text not in told))


def asked_rows() -> list[Row]:
    """The questions that articles answer, as texts about what those articles are about."""
    categories = {article.slug: article.category for article in starter_articles()}
    rows = []
    for question in written_questions():
        about = {categories[slug] for slug in question.relevant}
        if len(about) == 1:
            rows.append(Row(question.text, about.pop(), source=ASKED, lang=question.language))
    return rows


def rows_in(folder: Path) -> list[Row]:
    """The rows of all files of a folder, file by file."""
    return [row for path in sorted(folder.glob("*.jsonl")) for row in read_rows(path)]


def read_rows(path: Path) -> list[Row]:
    """The rows of one file of JSON lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_row(json.loads(line), path.stem) for line in lines if line.strip()]


def fingerprint(rows: Iterable[Row]) -> str:
    """What tells two bodies of texts apart, whatever files they lie in."""
    whole = hashlib.sha256()
    for row in sorted(rows, key=lambda row: (row.text, row.category, row.urgency)):
        whole.update(f"{row.text}\t{row.category}\t{row.urgency}\n".encode())
    return whole.hexdigest()[:16]


def _row(given: dict[str, str], source: str) -> Row:
    return Row(
        text=given["text"],
        category=given["category"],
        urgency=given.get("urgency", ""),
        source=source,
        lang=given.get("lang", ""),
        hard=tuple(given.get("hard", ())),
    )
