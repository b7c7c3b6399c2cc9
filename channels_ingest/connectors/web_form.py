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
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from channels_ingest.own_page import OwnPage, PageFile, files_in, objects_in, text_in, written
from tickets.interchange import Capabilities, IncomingMessage, Sender

from .base import Connector, RawEnvelope, StoredEnvelope, setting
from .base import mark as _


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
class Wishes:
    """What a visitor chose besides the words: no answer before a time, and what it is about.

    `line` is the slug of the team whose form it was.
    """

    answer_after: datetime | None = None
    category: str = ""
    line: str = ""

    def as_data(self) -> dict[str, str]:
        after = self.answer_after.isoformat() if self.answer_after else ""
        said = {"answer_after": after, "category": self.category, "line": self.line}
        return {name: value for name, value in said.items() if value}


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
    files: Iterable[PageFile] = (),
    name: str = "",
    language: str = "",
    answers: str = "",
    reserved_number: str = "",
    invited_to: int = 0,
    person: Person | None = None,
    wishes: Wishes | None = None,
    proved: int = 0,
    sender: str = "",
    number: str = "",
) -> RawEnvelope:
    """What a visitor sent with the page's form `form`, as an envelope.

    `answers` is the key of an earlier message of the thread: what is added to a case page belongs
    to that case, however late. `invited_to` is the public conversation whose private link led here.
    `wishes` are what the visitor chose besides.
    `person` is who came by a signed link; without it, whoever holds the page is the sender. On a
    page that was opened by a code, `proved` is the key of the account that the code was sent to,
    `sender` how its holder is called here, and `number` the case's, as people write it.
    The time of arrival is not in it: a second press of the button gives the very same bytes. Gone
    back to, changed and sent again, the same form is a second message.
    """
    body = written(
        {
            "type": "message",
            "thread": thread,
            "name": name,
            "language": language,
            "answers": answers,
            **({"invited_to": invited_to} if invited_to else {}),
            **({"person": asdict(person)} if person else {}),
            **(wishes.as_data() if wishes else {}),
            **({"proved": proved, "sender": sender, "number": number} if proved else {}),
            "sections": [asdict(section) for section in sections if section.text],
            "files": [asdict(file) for file in files],
        }
    )
    key = f"{form}:{hashlib.sha256(body).hexdigest()[:32]}"
    return RawEnvelope(key=key, lane=thread, body=body, reserved_number=reserved_number)


class WebForm(OwnPage, Connector):
    """The form: what was sent is parsed here; a reply is delivered by standing on the page."""

    kind = "web_form"
    label = _("Web form")
    capabilities: ClassVar[Capabilities] = Capabilities(
        files=True, receipts=True, resend="idempotent", on_our_page=True
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

    def read_message(self, envelope: StoredEnvelope, data: Mapping[str, Any]) -> IncomingMessage:
        return _message(envelope, data)


def _message(envelope: StoredEnvelope, data: Mapping[str, Any]) -> IncomingMessage:
    thread = text_in(data, "thread")
    if not thread:
        raise ValueError("a message needs its thread")
    return IncomingMessage(
        external_id=envelope.key,
        sender=_sender(data, thread),
        thread=thread,
        # Not among the words, where it would stand before everything that is added.
        subject=text_in(data, "number"),
        text="\n\n".join(_section(each) for each in objects_in(data, "sections")),
        files=files_in(data),
        in_reply_to=(answers,) if (answers := text_in(data, "answers")) else (),
        sent_at=envelope.received_at,
        language=text_in(data, "language"),
        reserved_number=envelope.reserved_number,
        invited_to=invited_to if isinstance(invited_to := data.get("invited_to"), int) else 0,
        answer_after=_moment(text_in(data, "answer_after")),
        category=text_in(data, "category"),
        line=text_in(data, "line"),
    )


def _sender(data: Mapping[str, Any], thread: str) -> Sender:
    """Who came by a signed link, else whoever holds the thread's private page.

    Anybody can type anybody's address, so the one of the form stands only among the words.
    """
    known = data.get("person")
    if isinstance(proved := data.get("proved"), int):
        name = text_in(data, "name")
        return Sender(external_id=text_in(data, "sender"), name=name, stands_for=proved)
    if not isinstance(known, dict):
        return Sender(external_id=thread, name=text_in(data, "name"))
    sub = text_in(known, "sub")
    if not sub:
        raise ValueError("a person needs an id")
    return Sender(
        external_id=Person(sub).external_id,
        name=text_in(known, "name"),
        address=text_in(known, "email"),
        address_verified=known.get("email_verified") is True,
        phone=text_in(known, "phone"),
    )


def _section(data: Mapping[str, Any]) -> str:
    label, text = text_in(data, "label"), text_in(data, "text")
    if not label:
        return text
    return f"{label}\n{text}" if "\n" in text else f"{label} {text}"


def _moment(written: str) -> datetime | None:
    at = datetime.fromisoformat(written) if written else None
    if at is not None and at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at
