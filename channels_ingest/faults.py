"""Named points at which a test may kill the process, to see what a crash there leaves behind."""

import os
import signal

from django.conf import settings


def point(name: str) -> None:
    """Die here if a test has asked for it; only under settings that allow such tests."""
    if settings.DEBUG_FAULTS and os.environ.get("ANHAO_FAULT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
