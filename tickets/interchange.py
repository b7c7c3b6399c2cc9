"""The plain, frozen values that cross between the domain and the connectors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Action = Literal["create", "edit", "recall"]
ReceiptState = Literal["delivered", "read", "failed"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, in the vendor's own words.

    `proven` tells whether the channel itself shows that this account wrote (a signed push, an
    authenticated pull); a mail's From is proven by aligned DMARC only. `vouched` is a key that
    the vendor guarantees to be one person across its products (a union id). `address` is an
    e-mail address; `address_verified` tells whether its control was shown to our own server.
    `stands_for` is set by our own door only: the key of the account whose holder has proved, on a
    page of ours, that it is theirs; whoever writes here is the same person.
    `plan` and `facts` are what the other side says of the account, given only where it is proven.
    """

    external_id: str
    name: str = ""
    proven: bool = True
    address: str = ""
    address_verified: bool = False
    phone: str = ""
    vouched: str = ""
    stands_for: int = 0
    plan: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """One file of a message: its bytes, the address at which the vendor offers them, or the
    `sha256` (and `size` in bytes) under which a door of our own has stored it already.

    An address that is no URL for everybody (a vendor's media id) is the connector's own word: it
    is handed back to `Connector.download`.
    """

    name: str
    content_type: str = "application/octet-stream"
    data: bytes | None = None
    url: str = ""
    content_id: str = ""
    sha256: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One thing that a customer wrote, edited or recalled.

    `external_id` is the vendor's id, unique per channel. `in_reply_to` names messages of ours
    by their external ids, nearest first. `automatic` marks what a machine wrote: "auto_reply",
    "bounce", "list" or "" for a person. `reserved_number` is a case number already promised.
    `reply_until` and `replies_left` describe the vendor's reply window, where it has one.
    `call_back_at` is when the customer was promised a call, by the user `taken_by` who wrote this
    down for them. `answer_after` is before when the customer wants no answer. `category` and `line`
    (the slug of a team) are what the customer chose by the door that they took; they count for a
    case that the message opens. `is_public` None means: as the channel is. `transcript` is what the
    vendor's machine heard in a voice message; a number in it is never strong. `invited_to` is set
    by our own door only: the key of the public conversation from which somebody came to go on in
    private.
    """

    external_id: str
    sender: Sender
    text: str
    sent_at: datetime
    thread: str = ""
    subject: str = ""
    html: str = ""
    files: tuple[IncomingFile, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    automatic: Literal["", "auto_reply", "bounce", "list"] = ""
    is_public: bool | None = None
    transcript: str = ""
    language: str = ""
    action: Action = "create"
    target_id: str = ""
    reserved_number: str = ""
    invited_to: int = 0
    reply_until: datetime | None = None
    replies_left: int | None = None
    call_back_at: datetime | None = None
    taken_by: int | None = None
    answer_after: datetime | None = None
    category: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The vendor's word on a message of ours: it arrived, was read, or failed after all."""

    external_id: str
    state: ReceiptState
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something well-formed that carries no message, with the reason why it is passed over."""

    reason: str


Parsed = IncomingMessage | Receipt | Unknown


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message for one recipient, as a connector must send it.

    `delivery_id` stays the same over all attempts: it is the idempotency key. `in_reply_to` and
    `references` are the customer's own external ids in this thread, newest last. `sequence` counts
    our answers to `in_reply_to` from 1; it, too, stays the same over all attempts. `page` is where
    the case can be seen by whoever proves that it is theirs; only acknowledgements carry it, and a
    channel that can shows it as a QR code. `html` says the same as `text`,
    with its format; it is "" where there is none, and only channels that can get it.
    """

    delivery_id: str
    recipient: str
    thread: str
    text: str
    case_number: str
    subject: str = ""
    recipient_name: str = ""
    in_reply_to: str = ""
    sequence: int = 1
    references: tuple[str, ...] = ()
    page: str = ""
    files: tuple[OutgoingFile, ...] = ()
    automatic: bool = False
    is_public: bool = False
    language: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The vendor accepted the message; `external_id` is how it names it ("" if it does not)."""

    external_id: str = ""
    state: Literal["sent", "delivered"] = "sent"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, copied from its connector so that the domain can ask the channel.

    `resend` says what may be done after an attempt of unknown outcome: "idempotent" (send again
    with the same key), "lookup" (ask the vendor first) or "never" (a person decides).
    `text_limit` counts `text_unit`s of one vendor message; where `splits`, a longer reply leaves
    as several, each with its own delivery. With `files_apart` every file is a vendor message of
    its own. `sends_per_minute` is the vendor's rate for the account. `writes` False: read-only, an
    agent answers by hand at the link. `moderates`: `Connector.hide` can take a public post away.
    `invites`: "link" lets a public reply carry a link to a private form. `links`: a message can be
    seen at the vendor, at the address that `Connector.link_to` tells. `on_our_page`: what is sent
    stands on a page of ours, and only who opens that page sees it. `writes_first`: whoever has such
    an address can be written to without having written.
    """

    is_public: bool = False
    html: bool = False
    files: bool = True
    text_limit: int | None = None
    text_unit: Literal["characters", "bytes"] = "characters"
    splits: bool = False
    files_apart: bool = False
    few_replies: bool = False
    sends_per_minute: int | None = None
    writes: bool = True
    moderates: bool = False
    invites: Literal["", "link"] = ""
    links: bool = False
    receipts: bool = False
    resend: Literal["idempotent", "lookup", "never"] = "never"
    acknowledges: bool = True
    on_our_page: bool = False
    writes_first: Literal["", "email"] = ""

    def as_data(self) -> Mapping[str, object]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that made a decision: the text as written and where it stood."""

    text: str
    start: int = 0
    end: int = 0
    source: Literal["own", "quoted", "subject", "header", "transcript"] = "own"
