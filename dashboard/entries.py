"""What stands on the line of a case: messages and notes, changes, channels that join and end."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from django.utils import timezone
from django.utils.safestring import SafeString

from tickets.actions.deliveries import may_stand_in
from tickets.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryState,
    Message,
    Revision,
)
from tickets.queries.case import Enclosed
from tickets.quoting import split_quoted

from .glyphs import look
from .words import Why, delivery_error_in_words, review_in_words, why_in_words

NO_LOOK = "none"
LONG = 1400  # characters of a stretch after which the rest is folded
LONG_LINES = 24
_UNSENT = (DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.STARTED)


@dataclass(slots=True)
class Item:
    """What stands at one place of the line; `look` colours the rail there."""

    kind: ClassVar[str]
    at: datetime
    look: str


@dataclass(slots=True)
class Day(Item):
    kind: ClassVar[str] = "day"


@dataclass(slots=True)
class Branch(Item):
    """A conversation joins the line, or the talk comes back to it."""

    kind: ClassVar[str] = "branch"
    conversation: Conversation
    is_first: bool
    is_joining: bool


@dataclass(slots=True)
class End(Item):
    """A conversation is over: what its author writes there next begins another one."""

    kind: ClassVar[str] = "end"
    conversation: Conversation


@dataclass(slots=True)
class Unread(Item):
    """Below it stands what the customer wrote since the reader last looked."""

    kind: ClassVar[str] = "unread"
    count: int


@dataclass(slots=True)
class Event(Item):
    """A change of the case, in words; `undo` names the page that takes it back, and its key."""

    kind: ClassVar[str] = "event"
    text: SafeString
    undo: tuple[str, int] | None = None


@dataclass(slots=True)
class Stretch(Item):
    """An older stretch of one day, folded; nothing in it waits for anybody."""

    kind: ClassVar[str] = "stretch"
    items: list[Item]
    count: int
    marks: tuple[tuple[str, str], ...]
    first: int


@dataclass(slots=True)
class Part:
    """A stretch of a message: its author's own words, or what was quoted below them.

    `rest` is the end of a very long one.
    """

    text: str
    is_quoted: bool
    rest: str = ""


@dataclass(slots=True)
class Entry(Item):
    """A message or a note. Of a folded one, which was recalled, nothing goes to the page."""

    kind: ClassVar[str] = "entry"
    message: Message
    deliveries: list["Sending"]
    files: list[Attachment]
    revisions: list[Revision]
    is_folded: bool = False
    is_whole: bool = False

    @property
    def parts(self) -> list[Part]:
        """What it says, in stretches; as the vendor has it, without folds, where it is whole."""
        if self.is_folded:
            return []
        if self.is_whole:
            return [Part(self.message.text.strip("\n"), is_quoted=False)]
        return _parts(self.message)

    @property
    def why(self) -> Why | None:
        shows = self.message.is_inbound and not self.is_folded
        return why_in_words(self.message) if shows else None

    @property
    def has_more(self) -> bool:
        """Whether a line below it offers its formatted self, what it was before, or why it is
        here."""
        message = self.message
        if not message.is_inbound or self.is_folded:
            return False
        return bool(message.html or message.decision.get("rule") or self.revisions)

    @property
    def review(self) -> str:
        return review_in_words(str(self.message.decision.get("review", "")))

    @property
    def progress(self) -> list[tuple["Sending", int]]:
        """How far it has come: parts that stand alike are one, with their number."""
        alike: dict[str, list[Sending]] = {}
        for sending in self.deliveries:
            if sending.urgency:
                alike.setdefault(sending.delivery.state, []).append(sending)
        return [(group[0], len(group)) for group in alike.values()]

    @property
    def waiting(self) -> "Sending | None":
        """Its first part, where nothing of it has left: all of it waits for the customer."""
        states = {sending.delivery.state for sending in self.deliveries}
        return self.deliveries[0] if states == {DeliveryState.WAITING} else None

    @property
    def is_deleted(self) -> bool:
        """Whether nothing is left of it to be opened."""
        said = self.message.text or self.message.html or self.message.transcript
        return not said and not self.files

    @property
    def urgency(self) -> int:
        return min((sending.urgency for sending in self.deliveries), default=9)

    @property
    def css(self) -> str:
        """The classes of its look: what came in, what went out and how, what stays inside."""
        if self.message.is_note:
            return "msg--note tl-note"
        if not self.message.is_outbound:
            return "tl-pip"
        return "msg--out tl-pip" + {0: " is-failed", 1: " is-queued"}.get(self.urgency, "")

    @property
    def stamp(self) -> Hashable | None:
        """All that its look depends on, so that it need not be drawn twice; None where it offers
        something to do or is about to change."""
        message = self.message
        if self.urgency < 2 or message.recalled_at or self.revisions:
            return None
        where = message.conversation
        return (
            *(message.pk, message.text, message.transcript, bool(message.html), self.look),
            *(message.automatic, message.is_public, message.hidden_at, *message.exposes),
            message.author and message.author.name,
            where and (where.channel.label, where.channel.kind, where.channel.links),
            where and (where.identity.display_name, where.identity.status),
            str(message.decision),
            self.is_whole,
            tuple((s.delivery.state, s.delivery.part) for s in self.deliveries),
            tuple(
                (f.pk, f.name, f.size, f.content_type, f.problem, f.sha256, str(f.listing))
                for f in self.files
            ),
        )


@dataclass(slots=True)
class Sending:
    """How far one delivery has come; `detours` are other places by which it could leave."""

    delivery: Delivery
    css: str
    icon: str
    error: str
    detours: list[Conversation] = field(default_factory=list)

    @property
    def urgency(self) -> int:
        """0 where a person must act, 1 while it has not left the house, 2 once it has."""
        state = self.delivery.state
        if state in {DeliveryState.FAILED, DeliveryState.UNKNOWN}:
            return 0
        return 1 if state in _UNSENT else 2


def entry(
    message: Message,
    enclosed: Enclosed,
    places: Sequence[Conversation] = (),
    *,
    whole: bool = False,
) -> Entry:
    """A message as it stands on the line; `places` are where a waiting reply could go instead."""
    return Entry(
        at=message.sent_at if whole else message.created_at,
        look=look(message.conversation.channel.kind) if message.conversation else NO_LOOK,
        message=message,
        deliveries=[_sending(delivery, places) for delivery in enclosed.deliveries],
        files=enclosed.files,
        revisions=enclosed.revisions,
        is_whole=whole,
    )


def _parts(message: Message) -> list[Part]:
    """Fold what an inbound message quotes; what we wrote ourselves stays as it is."""
    text = message.text.strip("\n")
    parts: list[Part] = []
    if not message.is_inbound:
        _add(parts, text, is_quoted=False)
        return parts
    place = 0
    for span in split_quoted(text).spans:
        _add(parts, text[place : span.start], is_quoted=False)
        _add(parts, text[span.start : span.end], is_quoted=True)
        place = span.end
    _add(parts, text[place:], is_quoted=False)
    return parts


def _add(parts: list[Part], text: str, *, is_quoted: bool) -> None:
    if text.strip():
        said = text.strip("\n")
        shown, rest = (said, "") if is_quoted else _shortened(said)
        parts.append(Part(shown, is_quoted, rest))


def _shortened(text: str) -> tuple[str, str]:
    """A text and, where it is very long, the end of it that is folded, cut between two lines or
    sentences if there are any."""
    lines = text.split("\n", LONG_LINES)
    cut = len(text) - len(lines[-1]) if len(lines) > LONG_LINES else len(text)
    if cut > LONG:
        ends = [text.rfind(end, LONG // 2, LONG) for end in ("\n", "。", ". ", "，", " ")]
        cut = next((end + 1 for end in ends if end > 0), LONG)
    if len(text) - cut < LONG // 4 and text.count("\n", cut) < LONG_LINES // 4:
        return text, ""  # so little is not worth a fold
    return text[:cut].rstrip(), text[cut:].lstrip("\n")


def _sending(delivery: Delivery, places: Sequence[Conversation]) -> Sending:
    css, icon = {
        DeliveryState.QUEUED: ("dlv--queued", "clock"),
        DeliveryState.WAITING: ("dlv--queued", "clock"),
        DeliveryState.STARTED: ("dlv--queued", "send"),
        DeliveryState.SENT: ("", "check"),
        DeliveryState.DELIVERED: ("", "check"),
        DeliveryState.READ: ("dlv--read", "check"),
        DeliveryState.CANCELLED: ("", "x"),
    }.get(DeliveryState(delivery.state), ("dlv--failed", "warn"))
    detours = _detours(delivery, places) if delivery.state == DeliveryState.WAITING else []
    return Sending(delivery, css, icon, delivery_error_in_words(delivery.error), detours)


def _detours(delivery: Delivery, places: Sequence[Conversation]) -> list[Conversation]:
    """Other conversations of the case by which its recipient can be answered now."""
    now = timezone.now()
    return [place for place in places if may_stand_in(place, delivery.recipient, now)]
