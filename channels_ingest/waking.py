"""Wake workers without ever making anybody wait for the broker.

A wake-up is only a nudge: what it is about stands in the database, and the sweep finds it when
the nudge is lost. So one background thread publishes, and a broker that is down, frozen or full
delays neither a vendor's answer nor a transaction.
"""

import logging
import os
import queue
import threading
from collections.abc import Mapping

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

Nudge = tuple[str, tuple[tuple[str, int], ...]]
MOST_WAITING = 1000


def wake(task: str, **arguments: int) -> None:
    """Have a worker run `task` soon, once the present transaction (if any) has committed."""
    nudge = (task, tuple(sorted(arguments.items())))
    transaction.on_commit(lambda: _publisher().add(nudge))


class _Publisher:
    """A thread that sends nudges; of the same nudge at most one waits at a time."""

    def __init__(self) -> None:
        self._waiting: set[Nudge] = set()
        self._queue: queue.Queue[Nudge] = queue.Queue(MOST_WAITING)
        threading.Thread(target=self._run, name="waking", daemon=True).start()

    def add(self, nudge: Nudge) -> None:
        if nudge in self._waiting:
            return
        self._waiting.add(nudge)
        try:
            self._queue.put_nowait(nudge)
        except queue.Full:
            self._waiting.discard(nudge)

    def _run(self) -> None:
        while True:
            nudge = self._queue.get()
            # Before sending: what is asked for from now on may need a wake-up of its own.
            self._waiting.discard(nudge)
            task, arguments = nudge
            _publish(task, dict(arguments))


def _publish(task: str, arguments: Mapping[str, int]) -> None:
    try:
        current_app.send_task(task, kwargs=dict(arguments), retry=False)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the sweep will come
        logger.warning("could not wake %s: %s", task, type(error).__name__)


_lock = threading.Lock()
_publishers: dict[int, _Publisher] = {}


def _publisher() -> _Publisher:
    """The publisher of this process; a thread does not survive a fork."""
    process = os.getpid()
    with _lock:
        if process not in _publishers:
            _publishers[process] = _Publisher()
        return _publishers[process]
