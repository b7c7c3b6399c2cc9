"""The processes of one desk as one group with one log."""

import os
import selectors
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from config.embedded import processes
from config.embedded.processes import Register

# Work that is cut off is found again by the sweep, so nobody waits for a slow task.
PATIENCE = 8.0
WIDTH = 8
COLOURS = {"anhao": 32, "web": 36, "worker": 33, "beat": 35}


class Log:
    """Write lines with the name of who says them in front, coloured on a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ

    def line(self, name: str, text: str) -> None:
        """Write one line. A reader who has gone away is no reason to stop."""
        prefix = f"{name:<{WIDTH}}|"
        if self._coloured:
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
        try:
            print(prefix, text, file=self._out, flush=True)
        except OSError:
            self._out = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - kept open


class Crew:
    """Children in one process group, whose output is passed on line by line."""

    def __init__(
        self, log: Log, register: Register, *, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self._log = log
        self._register = register
        self._folder = folder
        self._environment = environment
        self._pipes = selectors.DefaultSelector()
        self._unfinished: dict[str, bytes] = {}
        self._group = 0

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start one Python module as a child."""
        child = processes.start(
            [sys.executable, "-m", *arguments],
            output=subprocess.PIPE,
            group=self._group,
            environment=self._environment,
            folder=self._folder,
        )
        self.children[name] = child
        self._group = self._group or child.pid
        self._register.write(name, child.pid)
        if child.stdout is not None:  # always so, with a pipe
            self._pipes.register(child.stdout, selectors.EVENT_READ, name)

    def pass_on(self, wait: float) -> None:
        """Print what children have said; wait at most so many seconds for the first word."""
        for key, _ in self._pipes.select(wait):
            said = os.read(key.fd, 65536)
            if not said:
                self._pipes.unregister(key.fileobj)
            self._print(key.data, said)

    def _print(self, name: str, said: bytes) -> None:
        *lines, rest = (self._unfinished.get(name, b"") + said).split(b"\n")
        if not said and rest:
            lines, rest = [*lines, rest], b""
        self._unfinished[name] = rest
        for line in lines:
            if words := line.decode("utf-8", "replace").rstrip():
                self._log.line(name, words)

    def _all_ended(self) -> bool:
        self.pass_on(0)
        return all(child.poll() is not None for child in self.children.values())

    def stop(self) -> None:
        """Ask all children to end, then kill those that do not and what they have left behind."""
        for child in self.children.values():
            child.terminate()
        processes.wait_until(self._all_ended, PATIENCE)
        if self._group:
            processes.kill_group(self._group)
        for name, child in self.children.items():
            child.wait()
            self._register.forget(name)
        self.pass_on(0)
        self._pipes.close()
