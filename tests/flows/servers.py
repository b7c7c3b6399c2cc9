"""The servers of a journey: a mail provider with TLS, a forum, and the desk's own processes."""

import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from channels_ingest.sandbox.email import MailServer
from tests.channels_ingest import dovecot
from tests.faults.processes import HOME, Process, beat, worker
from tests.waiting import wait_for

ADDRESS = "help@shop.example"
PASSWORD = "app-password-1"
SLOW = 150  # seconds: two failed tries with their pauses, thirty and sixty, on a busy machine


@dataclass
class Sink:
    """The provider's SMTP: it knows one password and keeps what it is given."""

    mails: list[EmailMessage] = field(default_factory=list)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    async def handle_DATA(  # noqa: N802 (the library's own name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 accepted"

    def to(self, address: str, holding: str = "") -> list[EmailMessage]:
        """The mails to an address whose text holds these words."""
        return [
            mail
            for mail in list(self.mails)
            if address in str(mail["To"]) and holding in words_of(mail)
        ]


def words_of(mail: EmailMessage) -> str:
    """What a reader of plain mail reads."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class ImplicitTls(Controller):
    """Encrypted from the first byte, so signing in needs no STARTTLS."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, authenticator=self.handler.authenticate, auth_require_tls=False)


@dataclass(frozen=True)
class Provider:
    """A mailbox at a provider: how mail gets into it, what left it, and how to connect to it."""

    put: Callable[[bytes], object]
    sink: Sink
    imap_port: int
    smtp_port: int
    certificate: Path

    @property
    def values(self) -> dict[str, str]:
        """What a person who connects the mailbox knows of it."""
        return {
            "MAIL_ADDRESS": ADDRESS,
            "MAIL_PASSWORD": PASSWORD,
            "IMAP_HOST": "localhost",
            "IMAP_PORT": str(self.imap_port),
            "SMTP_HOST": "localhost",
            "SMTP_PORT": str(self.smtp_port),
        }


@contextmanager
def provider(folder: Path) -> Iterator[Provider]:
    """A provider whose IMAP is Dovecot where it is installed, else the sandbox behind TLS."""
    with ExitStack() as stack:
        if dovecot.program():
            installed = stack.enter_context(dovecot.running(ADDRESS, PASSWORD))
            key = installed.folder / "key.pem"
            put: Callable[[bytes], object] = installed.put
            port = installed.tls_port
            certificate = installed.certificate
        else:
            certificate, key = folder / "certificate.pem", folder / "key.pem"
            dovecot.write_certificate(certificate, key)
            put, port = stack.enter_context(_emulated(_context(certificate, key)))
        sink = Sink()
        smtp = ImplicitTls(
            sink,
            hostname="127.0.0.1",
            port=dovecot.free_port(),
            ssl_context=_context(certificate, key),
        )
        smtp.start()
        stack.callback(smtp.stop)
        yield Provider(put, sink, port, smtp.port, certificate)


@contextmanager
def _emulated(context: ssl.SSLContext) -> Iterator[tuple[Callable[[bytes], object], int]]:
    server = MailServer(password=PASSWORD)
    server.imap.socket = context.wrap_socket(server.imap.socket, server_side=True)
    with server:
        yield lambda raw: server.post.put(ADDRESS, raw), server.imap.port


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@dataclass(frozen=True)
class Desk:
    """The desk from outside: its commands, and its processes on the database of the test."""

    environment: Mapping[str, str]
    folder: Path

    @property
    def url(self) -> str:
        return self.environment["PUBLIC_URL"]

    def command(self, *words: str) -> str:
        """Run `manage.py` as a person does; return what it said."""
        return self.shell([sys.executable, "manage.py", *words])

    def shell(self, words: list[str], **values: str) -> str:
        done = subprocess.run(
            words,
            cwd=HOME,
            env={**self.environment, **values},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, *, web: bool = False) -> Iterator[None]:
        """Worker and beat, and the web where the journey needs its pages."""
        with ExitStack() as stack:
            stack.enter_context(worker(self.environment, self.folder / "worker.log"))
            stack.enter_context(beat(self.environment, self.folder / "beat.log"))
            if web:
                stack.enter_context(self._web())
                wait_for(self._answers, "the web", within=SLOW)
            yield

    def _web(self) -> Process:
        port = self.url.rpartition(":")[2]
        words = ("uvicorn", "config.asgi:application", "--port", port, "--lifespan", "off")
        return Process(self.environment, self.folder / "web.log", *words)

    def _answers(self) -> bool:
        try:
            requests.get(f"{self.url}/healthz", timeout=10)
        except requests.ConnectionError:
            return False
        return True


def desk(environment: Mapping[str, str], provider: Provider, folder: Path) -> Desk:
    """A desk at an address of its own that trusts the provider's certificate."""
    url = f"http://127.0.0.1:{dovecot.free_port()}"
    more = {"PUBLIC_URL": url, "SSL_CERT_FILE": str(provider.certificate)}
    return Desk({**environment, **more}, folder)


def mail(sender: str, subject: str, text: str) -> bytes:
    """A mail from a customer to the desk, in UTF-8."""
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, ADDRESS, subject
    written["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    written.set_content(text)
    return written.as_bytes()


def number_in(text: str) -> str:
    """The case number that a text tells its reader."""
    found = re.search(r"QM-\d{4}-\d{4}-\d{2}", text)
    assert found, text
    return found[0]


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+", text)
    assert found, text
    return found[0]
