"""The worker of this desk as it tells of itself: its main process, and the children that work."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from celery import current_app
from django.conf import settings

from .waiting import Late

ANSWERS_WITHIN = 3.0  # seconds


@dataclass(frozen=True, slots=True)
class Processes:
    main: int
    children: tuple[int, ...]


def processes() -> Processes:
    """Ask the worker for its process ids. Raises Late where none answers."""
    found = _asked()
    if found is None:
        raise Late("no worker answers")
    return found


def kill(child: int) -> None:
    """End one child as the kernel does when memory is short."""
    os.kill(child, signal.SIGKILL)


def mended(before: Processes) -> Callable[[], Processes | None]:
    """A question: the processes now, once the pool is whole again with other children."""

    def ask() -> Processes | None:
        now = _asked()
        is_whole = now is not None and len(now.children) == len(before.children)
        return now if now and is_whole and set(now.children) != set(before.children) else None

    return ask


def _asked() -> Processes | None:
    """Only the worker that `manage.py up` has started here: another's ids mean nothing to us."""
    ours = f"desk-{settings.FOLDERS.mark}@"
    answers = current_app.control.inspect(timeout=ANSWERS_WITHIN, limit=1).stats() or {}
    for name, stats in answers.items():
        if name.startswith(ours):
            return Processes(stats["pid"], tuple(stats["pool"]["processes"]))
    return None
