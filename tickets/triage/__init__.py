"""What a message is about, how urgent it is, and what is missing from it. Pure."""

from .asking import missing, questions_for
from .assessing import assess, starter_model
from .assessment import Assessment
from .model import Model, NotAModel
from .structure import Structure, names_nothing, structure_of

__all__ = [
    "Assessment",
    "Model",
    "NotAModel",
    "Structure",
    "assess",
    "missing",
    "names_nothing",
    "questions_for",
    "starter_model",
    "structure_of",
]
