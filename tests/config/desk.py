"""A whole desk as a person starts it, for tests that watch it from outside."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from config.embedded.folders import Folders
from config.embedded.processes import Known, birth_of
from tests.waiting import wait_for

HOME = Path(__file__).resolve().parents[2]


# A desk without sample people, which starts in seconds.
EMPTY = {
    "DEMO": "no",
    "HTTPS": "no",
    "SECRET_KEY": "only-for-tests-" * 5,
    "CREDENTIALS_KEY": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI=",
}


class Desk:
    """`manage.py up` in a folder and on a port of its own."""

    def __init__(
        self, var: Path, *, port: int | None = None, demo: bool = False, **settings: str
    ) -> None:
        self.var = var
        self.port = port or free_port()
        self.log = var.with_name(f"{var.name}.log")
        address = {"PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        self._settings = settings if demo else {**EMPTY, **address, **settings}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it and return at once."""
        # No locale, no HOME of use, nothing of the test run's own settings.
        environment = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(self.var),
            "PORT": str(self.port),
            **self._settings,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=HOME,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def wait_until_up(self, *, within: float = 120) -> Self:
        wait_for(lambda: "the desk is up" in self.said() or self.ended(), "up", within=within)
        assert not self.ended(), self.said()
        return self

    def ended(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, *, within: float = 60) -> int:
        """Wait for the end and return the exit status."""
        assert self.process is not None
        return self.process.wait(within)

    def health(self) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def processes(self) -> dict[Known, str]:
        """Return every process of this desk (by what /proc tells), with its command line."""
        marks = (os.fsencode(f"VAR_DIR={self.var}\0"), os.fsencode(Folders(self.var).sockets))
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                told = command + (folder / "environ").read_bytes()
            except OSError:
                continue
            if command and any(mark in told for mark in marks):
                pid = int(folder.name)
                found[Known(pid, birth_of(pid))] = command.replace(b"\0", b" ").decode()
        return found

    def pid_of(self, pattern: str) -> int:
        """Return the oldest process whose command line matches."""
        return min(
            known.pid for known, line in self.processes().items() if re.search(pattern, line)
        )

    def end(self) -> None:
        """Leave nothing behind, whatever the test has done."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                self.process.wait(60)
            for known in self.processes():
                os.kill(known.pid, signal.SIGKILL)
        shutil.rmtree(Folders(self.var).sockets, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
