"""Read case numbers out of one row's text."""

from typing import Any

from django.conf import settings

from ..case_numbers import read


def predict(row: dict[str, Any]) -> dict[str, Any]:
    """Found numbers with their strength and the invalid ones, in order of appearance."""
    reading = read(row["text"], prefix=row.get("prefix") or settings.CASE_NUMBER_PREFIX)
    return {
        "id": row["id"],
        "found": [{"number": f.number, "strength": f.strength} for f in reading.found],
        "invalid": [invalid.digits for invalid in reading.invalid],
    }
