"""Predict whether a second message repeats a first."""

from typing import Any

from ..duplicates import Report, compare


def predict(row: dict[str, Any]) -> dict[str, Any]:
    """Whether `b` reports the issue of `a`, and whether it should be offered as its duplicate."""
    found = compare(_report(row["a"]), _report(row["b"]))
    return {"id": row["id"], "duplicate": found.duplicate, "same_issue": found.same_issue}


def _report(given: dict[str, Any]) -> Report:
    return Report(
        customer=given.get("customer"),
        text=given["text"],
        minutes=given["minutes"],
        channel=given.get("channel", ""),
    )
