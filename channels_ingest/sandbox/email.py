"""A mail provider on this machine that can be made to misbehave: SMTP in, IMAP out.

    with MailServer() as server:
        server.post.put("help@shop.example", raw)
        server.post.fail("smtp end", "drop", processed=True)

`python -m channels_ingest.sandbox.email --imap-port 1143 --smtp-port 1025` runs it by itself: mail
sent by SMTP to any address lies in that address's mailbox, whose user name is the address.
"""

import argparse
import base64
import binascii
import signal
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from channels_ingest.sandbox.imap import ImapDialogue, Quirks
from channels_ingest.sandbox.mailboxes import Dialogue, LineServer, Post, mailbox_of, serving


@dataclass(slots=True)
class Outgoing:
    """One SMTP transaction so far."""

    sender: str = ""
    recipients: tuple[str, ...] = ()


class SmtpDialogue(Dialogue):
    """One SMTP connection."""

    def talk(self) -> None:
        self.open = Outgoing()
        if fault := self.post.fault("smtp greeting"):
            self.say(self.stumble(fault))
            return
        self.say("220 sandbox ESMTP")
        while True:
            name, _space, rest = self.line().partition(" ")
            if name.upper() == "QUIT":
                self.say("221 bye")
                return
            self.say(self.answer(name.upper(), rest))

    def answer(self, name: str, rest: str) -> str:
        """Carry out one command and return the last line of its answer."""
        if fault := self.post.fault(f"smtp {name.lower()}"):
            return self.stumble(fault)
        match name:
            case "EHLO":
                self.say("250-sandbox")
                self.say("250-8BITMIME")
                self.say("250-AUTH PLAIN LOGIN")
                return f"250 SIZE {self.post.largest}"
            case "HELO" | "NOOP":
                return "250 OK"
            case "AUTH":
                return self.authenticate(rest)
            case "RSET":
                self.open = Outgoing()
                return "250 OK"
            case "MAIL":
                self.open = Outgoing(sender=_path(rest))
                return "250 OK"
            case "RCPT":
                return self.recipient(_path(rest))
            case "DATA":
                return self.data()
        return "502 unknown command"

    def authenticate(self, rest: str) -> str:
        method, _space, initial = rest.partition(" ")
        try:
            if method.upper() == "PLAIN":
                given = base64.b64decode(initial or self.asked(""))
                password = given.split(b"\0")[-1].decode()
            else:
                self.asked("VXNlcm5hbWU6") if not initial else None
                password = base64.b64decode(self.asked("UGFzc3dvcmQ6")).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "501 cannot decode"
        is_right = self.post.may_log_in(password)
        return "235 signed in" if is_right else "535 Login fail. Password or frequency"

    def asked(self, prompt: str) -> str:
        self.say(f"334 {prompt}")
        return self.line()

    def recipient(self, address: str) -> str:
        if mailbox_of(address) in self.post.unknown:
            return "550 5.1.1 Mailbox not found"
        self.open.recipients = (*self.open.recipients, address)
        return "250 OK"

    def data(self) -> str:
        if not self.open.recipients:
            return "503 no recipients"
        self.say("354 go on")
        raw = self.received()
        fault = self.post.fault("smtp end")
        if fault is None or fault.processed:
            self.deliver(raw)
        return self.stumble(fault) if fault else "250 accepted"

    def received(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def deliver(self, raw: bytes) -> None:
        stamped = b"Return-Path: <%s>\r\n%s" % (self.open.sender.encode(), raw)
        for address in self.open.recipients:
            self.post.put(address, stamped)
        self.open = Outgoing()


def _path(rest: str) -> str:
    """The address in "FROM:<a@b> SIZE=12"."""
    return rest.partition("<")[2].partition(">")[0]


class MailServer:
    """Both halves with one set of mailboxes; a context manager."""

    def __init__(self, *, password: str = "", imap_port: int = 0, smtp_port: int = 0) -> None:
        self.post = Post(password=password)
        self.quirks = Quirks()
        self.imap = LineServer(self.post, ImapDialogue, imap_port, self.quirks)
        self.smtp = LineServer(self.post, SmtpDialogue, smtp_port)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(serving(self.imap, self.smtp))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--imap-port", type=int, default=1143)
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--password", default="", help="of every mailbox; empty: any will do")
    given = parser.parse_args()
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with MailServer(
        password=given.password, imap_port=given.imap_port, smtp_port=given.smtp_port
    ) as server:
        sys.stdout.write(f"imap 127.0.0.1:{server.imap.port} smtp 127.0.0.1:{server.smtp.port}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
