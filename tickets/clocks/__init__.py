"""Business time and whose terms apply: arithmetic that knows no database."""

from .arithmetic import Pause, add, elapsed
from .calendar import Calendar, NeverOpen
from .hours import Hours, parse_hours, write_hours
from .terms import Matched, Rule, most_specific

__all__ = [
    "Calendar",
    "Hours",
    "Matched",
    "NeverOpen",
    "Pause",
    "Rule",
    "add",
    "elapsed",
    "most_specific",
    "parse_hours",
    "write_hours",
]
