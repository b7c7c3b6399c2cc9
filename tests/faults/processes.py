"""Real processes of a desk, which tests start, kill and stop."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

HOME = Path(__file__).resolve().parents[2]

_WORKER = (
    *("celery", "--app", "config.celery", "--quiet", "worker"),
    *("--queues", "intake,outbound,sweep", "--without-mingle", "--without-gossip"),
)


class Process:
    """One child with its own group, ended with the test whatever happens; what it said is kept."""

    def __init__(self, environment: Mapping[str, str], log: Path, *words: str) -> None:
        self.words = words
        self.environment = dict(environment)
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", *self.words],
                cwd=HOME,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        return self

    @property
    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def wait(self, within: float = 30) -> int:
        """Wait for the end and return the exit status, negative for a signal."""
        assert self._child is not None
        return self._child.wait(within)

    def kill(self) -> None:
        """End it and its children at once, without a chance to tidy up."""
        if self._child is not None:
            if self._child.poll() is None:
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait(10)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


def worker(environment: Mapping[str, str], log: Path, *, fault: str = "") -> Process:
    """A Celery worker that works in its one process, so that a fault ends all of it."""
    return Process({**environment, "ANHAO_FAULT": fault}, log, *_WORKER, "--pool", "solo")


def worker_with_children(environment: Mapping[str, str], log: Path, *modules: str) -> Process:
    """A Celery worker as in production: a child does the work and is replaced when it dies.

    The `modules` are imported too; they may bring connectors that only tests have.
    """
    pool = ("--pool", "prefork", "--concurrency", "1", "--include", ",".join(modules))
    return Process(environment, log, *_WORKER, *pool)


def beat(environment: Mapping[str, str], log: Path) -> Process:
    """The beat, which wakes the sweep."""
    words = ("celery", "--app", "config.celery", "--quiet", "beat")
    return Process(environment, log, *words, "--scheduler", "celery.beat:Scheduler")
