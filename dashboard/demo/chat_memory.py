"""What the chat vendors of the demo keep across a restart: who wrote what, who may be answered.

After a new start an agent can go on with a chat of before, as with any vendor that was never away.
"""

import pickle
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from channels_ingest.sandbox.base import Emulator

LOOK_EVERY = 1.0  # seconds


class ChatMemory:
    """The named attributes of one vendor, in one file."""

    def __init__(self, vendor: Emulator, path: Path, names: Iterable[str]) -> None:
        self.vendor = vendor
        self.path = path
        self.names = tuple(names)
        self._kept = b""

    def restore(self) -> None:
        """Give the vendor what was kept. What another version has kept is left aside."""
        try:
            # The file is our own, in a folder of this user: nobody else's bytes are read here.
            kept = pickle.loads(self.path.read_bytes())  # noqa: S301
        except (FileNotFoundError, AttributeError, ImportError, pickle.UnpicklingError):
            return
        if set(kept) == set(self.names):
            for name, value in kept.items():
                setattr(self.vendor, name, value)

    def keep(self) -> None:
        """Write what has changed, whole or not at all."""
        with self.vendor.lock:
            now = pickle.dumps({name: getattr(self.vendor, name) for name in self.names})
        if now != self._kept:
            draft = self.path.with_suffix(".new")
            draft.write_bytes(now)
            draft.replace(self.path)
            self._kept = now


def keep_chats(memories: Iterable[ChatMemory]) -> NoReturn:
    """Keep every chat after whatever changed it."""
    known, pause = tuple(memories), threading.Event()
    while True:
        for memory in known:
            memory.keep()
        pause.wait(LOOK_EVERY)
