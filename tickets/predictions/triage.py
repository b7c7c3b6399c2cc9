"""Predict category and urgency."""

from typing import Any

from ..triage import assess


def predict(row: dict[str, Any]) -> dict[str, Any]:
    """What the model says of the row's text."""
    found = assess(row["text"], language=row.get("lang", ""))
    return {"id": row["id"], "category": found.category, "urgency": found.urgency}
