"""The written questions that the search learns from, with the articles that answer them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

QUESTIONS: Final = Path(__file__).parent / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a customer may ask it, and the articles that answer it (perhaps none)."""

    text: str
    language: str
    relevant: tuple[str, ...]


def written_questions(path: Path = QUESTIONS) -> list[Question]:
    """The questions in a file of JSON lines."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Question(row["text"], row["lang"], tuple(row["relevant"])) for row in rows]
