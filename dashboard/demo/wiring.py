"""What the demo's desk and its sandbox agree on: ports, secrets, and where pushes go.

The sandbox's process reads it without Django, from a file that only this user can open.
"""

import base64
import hashlib
import json
import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

DOMAIN = "qingwu.example"
ADDRESS = f"support@{DOMAIN}"  # the desk's mailbox
PLACES = ("imap", "smtp", "mail", "forum", "callbacks", "qq", "wechat", "weibo")


@dataclass(frozen=True, slots=True)
class Wiring:
    """`ports` by place, `callbacks` by vendor; `linked` are hosts that texts may link to."""

    secret: str
    ports: dict[str, int]
    callbacks: dict[str, str] = field(default_factory=dict)
    linked: tuple[str, ...] = ()

    def url(self, place: str) -> str:
        return f"http://127.0.0.1:{self.ports[place]}"

    def word(self, name: str) -> str:
        """A secret of its own for `name`, made of letters and digits."""
        return hashlib.sha256(f"{self.secret}/{name}".encode()).hexdigest()[:32]

    def key(self, name: str) -> str:
        """A key of 32 bytes for `name`, in base64 without its last sign."""
        digest = hashlib.sha256(f"{self.secret}/{name}".encode()).digest()
        return base64.b64encode(digest).decode().rstrip("=")


def write_wiring(path: Path, wiring: Wiring) -> None:
    """Keep it, whole or not at all, for this user's eyes only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(wiring), file)
    draft.replace(path)


def read_wiring(path: Path) -> Wiring | None:
    """What was kept there, or None where nothing was or where it lacks a place."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if set(given["ports"]) != set(PLACES):
        return None
    return Wiring(given["secret"], given["ports"], given["callbacks"], tuple(given["linked"]))


def free_ports() -> dict[str, int]:
    """A port of the loopback for each place, on which nobody listens now."""
    with ExitStack() as stack:
        probes = {place: stack.enter_context(socket.socket()) for place in PLACES}
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {place: int(probe.getsockname()[1]) for place, probe in probes.items()}


def are_free(ports: Iterable[int]) -> bool:
    """Whether servers can listen on all these ports of the loopback."""
    return all(map(_is_free, ports))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
