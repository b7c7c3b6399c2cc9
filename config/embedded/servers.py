"""The embedded pair as one thing: claimed, started, found again, stopped."""

import contextlib
import subprocess
from collections.abc import Callable
from typing import Self

from config.embedded import postgres, redis
from config.embedded.claim import Claim
from config.embedded.folders import Folders
from config.embedded.processes import Register


class Taken(Exception):
    """Another supervisor works on this folder; the message is its pid."""


class Servers:
    """PostgreSQL and Redis in one VAR_DIR; either may be left out.

    Whoever starts them holds the folder's claim until `stop`, and they die with their starter.
    """

    def __init__(
        self,
        folders: Folders,
        *,
        database: bool = True,
        broker: bool = True,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.folders = folders
        self.register = Register(folders.run)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self._wanted = {postgres.NAME: database, redis.NAME: broker}
        self._say = say
        self._claim = Claim(folders.run / "claim")

    def claim(self) -> None:
        """Take the folder and end what a killed predecessor left. Raise `Taken` if it is in use."""
        self.folders.make()
        if not self._claim.take():
            raise Taken(self._claim.holder())
        for name in self.register.end_survivors():
            self._say(f"ended {name}, left over from a start that was killed")

    def start(self) -> None:
        """Start what is wanted and wait until it answers. Refuse if it does not."""
        if not any(self._wanted.values()):
            return
        where = postgres.stage(self.folders) if self._wanted[postgres.NAME] else None
        self.folders.make_sockets(where.owner if where else None)
        with self.folders.log.open("wb") as log:
            if where:
                self._tell(where.note)
                self._keep(postgres.NAME, postgres.start(self.folders, where, output=log.fileno()))
            if self._wanted[redis.NAME]:
                child, note = redis.start(self.folders, output=log.fileno())
                self._keep(redis.NAME, child)
                self._tell(note)

    def _keep(self, name: str, child: subprocess.Popen[bytes]) -> None:
        self.children[name] = child
        self.register.write(name, child.pid)

    def _tell(self, note: str) -> None:
        if note:
            self._say(note)

    def stop(self) -> None:
        """End both, Redis first, and give the folder back. Safe to call at any moment."""
        for name, module in ((redis.NAME, redis), (postgres.NAME, postgres)):
            if name in self.children:
                module.stop(self.children.pop(name))
                self.register.forget(name)
        if self._claim.held:
            with contextlib.suppress(OSError):  # never made
                self.folders.sockets.rmdir()
            self._claim.release()

    def __enter__(self) -> Self:
        self.claim()
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
