"""What comes into intake and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...interchange import IncomingMessage, Receipt
from ...models import Channel, Message, Ticket

Outcome = Literal["new", "duplicate", "edited", "recalled", "receipt", "ignored"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an arrival whose bytes are already stored, or wait at an address."""

    name: str
    content_type: str
    content_id: str = ""
    sha256: str = ""
    size: int = 0
    source_url: str = ""
    listing: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One parsed thing and the channel by which it came."""

    channel: Channel
    item: IncomingMessage | Receipt
    files: tuple[StoredFile, ...] = field(default=(), kw_only=True)


@dataclass(slots=True)
class Landing:
    """Where an arrival went. The ticket is None for what touched none."""

    outcome: Outcome
    ticket: Ticket | None = None
    message: Message | None = None
    reason: str = ""

    @property
    def ticket_id(self) -> int | None:
        return self.ticket.pk if self.ticket else None

    @property
    def number(self) -> str:
        return self.ticket.number if self.ticket else ""

    @property
    def version(self) -> int | None:
        return self.ticket.version if self.ticket else None

    @property
    def message_id(self) -> int | None:
        return self.message.pk if self.message else None
