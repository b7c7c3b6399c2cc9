"""Wait for what the desk does by itself."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
EVERY = 0.2  # seconds


class Late(Exception):
    """What was waited for did not happen; one line that says what."""


def until(ask: Callable[[], T | None], what: str, patience: float) -> T:
    """Ask until the answer is truthy, and return it. Raises Late after `patience` seconds."""
    pause, deadline = threading.Event(), time.monotonic() + patience
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise Late(f"not within {patience:.0f} s: {what}")
        pause.wait(EVERY)
    return answer
