"""Answer evaluation rows with the product's own rules: one JSON object in, one out."""

from collections.abc import Callable
from typing import Any

from . import dialogues, duplicates, kb_search, numbers, structure, triage

Row = dict[str, Any]

TASKS: dict[str, Callable[[Row], Row]] = {
    "case_numbers": numbers.predict,
    "dialogues": dialogues.predict,
    "duplicates": duplicates.predict,
    "kb_search": kb_search.predict,
    "structure": structure.predict,
    "triage": triage.predict,
}
