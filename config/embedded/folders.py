"""Where the embedded servers keep their data, their sockets and their secrets."""

import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.env import refuse


@dataclass(frozen=True, slots=True)
class Folders:
    """The places that belong to one installation, all derived from its VAR_DIR."""

    var: Path

    @property
    def mark(self) -> str:
        """What tells this installation from others of the same user on the same machine."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets"

    @property
    def redis_data(self) -> Path:
        return self.var / "redis"

    @property
    def postgres_data(self) -> Path:
        return self.var / "postgres"

    @property
    def sockets(self) -> Path:
        """A short folder outside VAR_DIR, whose own path may be longer than a socket's may be."""
        return shortest_home() / f"anhao-{os.getuid()}-{self.mark}"

    @property
    def log(self) -> Path:
        """What the embedded servers have to say since their last start."""
        return self.run / "servers.log"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    def make(self) -> None:
        """Create what is missing, for this user's eyes only. Refuse if that cannot be done."""
        for folder in (self.var, self.run, self.secrets, self.redis_data):
            make_private(folder)

    def make_sockets(self, owner: int | None = None) -> None:
        """Create the folder of the sockets. Refuse one that somebody else has put there.

        `owner` is the account of a PostgreSQL that does not run as this user.
        """
        make_private(self.sockets)
        found = self.sockets.lstat()
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not private or found.st_uid not in {os.getuid(), owner}:
            refuse(f"{self.sockets} belongs to another user or is open to others; remove it.")
        if owner is not None:
            os.chown(self.sockets, owner, -1)

    def kept_secret(self, name: str, make: Callable[[], str]) -> str:
        """Return the secret kept under this name; make it the first time."""
        self.make()
        path = self.secrets / name
        if not path.exists():
            self._keep(path, make())
        return path.read_text(encoding="ascii").strip()

    def _keep(self, path: Path, value: str) -> None:
        """Write a secret whole or not at all; of two processes at once, the first one wins."""
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(value)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)

    def database_url(self) -> str:
        """Return the address of the embedded PostgreSQL, whether or not it runs just now."""
        host = quote(str(self.sockets), safe="/")
        return f"postgresql://anhao:{self.database_password()}@/anhao?host={host}"

    def database_password(self) -> str:
        """Return the password of the embedded PostgreSQL: random, and good in a URL as it is."""
        return self.kept_secret("postgres", lambda: secrets.token_urlsafe(32))

    def redis_url(self) -> str:
        """Return the address of the embedded Redis, whether or not it runs just now."""
        return f"unix://{self.redis_socket}?db=0"


def shortest_home() -> Path:
    """Return the folder in which the socket folder lies.

    It must be the same for every shell of a user, which TMPDIR is not, and outlive a session,
    which XDG_RUNTIME_DIR does not.
    """
    home = Path("/tmp")  # noqa: S108 - what is put there is checked by make_sockets
    return home if os.access(home, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def make_private(folder: Path) -> None:
    """Create a folder that only this user can open. Refuse if that cannot be done."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"cannot create {folder}: {error.strerror}. VAR_DIR chooses another place.")
    if not os.access(folder, os.W_OK | os.X_OK):
        refuse(f"cannot write to {folder}. Make it writable or choose another place with VAR_DIR.")
