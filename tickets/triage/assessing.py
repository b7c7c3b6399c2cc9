"""Say where a message should go and how urgent it is."""

from functools import cache
from pathlib import Path
from typing import Final

from .assessment import Assessment
from .model import Model

STARTER: Final = Path(__file__).parent / "models" / "starter.npz"

__all__ = ["Assessment", "assess", "starter_model"]


def assess(text: str, *, language: str = "", model: Model | None = None) -> Assessment:
    """Category and urgency of a customer's words, by `model` or else the one we deliver.

    The model reads every language from the text itself; `language` is what the desk believes.
    """
    return (model or starter_model()).assess(text)


@cache
def starter_model() -> Model:
    """The model that comes with the product, read once."""
    return Model.load(STARTER.read_bytes())
