"""A line that breaks: a relay before the web process that cuts connections within a file."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PIECE = b"PATCH /support/uploads/"


@dataclass
class BadLine:
    """Passes everything on, and cuts as often as it is told, each time within a piece of a file."""

    address: str
    cuts: int = 0
    done: list[int] = field(default_factory=list)

    def relay(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what the browser says until it is to be cut."""
        seen = -1
        while data := _received(client):
            if PIECE in data:
                seen = 0
            seen += len(data) if seen >= 0 else 0
            if self.cuts > len(self.done) and seen > 100_000:
                self.done.append(seen)
                return
            server.sendall(data)


@contextmanager
def bad_line(site: str, *, cuts: int) -> Iterator[BadLine]:
    """A line to the site that breaks `cuts` times."""
    target = urlsplit(site)
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        line = BadLine(f"http://127.0.0.1:{listener.getsockname()[1]}", cuts)
        accepting = threading.Thread(
            target=_accept, args=(listener, (target.hostname, target.port), line), daemon=True
        )
        accepting.start()
        yield line
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join(timeout=5)


def _accept(listener: socket.socket, target: tuple[str, int], line: BadLine) -> None:
    with suppress(OSError):  # the listener is closed at the end
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(target)
            for work in (_forward, _back):
                threading.Thread(target=work, args=(line, client, server), daemon=True).start()


def _forward(line: BadLine, client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        line.relay(client, server)
    _close(client, server)


def _back(_line: BadLine, client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        while data := _received(server):
            client.sendall(data)
    _close(client, server)


def _received(end: socket.socket) -> bytes:
    return end.recv(64 * 1024)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
