"""One action done to many cases: by a worker, one case at a time, to be stopped and taken back.

The list of cases is fixed when the run begins. Each case is changed in a transaction of its own
together with its line of the run, so a crash leaves nothing half done and nothing is done twice.
"""

from .starting import MOST_CASES, start
from .steering import repeat, stop, take_back
from .working import forget_old, neglected, work

__all__ = [
    "MOST_CASES",
    "forget_old",
    "neglected",
    "repeat",
    "start",
    "stop",
    "take_back",
    "work",
]
