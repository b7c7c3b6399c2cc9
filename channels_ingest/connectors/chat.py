"""The live chat: a window on our own page or on any other, so nobody pushes or is asked.

Set it up: `manage.py channel add chat --slug chat --set sites=https://www.example.com`. Then put
`<script src="https://<this desk>/chat.js" data-channel="chat" async></script>` into the pages of
that site. The `secret` that is made for the channel signs the tokens by which your own program
tells who is signed in there (docs/channels/chat.md).

Every envelope is JSON, made by our own pages with `message_envelope` or `read_envelope`. The
browser chooses the id of a message, so one that is sent again after a lost answer counts once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from channels_ingest.own_page import OwnPage, PageFile, files_in, text_in, written
from tickets.interchange import Capabilities, IncomingMessage, Sender

from .base import Connector, RawEnvelope, StoredEnvelope, setting
from .base import mark as _


@dataclass(frozen=True, slots=True)
class Guest:
    """Who writes. Without `sub` it is whoever holds the browser's token, and nobody vouches.

    With it, the site that embeds the chat has signed who this is; `facts` are what it told about
    the account, as pairs of words.
    """

    thread: str
    sub: str = ""
    name: str = ""
    email: str = ""
    email_verified: bool = False
    phone: str = ""
    plan: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def message_key(thread: str, client_id: str) -> str:
    """How a message is named on its channel; `client_id` is the browser's own word for it."""
    return f"{thread}:{client_id}"


def message_envelope(
    *,
    guest: Guest,
    client_id: str,
    text: str,
    files: Iterable[PageFile] = (),
    language: str = "",
    category: str = "",
) -> RawEnvelope:
    """What a visitor wrote, as an envelope: the same `client_id` is the same message.

    `category` is what they say that it is about, where the machine took it for something else.
    """
    body = written(
        {
            "type": "message",
            "guest": asdict(guest),
            "text": text,
            "files": [asdict(file) for file in files],
            "language": language,
            **({"category": category} if category else {}),
        }
    )
    return RawEnvelope(message_key(guest.thread, client_id), guest.thread, body)


class Chat(OwnPage, Connector):
    """The chat: what was written is parsed here; a reply is delivered by standing in the window."""

    kind = "chat"
    label = _("Live chat")
    capabilities: ClassVar[Capabilities] = Capabilities(
        files=True, receipts=True, resend="idempotent", on_our_page=True
    )
    keeps_conflicts = False

    @dataclass(frozen=True, slots=True)
    class Settings:
        """All of it may be left out."""

        brand: str = setting(_("Your product or company, as it stands at the head of the chat"), "")
        sites: tuple[str, ...] = setting(
            _("The sites that may embed the chat, like https://www.example.com; * for any."), ()
        )
        bot: bool = setting(_("Whether the desk's machine answers first."), True)
        secret: str = setting(
            _("Made for you; your program signs with it who is signed in on your site."),
            "",
            secret=True,
            generated=True,
        )
        previous_secret: str = setting(
            _("While you change the secret: the old one, still accepted."), "", secret=True
        )

    @property
    def answers_first(self) -> bool:
        return bool(self.settings.bot)

    def read_message(self, envelope: StoredEnvelope, data: Mapping[str, Any]) -> IncomingMessage:
        return _message(envelope, data)


def _message(envelope: StoredEnvelope, data: Mapping[str, Any]) -> IncomingMessage:
    guest = _guest(data)
    return IncomingMessage(
        external_id=envelope.key,
        sender=Sender(
            # Whoever holds the browser's token is its owner, as whoever holds a case page is.
            external_id=guest.thread,
            name=guest.name,
            address=guest.email,
            address_verified=guest.email_verified,
            phone=guest.phone,
            plan=guest.plan,
            facts=guest.facts,
        ),
        thread=guest.thread,
        text=text_in(data, "text"),
        files=files_in(data),
        sent_at=envelope.received_at,
        language=text_in(data, "language"),
        category=text_in(data, "category"),
    )


def _guest(data: Mapping[str, Any]) -> Guest:
    given = data.get("guest")
    if not isinstance(given, dict) or not text_in(given, "thread"):
        raise ValueError("a message needs its thread")
    return Guest(
        thread=text_in(given, "thread"),
        sub=text_in(given, "sub"),
        name=text_in(given, "name"),
        email=text_in(given, "email"),
        email_verified=given.get("email_verified") is True,
        phone=text_in(given, "phone"),
        plan=text_in(given, "plan"),
        facts=tuple((str(name), str(value)) for name, value in _pairs(given)),
    )


def _pairs(given: Mapping[str, Any]) -> list[list[Any]]:
    value = given.get("facts", [])
    if not (isinstance(value, list) and all(isinstance(v, list) and len(v) == 2 for v in value)):
        raise ValueError("facts must be a list of pairs")
    return value
