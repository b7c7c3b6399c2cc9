"""Wait for what another process or thread does, for as long as it takes and no longer."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
EVERY = 0.02


def wait_for(ask: Callable[[], T], what: str, *, within: float = 15) -> T:
    """Ask until the answer is truthy and return it. Fail with `what` when time is up."""
    pause = threading.Event()
    deadline = time.monotonic() + within
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        pause.wait(EVERY)
    return answer
