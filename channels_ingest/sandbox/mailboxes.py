"""What the two halves of the mail emulator share: mailboxes in memory, faults, line servers."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

LONGEST_HANG = 60.0  # a connection whose test died must not keep a thread for ever

# What a fault does instead of answering: break the line, say nothing, or stop inside a literal.
Special = Literal["drop", "hang", "cut"]


@dataclass(slots=True)
class Mail:
    uid: int
    raw: bytes
    arrived_at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Folder:
    """One user's only folder."""

    uidvalidity: int = 1
    next_uid: int = 1
    mails: list[Mail] = field(default_factory=list)

    def add(self, raw: bytes, arrived_at: datetime) -> int:
        self.mails.append(Mail(self.next_uid, raw, arrived_at))
        self.next_uid += 1
        return self.next_uid - 1

    def renumber(self) -> None:
        """Give every mail another UID, as after a restore: UIDVALIDITY changes."""
        self.uidvalidity += 1
        for uid, mail in enumerate(self.mails, start=1):
            mail.uid = uid
        self.next_uid = len(self.mails) + 1


@dataclass(slots=True)
class Fault:
    """An answer that a stage of the dialogue gives instead of its own, a number of times."""

    stage: str
    answer: str | Special
    times: int = 1
    processed: bool = False  # the work is done first: only the answer is lost


class Dropped(Exception):
    """The emulator breaks this connection."""


class Post:
    """All mailboxes and all planned faults, safe to use from every thread."""

    def __init__(self, *, password: str = "") -> None:
        self.password = password  # empty: every password is right
        self.changed = threading.Condition(threading.RLock())
        self.released = threading.Event()
        self.folders: dict[str, Folder] = {}
        self.faults: list[Fault] = []
        self.unknown: set[str] = set()  # addresses that SMTP refuses
        self.largest = 35 * 1024 * 1024
        self.logins = 0
        self.login_limit: int | None = None

    def folder(self, address: str) -> Folder:
        """The folder of an address; it comes into being when first asked for."""
        with self.changed:
            return self.folders.setdefault(mailbox_of(address), Folder())

    def put(self, address: str, raw: bytes, arrived_at: datetime | None = None) -> int:
        """Lay a mail into a mailbox; return its UID."""
        with self.changed:
            uid = self.folder(address).add(raw, arrived_at or datetime.now(UTC))
            self.changed.notify_all()
        return uid

    def fail(self, stage: str, answer: str, *, times: int = 1, processed: bool = False) -> None:
        """Plan what a stage shall answer: a line, or "drop", "hang", "cut"."""
        with self.changed:
            self.faults.append(Fault(stage, answer, times, processed))

    def fault(self, stage: str) -> Fault | None:
        """The fault planned for this stage now, used up by asking."""
        with self.changed:
            found = next((f for f in self.faults if f.stage == stage and f.times > 0), None)
            if found:
                found.times -= 1
            return found

    def wait_for_mail(self, address: str, count: int, timeout: float = 10.0) -> list[bytes]:
        """Wait until a mailbox holds so many mails. Raises TimeoutError."""
        with self.changed:
            folder = self.folder(address)
            if not self.changed.wait_for(lambda: len(folder.mails) >= count, timeout):
                raise TimeoutError(f"{len(folder.mails)} of {count} mails for {address}")
            return [mail.raw for mail in folder.mails]

    def may_log_in(self, password: str) -> bool:
        with self.changed:
            self.logins += 1
            is_limited = self.login_limit is not None and self.logins > self.login_limit
            return not is_limited and password in (self.password, self.password or password)


def mailbox_of(address: str) -> str:
    """The mailbox that receives an address: lower case, without +tag."""
    local, at, domain = address.strip("<> ").lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


class Dialogue(socketserver.StreamRequestHandler):
    """One connection that speaks in lines; `post` and the server's quirks are at hand."""

    server: "LineServer"

    @property
    def post(self) -> Post:
        return self.server.post

    def talk(self) -> None:
        raise NotImplementedError

    def handle(self) -> None:
        self.server.connections.add(self.connection)
        try:
            self.talk()
        except (Dropped, OSError, ValueError):
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        finally:
            self.server.connections.discard(self.connection)

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def say(self, line: str) -> None:
        self.write(line.encode() + b"\r\n")

    def write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def line(self) -> str:
        raw = self.rfile.readline(1024 * 1024)
        if not raw:
            raise Dropped
        return raw.decode("utf-8", "replace").rstrip("\r\n")

    def stumble(self, fault: Fault) -> str:
        """The line that a fault answers; a special fault ends the connection."""
        if fault.answer == "hang":
            self.post.released.wait(LONGEST_HANG)
        if fault.answer in ("hang", "drop", "cut"):
            raise Dropped
        return fault.answer


class LineServer(socketserver.ThreadingTCPServer):
    """A threaded server on the loopback."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, post: Post, dialogue: type[Dialogue], port: int, quirks: Any = None) -> None:
        self.post = post
        self.quirks = quirks
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), dialogue)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def serving(*servers: LineServer) -> Iterator[None]:
    """Serve in threads of our own until the block ends; open connections are cut."""
    threads = [
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        for server in servers
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.post.released.set()
            server.shutdown()
            thread.join()
            for connection in list(server.connections):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            server.server_close()
