"""Let only one supervisor work on a folder; the kernel drops the claim of one that was killed."""

import fcntl
import os
from pathlib import Path


class Claim:
    """A lock on a file that lasts as long as this process (children do not inherit it)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def take(self) -> bool:
        """Take the claim and leave our pid in the file; say whether nobody else had it."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        self._handle = handle
        return True

    def release(self) -> None:
        """Give the claim back. Without one nothing happens."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def holder(self) -> str:
        """Return the pid that the present holder has left."""
        return self.path.read_text(encoding="ascii").strip()
