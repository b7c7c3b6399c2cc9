"""The contract between Anhao and a vendor: what every connector is given and must give back.

A connector is plain Python over an HTTP session: no Django, no database. It lives in one module,
is found because it stands in this package, and never asks which channel it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Protocol
from urllib.parse import quote, quote_plus

import requests

from tickets.interchange import (
    Capabilities,
    IncomingFile,
    OutgoingMessage,
    Parsed,
    Sent,
)

Cursor = dict[str, Any]


def mark(text: str) -> str:
    """Mark a string for translation where it is shown; import it as `_`."""
    return text


def setting(
    help_text: str, default: Any = MISSING, *, secret: bool = False, generated: bool = False
) -> Any:
    """A field of `Settings`: where a person finds its value, and whether it must stay hidden.

    A `secret` field is stored encrypted and never shown, not even by `repr`. A `generated`
    one is ours to choose: `channel add` makes a value where none is given.
    """
    metadata = {"help": help_text, "secret": secret, "generated": generated}
    return field(default=default, repr=not secret, metadata=metadata)


class BadSignature(Exception):
    """The request does not prove that it comes from the vendor; nothing is stored."""


class BadRequest(Exception):
    """The request is authentic but unusable: `status` 400, 413 or 422 and what to mend."""

    def __init__(self, status: int, errors: Mapping[str, str]) -> None:
        super().__init__(f"{status}: {dict(errors)}")
        self.status = status
        self.errors = errors


class SendFailure(Exception):
    """The message did not arrive as far as we can tell; `code` says why, for people to act on."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class TemporaryFailure(SendFailure):
    """Certainly not sent; try again, after `retry_after` seconds where the vendor said so."""

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class PermanentFailure(SendFailure):
    """Certainly not sent and never will be as it stands (refused, recipient gone, closed)."""


class OutcomeUnknown(SendFailure):
    """The network call broke after the request may have reached the vendor."""


class FetchFailure(Exception):
    """A pull did not work; `code` names the remedy and `retry_after` is in seconds."""

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Request:
    """What a vendor pushed: header names are lower case, `body` is the raw bytes."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RawEnvelope:
    """One raw thing to be stored before anything else happens to it.

    `key` is unique per channel and decides duplicates. Envelopes of one `lane` keep their order.
    """

    key: str
    lane: str
    body: bytes
    reserved_number: str = ""


@dataclass(frozen=True, slots=True)
class StoredEnvelope(RawEnvelope):
    """An envelope read back for parsing, with the moment at which we stored it."""

    received_at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one envelope: stored anew, a repeat, or the same key with other content."""

    key: str
    envelope_id: int | None
    is_duplicate: bool = False
    is_conflict: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Received:
    """A verified push. `answer` None means: ask `acknowledge` once the envelopes are stored."""

    envelopes: tuple[RawEnvelope, ...] = ()
    answer: Answer | None = None
    pull_now: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """One page of a pull; the cursor is committed together with the envelopes."""

    envelopes: tuple[RawEnvelope, ...]
    cursor: Cursor


class Account(Protocol):
    """What the outside world looks like to a connector; the sandbox and tests give their own."""

    @property
    def settings(self) -> Any: ...

    @property
    def http(self) -> requests.Session: ...

    def now(self) -> datetime: ...

    def fetch_media(self, url: str) -> IncomingFile: ...


class Connector:
    """One vendor's protocol. Subclass it in a module of this package; that registers it."""

    kind: ClassVar[str]
    label: ClassVar[str]
    capabilities: ClassVar[Capabilities] = Capabilities()
    poll_every: ClassVar[float | None] = None  # seconds between pulls; None: the vendor pushes
    max_body: ClassVar[int] = 1024 * 1024  # bytes of one push
    keeps_conflicts: ClassVar[bool] = True  # store a repeated key with other content, flagged
    retry_minutes: ClassVar[tuple[int, ...]] = (1, 5, 25, 120)  # then a delivery is given up

    @dataclass(frozen=True, slots=True)
    class Settings:
        """What a channel of this kind must be given; every field is made by `setting`."""

    kinds: ClassVar[dict[str, type["Connector"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.kind in Connector.kinds:
            raise TypeError(f"two connectors claim the kind {cls.kind!r}")
        Connector.kinds[cls.kind] = cls

    def __init__(self, account: Account) -> None:
        self.account = account

    @property
    def settings(self) -> Any:
        return self.account.settings

    @property
    def is_polled(self) -> bool:
        """Whether the other side fetches our messages: they wait until it does, unsent."""
        return False

    def verify(self, request: Request) -> None:
        """Prove that a request comes from the other side. Raises BadSignature."""
        raise BadSignature("this kind of channel answers no requests")

    def check_size(self, request: Request) -> None:
        """Refuse a push that is longer than `max_body`. Raises BadRequest."""
        if len(request.body) > self.max_body:
            raise BadRequest(413, {"body": f"longer than {self.max_body} bytes"})

    def without_secrets(self, text: str) -> str:
        """Take this channel's secrets out of a text that will be stored or shown."""
        for each in fields(self.settings):
            value = getattr(self.settings, each.name)
            if each.metadata.get("secret") and value:
                for written in (str(value), quote(str(value), safe=""), quote_plus(str(value))):
                    text = text.replace(written, "…")
        return text

    def receive(self, request: Request) -> Received:
        """Verify a push and cut it into envelopes. Pure. Raises BadSignature or BadRequest."""
        raise BadSignature("this kind of channel receives no pushes")

    def acknowledge(self, accepted: Iterable[Accepted]) -> Answer:
        """Answer the push after its envelopes are stored."""
        return Answer()

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        """Read messages and receipts out of an envelope. Pure. Raises ValueError on nonsense."""
        raise TypeError(f"{type(self).__name__} does not define parse")

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        """Ask the vendor for what came since `cursor`. Raises FetchFailure."""
        return iter(())

    def send(self, message: OutgoingMessage) -> Sent:
        """Send once. Raises TemporaryFailure, PermanentFailure or OutcomeUnknown."""
        raise TypeError(f"{type(self).__name__} does not define send")

    def render(self, message: OutgoingMessage) -> Mapping[str, Any]:
        """A message as the other side is handed it when it fetches; only where `is_polled`."""
        raise TypeError(f"{type(self).__name__} does not define render")

    def look_up(self, message: OutgoingMessage) -> Sent | None:
        """Ask whether an attempt of unknown outcome arrived; only for `resend="lookup"`.

        Raises FetchFailure if the vendor cannot be asked: then the outcome stays unknown."""
        return None

    def test(self) -> str:
        """Call the vendor for real and say in one line what answered. Raises FetchFailure."""
        return "nothing to ask: this channel only receives"
