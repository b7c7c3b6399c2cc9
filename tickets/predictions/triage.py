"""Predict category and urgency."""

from functools import cache
from typing import Any

from ..queries.triage_model import model_at_hand
from ..triage import Model


def predict(row: dict[str, Any]) -> dict[str, Any]:
    """What the desk's model says of the row's text."""
    found = _model().assess(row["text"])
    return {"id": row["id"], "category": found.category, "urgency": found.urgency}


@cache
def _model() -> Model:
    return model_at_hand()
