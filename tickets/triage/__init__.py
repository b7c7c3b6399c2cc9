"""What a message is about, how urgent it is, and what is missing from it. Pure."""

from .assessing import Assessment, assess
from .structure import Structure, structure_of

__all__ = ["Assessment", "Structure", "assess", "structure_of"]
