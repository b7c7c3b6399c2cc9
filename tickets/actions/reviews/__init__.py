"""Identity reviews: material that few may see, a clock, and decisions of two people."""

from .deciding import ask_for_more, decide
from .keeping import delete_due, kept_for, remind_due
from .material import MOST_FILES, TIME, add_material
from .opening import open_review, reviewable
from .viewing import look_at_file, look_at_places

__all__ = [
    "MOST_FILES",
    "TIME",
    "add_material",
    "ask_for_more",
    "decide",
    "delete_due",
    "kept_for",
    "look_at_file",
    "look_at_places",
    "open_review",
    "remind_due",
    "reviewable",
]
