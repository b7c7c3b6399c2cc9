"""Mails and mailboxes for tests: short to write, exact to the byte."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from channels_ingest.connectors.base import Fetched, StoredEnvelope
from channels_ingest.connectors.email import Email
from channels_ingest.mail import headers
from channels_ingest.sandbox.email import MailServer
from tests.channels_ingest.account import NOON, LocalAccount
from tickets.interchange import IncomingMessage, OutgoingMessage, Parsed

SUPPORT = "help@shop.example"
KIM = "Kim <kim@mail.example>"
SENT_AT = NOON - timedelta(minutes=3)
SHORT = 0.5  # seconds after which a test takes a silent server for dead

OUTGOING = OutgoingMessage(
    delivery_id="d-1001",
    recipient="kim@mail.example",
    recipient_name="小金",
    thread="m1@mail.example",
    text="请重启邮箱。\n.\n..two\n— 客服",
    case_number="QM-4821-0937-10",
    subject="收不到邮件",
    in_reply_to="m2@mail.example",
    references=("m1@mail.example",),
)


def raw_mail(body: str | bytes = "The inbox stays empty.", **given: str | bytes | None) -> bytes:
    """A mail from Kim to support; underscores in names stand for hyphens, None leaves one out."""
    fields: dict[str, str | bytes | None] = {
        "From": KIM,
        "To": SUPPORT,
        "Date": f"{SENT_AT:%a, %d %b %Y %H:%M:%S} +0000",
        "Subject": "No mail",
        "Message-ID": "<m1@mail.example>",
    }
    fields |= {name.replace("_", "-"): value for name, value in given.items()}
    head = b"".join(
        name.encode() + b": " + _bytes(value) + b"\r\n"
        for name, value in fields.items()
        if value is not None
    )
    return head + b"\r\n" + _bytes(body)


def multipart(kind: str, *parts: str | bytes, boundary: str = "b1") -> bytes:
    """The body of a multipart mail; each part brings its own headers."""
    mark = f"--{boundary}".encode()
    joined = b"".join(mark + b"\r\n" + _bytes(part) + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode() + (
        joined + mark + b"--\r\n"
    )


def mail_of(body: bytes, **given: str | bytes | None) -> bytes:
    """A mail whose body brings its own Content-Type, as `multipart` makes it."""
    return raw_mail(b"", **given).removesuffix(b"\r\n") + body


def settings(**given: object) -> Email.Settings:
    """The settings of a working channel; ports are those of nobody."""
    known = {
        "imap_host": "127.0.0.1",
        "imap_port": 1,
        "imap_security": "plain",
        "imap_user": SUPPORT,
        "imap_password": "imap-secret",
        "smtp_host": "127.0.0.1",
        "smtp_port": 1,
        "smtp_security": "plain",
        "smtp_password": "smtp-secret",
        "address": SUPPORT,
        "name": "Shop support",
    }
    return Email.Settings(**(known | given))  # type: ignore[arg-type]  # values of mixed types


def connected(server: MailServer, **given: Any) -> Email:
    """A connector for the mailbox of support on this server."""
    ports = {"imap_port": server.imap.port, "smtp_port": server.smtp.port}
    return Email(LocalAccount(settings(**(ports | given))), timeout=SHORT)


def keys(pages: Iterable[Fetched]) -> list[str]:
    return [each.key for page in pages for each in page.envelopes]


def envelope(raw: bytes) -> StoredEnvelope:
    """The mail as the pipeline reads it back."""
    key = headers.own_id(raw)
    return StoredEnvelope(key=key, lane=key, body=raw, received_at=NOON)


def parsed(raw: bytes, **given: object) -> list[Parsed]:
    return Email(LocalAccount(settings(**given))).parse(envelope(raw))


def message(raw: bytes, **given: object) -> IncomingMessage:
    """The one message of a mail."""
    found = [item for item in parsed(raw, **given) if isinstance(item, IncomingMessage)]
    assert len(found) == 1
    return found[0]


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
