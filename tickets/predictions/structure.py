"""Predict which parts of a report are there."""

from typing import Any

from ..triage import structure_of


def predict(row: dict[str, Any]) -> dict[str, Any]:
    """What the row's text holds and lacks."""
    found = structure_of(row["text"], language=row.get("lang", ""))
    return {
        "id": row["id"],
        "has_phenomenon": found.has_phenomenon,
        "has_steps": found.has_steps,
        "has_error": found.has_error,
        "vague": found.vague,
    }
