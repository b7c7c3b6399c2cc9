"""The contract between Anhao and a vendor: what every connector is given and must give back.

A connector is plain Python over an HTTP session: no Django, no database. It lives in one module,
is found because it stands in this package, and never asks which channel it is.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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
    Sender,
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


class WindowClosed(SendFailure):
    """Certainly not sent: the vendor takes no reply now; it waits until the customer writes."""


class Misconfigured(SendFailure):
    """Certainly not sent, and nothing of this account will be until a person mends the channel."""


class OutcomeUnknown(SendFailure):
    """The network call broke after the request may have reached the vendor.

    `resend` False says that this very call, unlike others of the channel, must not be repeated.
    """

    def __init__(self, code: str, detail: str = "", *, resend: bool = True) -> None:
        super().__init__(code, detail)
        self.resend = resend


class FetchFailure(Exception):
    """A pull did not work; `code` names the remedy and `retry_after` is in seconds."""

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the seconds for which the vendor says that it lives."""

    value: str = field(repr=False)
    seconds: float


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
    """A verified push. `answer` None means: ask `acknowledge` once the envelopes are stored.

    `nonce` is the vendor's one-time word, given where the signature leaves the body out: seen
    again with another body, the push is refused. `hint` is merged into the cursor that the pull
    set off by `pull_now` is given.
    """

    envelopes: tuple[RawEnvelope, ...] = ()
    answer: Answer | None = None
    pull_now: bool = False
    nonce: str = ""
    hint: Mapping[str, Any] = field(default_factory=dict)


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

    @property
    def hidden(self) -> Collection[str]:
        """What must not be told besides the secret settings: the tokens given out so far."""

    def now(self) -> datetime: ...

    def token(self, renew: Callable[[], Token], *, refused: str = "") -> str:
        """The account's access token, kept until shortly before it ends and shared by all workers.

        `renew` asks the vendor; one at a time does, for each account. `refused` is the token that
        the vendor has just called invalid: it is renewed unless somebody else did so meanwhile.
        """

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

    @property
    def answers_first(self) -> bool:
        """Whether the desk's machine answers here before a person does."""
        return False

    @property
    def hook_key(self) -> str:
        """The last part of the address that the vendor calls, where it is to be unguessable.

        A field of `Settings` called `hook_key`, secret and generated, is all that it takes.
        """
        return str(getattr(self.settings, "hook_key", ""))

    def verify(self, request: Request) -> None:
        """Prove that a request comes from the other side. Raises BadSignature."""
        raise BadSignature("this kind of channel answers no requests")

    def check_size(self, request: Request) -> None:
        """Refuse a push that is longer than `max_body`. Raises BadRequest."""
        if len(request.body) > self.max_body:
            raise BadRequest(413, {"body": f"longer than {self.max_body} bytes"})

    def without_secrets(self, text: str) -> str:
        """Take this channel's secrets and tokens out of a text that will be stored or shown."""
        hidden = [
            str(getattr(self.settings, each.name))
            for each in fields(self.settings)
            if each.metadata.get("secret")
        ]
        for value in filter(None, (*hidden, *self.account.hidden)):
            for written in (value, quote(value, safe=""), quote_plus(value)):
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
        """Send once. Raises a SendFailure: TemporaryFailure, PermanentFailure, WindowClosed,
        Misconfigured or OutcomeUnknown."""
        raise TypeError(f"{type(self).__name__} does not define send")

    def render(self, message: OutgoingMessage) -> Mapping[str, Any]:
        """A message as the other side is handed it when it fetches; only where `is_polled`."""
        raise TypeError(f"{type(self).__name__} does not define render")

    def look_up(self, message: OutgoingMessage) -> Sent | None:
        """Ask whether an attempt of unknown outcome arrived; only for `resend="lookup"`.

        Raises FetchFailure if the vendor cannot be asked: then the outcome stays unknown."""
        return None

    def download(self, address: str) -> IncomingFile:
        """Fetch a file that `parse` gave only the address of.

        Raises what `account.fetch_media` raises, or FetchFailure: after the codes "gone",
        "too_large" and "refused" nobody asks again."""
        return self.account.fetch_media(address)

    def profile(self, external_id: str) -> Sender | None:
        """Ask the vendor who a sender is, for what a push leaves out: name, union id, address.

        None: there is nothing to ask. Raises FetchFailure."""
        return None

    def hide(self, external_id: str) -> None:
        """Take a public post out of sight, where `capabilities.moderates`. Raises SendFailure."""
        raise TypeError(f"{type(self).__name__} does not define hide")

    def link_to(self, external_id: str, thread: str) -> str:
        """The web address at which a person can see a message at the vendor, or "".

        Only where `capabilities.links`."""
        return ""

    def test(self) -> str:
        """Call the vendor for real and say in one line what answered. Raises FetchFailure."""
        return "nothing to ask: this channel only receives"
