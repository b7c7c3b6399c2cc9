"""Build the mail that carries a reply: threading headers, one subject tag, no injected lines."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import make_msgid
from html import escape
from io import BytesIO
from typing import Any

import segno

from channels_ingest import wire
from channels_ingest.connectors.base import PermanentFailure
from channels_ingest.mail.headers import INVISIBLE
from tickets.interchange import OutgoingFile, OutgoingMessage

LOOP_MARK = "X-Anhao-Loop"
REPLY_PREFIXES = re.compile(
    r"(?:\s*(?:re|aw|sv|fw|fwd|回复|回覆|答复|答覆|转发|轉寄|返信|転送)(?:\[\d+\])?\s*[:：])+\s*",
    re.IGNORECASE,
)
MESSAGE_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # printable, no space, no angle bracket
FEW_REFERENCES = 20
ID_HEADERS = ("Message-ID", "In-Reply-To", "References")


class MailPolicy(EmailPolicy):
    """The standard policy, but ids are never turned into encoded words, however long they are."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name in ID_HEADERS:
            folded = "\r\n ".join(str(value).split())
            return f"{name}: {folded}\r\n".encode("ascii")
        return super().fold_binary(name, value)


def message_id(delivery_id: str, address: str) -> str:
    """Our own id for a delivery, the same at every attempt, without brackets."""
    local = re.sub(r"[^A-Za-z0-9._-]", "-", delivery_id)
    return f"{local}@{address.rpartition('@')[2]}"


def compose(
    message: OutgoingMessage, *, name: str, address: str, reply_to: str, now: datetime
) -> bytes:
    """The mail as bytes. Raises PermanentFailure where an address cannot be written in a mail."""
    mail = EmailMessage(policy=MailPolicy(linesep="\r\n"))
    mail["From"] = mailbox(name, address)
    mail["To"] = mailbox(message.recipient_name, message.recipient)
    mail["Subject"] = subject(message)
    mail["Date"] = now
    mail["Message-ID"] = f"<{message_id(message.delivery_id, address)}>"
    for header, value in _threading(message).items():
        mail[header] = value
    if reply_to:
        mail["Reply-To"] = mailbox(name, reply_to)
    if message.automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_MARK] = address
    text = wire.storable(message.text).rstrip() + "\n"
    mail.set_content(text, cte=_encoding(text))
    if message.page:
        _show_code(mail, text, message)
    elif message.html:
        page = f"<html><body>{wire.storable(message.html)}</body></html>"
        mail.add_alternative(page, subtype="html")
    for file in message.files:
        _attach(mail, file)
    return mail.as_bytes()


def _show_code(mail: EmailMessage, text: str, message: OutgoingMessage) -> None:
    """The same words as a page with the QR code of the case's address below them.

    The picture comes along: a mail asks no other server for anything.
    """
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())
    number = escape(one_line(message.case_number))
    address = escape(one_line(message.page))
    name = make_msgid(domain="code.invalid")
    picture = f'<img src="cid:{name[1:-1]}" width="148" height="148" alt="{number}">'
    page = f'<html><body>{lines}<p><a href="{address}">{picture}</a></p></body></html>'
    mail.add_alternative(page, subtype="html")
    whole = mail.get_payload()
    assert isinstance(whole, list), "it has two alternatives now"
    drawn = BytesIO()
    segno.make(message.page, error="m", micro=False).save(drawn, kind="png", scale=4, border=3)
    page_part = whole[1]
    assert isinstance(page_part, EmailMessage)
    page_part.add_related(drawn.getvalue(), "image", "png", cid=name, disposition="inline")


def one_line(text: str, limit: int = 200) -> str:
    """The text as one header line: no line breaks, no control or direction characters."""
    return re.sub(r"\s+", " ", INVISIBLE.sub(" ", wire.storable(text))).strip()[:limit]


def mailbox(name: str, address: str) -> Address:
    """An address with a name. Raises PermanentFailure for what is no address."""
    local, _at, domain = address.rpartition("@")
    try:
        return Address(one_line(name, 100), local, domain.encode("idna").decode("ascii"))
    except (ValueError, IndexError, UnicodeError):
        raise PermanentFailure("recipient_gone", "not an address that mail can carry") from None


def ascii_address(address: str) -> str:
    """The address as SMTP commands need it. Raises PermanentFailure."""
    spec = mailbox("", address).addr_spec
    if not spec.isascii() or re.search(r"[\s<>\x00-\x1f]", spec) or spec.startswith("@"):
        raise PermanentFailure("recipient_gone", "not an address that mail can carry")
    return spec


def subject(message: OutgoingMessage) -> str:
    """The subject with "Re:" once (on an answer) and the case number once."""
    plain = one_line(message.subject)
    is_answer = bool(message.in_reply_to) and not message.automatic
    if is_answer:
        prefix = REPLY_PREFIXES.match(plain)
        plain = f"Re: {plain[prefix.end() if prefix else 0 :]}".strip()
    if message.case_number and message.case_number not in plain:
        plain = f"{plain} [{one_line(message.case_number)}]".strip()
    return plain


def _threading(message: OutgoingMessage) -> dict[str, str]:
    """In-Reply-To and References; of a long thread the first ids and the last."""
    chain = [*message.references, message.in_reply_to]
    known = [f"<{each}>" for each in dict.fromkeys(chain) if MESSAGE_ID.fullmatch(each)]
    if len(known) > 2 * FEW_REFERENCES:
        known = known[:FEW_REFERENCES] + known[-FEW_REFERENCES:]
    found = {"References": " ".join(known)} if known else {}
    if MESSAGE_ID.fullmatch(message.in_reply_to):
        found["In-Reply-To"] = f"<{message.in_reply_to}>"
    return found


def _encoding(text: str) -> str:
    """Base64 where most is not ASCII: shorter, and safe from servers that know only 7 bits."""
    beyond = sum(not char.isascii() for char in text)
    if beyond * 6 > len(text):
        return "base64"
    has_long_line = any(len(line) > 76 for line in text.splitlines())
    return "quoted-printable" if beyond or has_long_line else "7bit"


def _attach(mail: EmailMessage, file: OutgoingFile) -> None:
    main, _slash, sub = file.content_type.partition("/")
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", file.content_type, re.ASCII) or main in (
        "multipart",
        "message",
    ):
        main, sub = "application", "octet-stream"
    mail.add_attachment(
        file.data, maintype=main, subtype=sub, filename=one_line(file.name, 120) or "attachment"
    )
