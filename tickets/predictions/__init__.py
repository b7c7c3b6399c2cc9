"""Answer evaluation rows with the product's own rules: one JSON object in, one out."""

from collections.abc import Callable
from typing import Any

from . import dialogues, numbers

Row = dict[str, Any]

TASKS: dict[str, Callable[[Row], Row]] = {
    "case_numbers": numbers.predict,
    "dialogues": dialogues.predict,
}
