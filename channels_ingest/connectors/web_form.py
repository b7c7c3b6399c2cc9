"""The public form and its private case page: a door of our own, so nobody pushes or is asked.

Set it up: `manage.py channel add web_form --slug web`. The form then stands at /support/new/;
further channels of this kind have theirs at /support/<slug>/new/. Nothing has to be given. The
`link_secret` that is made for it signs the links by which a program of yours leads its own
signed-in users here (docs/channels/deep_link.md).

Every envelope is JSON, made by the page with `message_envelope` or `read_envelope`. Each page has
a form id of its own, and the same form with the same words has the same key: sent twice, it counts
once.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from channels_ingest.wire import json_object
from tickets.interchange import (
    Capabilities,
    IncomingFile,
    IncomingMessage,
    OutgoingMessage,
    Parsed,
    Receipt,
    Sender,
    Sent,
    Unknown,
)

from .base import Connector, RawEnvelope, StoredEnvelope, setting
from .base import mark as _


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file that the page has stored already, as its envelope refers to it."""

    name: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody for whom a program that shares our link secret vouches: `sub` is their id there."""

    sub: str
    name: str = ""
    email: str = ""
    email_verified: bool = False
    phone: str = ""
    plan: str = ""

    @property
    def external_id(self) -> str:
        return f"link:{self.sub}"


@dataclass(frozen=True, slots=True)
class Section:
    """One answer of the form under the words by which the visitor was asked ("" for none)."""

    label: str
    text: str


def message_envelope(
    *,
    form: str,
    thread: str,
    sections: Iterable[Section],
    files: Iterable[FormFile] = (),
    name: str = "",
    language: str = "",
    answers: str = "",
    reserved_number: str = "",
    invited_to: int = 0,
    person: Person | None = None,
) -> RawEnvelope:
    """What a visitor sent with the page's form `form`, as an envelope.

    `answers` is the key of an earlier message of the thread: what is added to a case page belongs
    to that case, however late. `invited_to` is the public conversation whose private link led here.
    `person` is who came by a signed link; without it, whoever holds the page is the sender.
    The time of arrival is not in it: a second press of the button gives the very same bytes. Gone
    back to, changed and sent again, the same form is a second message.
    """
    body = _json(
        {
            "type": "message",
            "thread": thread,
            "name": name,
            "language": language,
            "answers": answers,
            **({"invited_to": invited_to} if invited_to else {}),
            **({"person": asdict(person)} if person else {}),
            "sections": [asdict(section) for section in sections if section.text],
            "files": [asdict(file) for file in files],
        }
    )
    key = f"{form}:{hashlib.sha256(body).hexdigest()[:32]}"
    return RawEnvelope(key=key, lane=thread, body=body, reserved_number=reserved_number)


def read_envelope(*, thread: str, reply: str) -> RawEnvelope:
    """That the visitor has opened the page on which our `reply` (its external id) stands."""
    body = _json({"type": "read", "thread": thread, "reply": reply})
    return RawEnvelope(key=f"read:{reply}", lane=thread, body=body)


class WebForm(Connector):
    """The form: what was sent is parsed here; a reply is delivered by standing on the page."""

    kind = "web_form"
    label = _("Web form")
    capabilities: ClassVar[Capabilities] = Capabilities(
        files=True, receipts=True, resend="idempotent"
    )

    @dataclass(frozen=True, slots=True)
    class Settings:
        """All of it may be left out."""

        brand: str = setting("Your product or company, as it stands at the head of the page", "")
        link_secret: str = setting(
            _("Made for you; your program signs its links to this form with it."),
            "",
            secret=True,
            generated=True,
        )
        link_previous_secret: str = setting(
            _("While you change the link secret: the old one, still accepted."), "", secret=True
        )

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        data = json_object(envelope.body)
        kind = data.get("type")
        if kind == "message":
            return [_message(envelope, data)]
        if kind == "read":
            return [_receipt(data, envelope.received_at)]
        return [Unknown(f"unknown type {kind!r}"[:200])]

    def send(self, message: OutgoingMessage) -> Sent:
        """Nothing leaves the house: the page shows what is delivered, once for each delivery."""
        return Sent(external_id=f"reply:{message.delivery_id}", state="delivered")

    def test(self) -> str:
        return "ready: the form is our own page and depends on nobody else"


def _message(envelope: StoredEnvelope, data: Mapping[str, Any]) -> IncomingMessage:
    thread = _text(data, "thread")
    if not thread:
        raise ValueError("a message needs its thread")
    return IncomingMessage(
        external_id=envelope.key,
        sender=_sender(data, thread),
        thread=thread,
        text="\n\n".join(_section(each) for each in _objects(data, "sections")),
        files=tuple(_file(each) for each in _objects(data, "files")),
        in_reply_to=(answers,) if (answers := _text(data, "answers")) else (),
        sent_at=envelope.received_at,
        language=_text(data, "language"),
        reserved_number=envelope.reserved_number,
        invited_to=invited_to if isinstance(invited_to := data.get("invited_to"), int) else 0,
    )


def _sender(data: Mapping[str, Any], thread: str) -> Sender:
    """Who came by a signed link, else whoever holds the thread's private page.

    Anybody can type anybody's address, so the one of the form stands only among the words.
    """
    known = data.get("person")
    if not isinstance(known, dict):
        return Sender(external_id=thread, name=_text(data, "name"))
    sub = _text(known, "sub")
    if not sub:
        raise ValueError("a person needs an id")
    return Sender(
        external_id=Person(sub).external_id,
        name=_text(known, "name"),
        address=_text(known, "email"),
        address_verified=known.get("email_verified") is True,
        phone=_text(known, "phone"),
    )


def _section(data: Mapping[str, Any]) -> str:
    label, text = _text(data, "label"), _text(data, "text")
    if not label:
        return text
    return f"{label}\n{text}" if "\n" in text else f"{label} {text}"


def _file(data: Mapping[str, Any]) -> IncomingFile:
    size = data.get("size")
    if not isinstance(size, int):
        raise ValueError("a file needs its size")
    return IncomingFile(
        name=_text(data, "name"),
        content_type=_text(data, "content_type"),
        sha256=_text(data, "sha256"),
        size=size,
    )


def _receipt(data: Mapping[str, Any], at: datetime) -> Receipt:
    reply = _text(data, "reply")
    if not reply:
        raise ValueError("a receipt needs the reply that it speaks of")
    return Receipt(external_id=reply, state="read", at=at)


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text")
    return value


def _objects(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = data.get(name, [])
    if not (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
        raise ValueError(f"{name} must be a list of objects")
    return value


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
