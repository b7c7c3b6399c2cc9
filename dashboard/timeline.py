"""One line over all conversations of a case, and a dashed one beside it for every claim."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from typing import ClassVar

from django.utils import timezone
from django.utils.safestring import SafeString

from tickets.actions.deliveries import may_stand_in
from tickets.models import Conversation, Delivery, DeliveryState, History, Message, Move
from tickets.queries.case import CaseRead
from tickets.quoting import split_quoted

from .glyphs import look
from .words import (
    SILENT_HISTORY,
    Why,
    delivery_error_in_words,
    history_in_words,
    review_in_words,
    why_in_words,
)

NO_LOOK = "none"


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
class Event(Item):
    """A change of the case, in words."""

    kind: ClassVar[str] = "event"
    text: SafeString
    undoable: Move | None = None


@dataclass(slots=True)
class Part:
    """A stretch of a message: its author's own words, or what was quoted below them."""

    text: str
    is_quoted: bool


@dataclass(slots=True)
class Entry(Item):
    """A message or a note. Of a folded one, which was recalled, nothing goes to the page."""

    kind: ClassVar[str] = "entry"
    message: Message
    parts: list[Part]
    deliveries: list["Sending"]
    why: Why | None
    review: str
    is_folded: bool = False
    is_fresh: bool = False

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
        return not said and not self.message.attachments.all()

    def fold(self) -> None:
        """Keep all that it says from the page."""
        self.is_folded, self.parts, self.why = True, [], None

    @property
    def css(self) -> str:
        """The classes of its look: what came in, what went out and how, what stays inside."""
        if self.message.is_note:
            return "msg--note tl-note"
        if not self.message.is_outbound:
            return "tl-pip"
        worst = min((sending.urgency for sending in self.deliveries), default=9)
        return "msg--out tl-pip" + {0: " is-failed", 1: " is-queued"}.get(worst, "")


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
        unsent = {DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.STARTED}
        return 1 if state in unsent else 2


@dataclass(slots=True)
class ClaimLane:
    """The conversation of somebody who quoted the number and has not proved to be its owner."""

    conversation: Conversation
    look: str
    items: list[Item] = field(default_factory=list)
    has_question: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    items: list[Item]
    claims: list[ClaimLane]


def build(case: CaseRead, *, opened: Collection[int] = ()) -> Timeline:
    """Order what was read into lines; nothing is asked of the database here.

    Recalled messages are folded, but for those whose keys are `opened`.
    """
    pending = {c.pk: c for c in case.conversations if c.is_pending_claim}
    main = [m for m in case.messages if m.conversation_id not in pending]
    items = _with_days(_with_branches(_in_order(main, case)))
    line = Timeline(items, [_lane(claim, case.messages) for claim in pending.values()])
    for item in chain(items, *(lane.items for lane in line.claims)):
        if isinstance(item, Entry) and item.message.recalled_at and item.message.pk not in opened:
            item.fold()
    return line


def _in_order(messages: Iterable[Message], case: CaseRead) -> list[Item]:
    """Messages, notes and the changes worth telling, by time."""
    wanted = case.ticket.answer_by_id
    places = sorted(case.conversations, key=lambda place: place.identity_id != wanted)
    items: list[Item] = [_entry(message, places) for message in messages]
    since = items[0].at if case.has_earlier and items else None
    undoable = {move.pk: move for move in case.moves if move.undone_at is None}
    items += [
        _event(row, case, undoable)
        for row in case.history
        if not _is_silent(row) and (since is None or row.at >= since)
    ]
    # What a change caused stands below it, so changes go first within one moment.
    return sorted(items, key=lambda item: (item.at, isinstance(item, Entry)))


def _is_silent(row: History) -> bool:
    """Whether a change is shown by what stands there anyway, or is the machine's own routine."""
    return row.code in SILENT_HISTORY or bool(row.data.get("quiet"))


def _with_branches(items: Iterable[Item]) -> Iterator[Item]:
    """Mark where a conversation joins and where the talk changes from one to another."""
    seen: set[int] = set()
    present: Conversation | None = None
    for item in items:
        conversation = item.message.conversation if isinstance(item, Entry) else None
        if conversation is not None and (present is None or conversation.pk != present.pk):
            yield Branch(
                at=item.at,
                look=item.look,
                conversation=conversation,
                is_first=not seen,
                is_joining=bool(seen) and conversation.pk not in seen,
            )
            seen.add(conversation.pk)
            present = conversation
        if conversation is None and present is not None:
            item.look = look(present.channel.kind)
        yield item


def _with_days(items: Iterable[Item]) -> list[Item]:
    dated: list[Item] = []
    for _date, group in groupby(items, key=lambda item: timezone.localdate(item.at)):
        of_day = list(group)
        dated.append(Day(at=of_day[0].at, look=NO_LOOK))
        dated.extend(of_day)
    return dated


def _lane(claim: Conversation, messages: Iterable[Message]) -> ClaimLane:
    lane = ClaimLane(claim, look(claim.channel.kind))
    lane.items = [_entry(message) for message in messages if message.conversation_id == claim.pk]
    lane.has_question = any(not question.answer for question in claim.questions.all())
    return lane


def _entry(message: Message, places: Sequence[Conversation] = ()) -> Entry:
    return Entry(
        at=message.created_at,
        look=look(message.conversation.channel.kind) if message.conversation else NO_LOOK,
        message=message,
        parts=_parts(message),
        deliveries=[_sending(delivery, places) for delivery in message.deliveries.all()],
        why=why_in_words(message) if message.is_inbound else None,
        review=review_in_words(str(message.decision.get("review", ""))),
    )


def _parts(message: Message) -> list[Part]:
    """Fold what an inbound message quotes; what we wrote ourselves stays as it is."""
    text = message.text.strip("\n")
    if not message.is_inbound:
        return [Part(text, is_quoted=False)]
    parts: list[Part] = []
    place = 0
    for span in split_quoted(text).spans:
        _add(parts, text[place : span.start], is_quoted=False)
        _add(parts, text[span.start : span.end], is_quoted=True)
        place = span.end
    _add(parts, text[place:], is_quoted=False)
    return parts


def _add(parts: list[Part], text: str, *, is_quoted: bool) -> None:
    if text.strip():
        parts.append(Part(text.strip("\n"), is_quoted))


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


def _event(row: History, case: CaseRead, undoable: dict[int, Move]) -> Event:
    move = undoable.get(row.data.get("move", 0))
    return Event(at=row.at, look=NO_LOOK, text=history_in_words(row, case.names), undoable=move)
