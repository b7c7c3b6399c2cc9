"""What the private page of a case shows: the customer's own case, or this thread alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets.access import messages_of_customer
from tickets.case_numbers import format_number
from tickets.interchange import IncomingMessage
from tickets.models import (
    Attachment,
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    State,
    Ticket,
)

from .. import accounts, pipeline
from ..models import Envelope, EnvelopeState
from .tokens import CaseKey
from .uploads import clean_name
from .viewers import Viewer

Step = Literal["received", "working", "waiting", "resolved"]
ON_THE_PAGE = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
NOT_YET_READ = (DeliveryState.SENT, DeliveryState.DELIVERED)
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file on the page; without `pk` it cannot be opened yet."""

    name: str
    content_type: str
    size: int
    pk: UUID | None = None
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One message on the page, the visitor's own or ours."""

    at: datetime
    text: str
    files: tuple[ShownFile, ...]
    is_own: bool
    author: str = ""
    is_automatic: bool = False
    is_in_process: bool = False
    answer_after: datetime | None = None
    channel: str = ""
    is_from_stolen_account: bool = False

    @property
    def is_answer(self) -> bool:
        """Whether a person of ours wrote it."""
        return not self.is_own and not self.is_automatic


@dataclass(frozen=True, slots=True)
class CasePage:
    """All that the page shows; `unread` are our replies that this view shows first.

    `case` is the whole case, where it is the viewer's.
    """

    number: str
    entries: tuple[Entry, ...]
    step: Step
    unread: tuple[str, ...]
    answer_after: datetime | None = None
    case: Ticket | None = None

    @property
    def printed(self) -> str:
        return format_number(self.number, prefix=settings.CASE_NUMBER_PREFIX)

    @property
    def number_body(self) -> str:
        """All but the two check digits, which stand back on the page."""
        return self.printed[:-2]

    @property
    def number_check(self) -> str:
        return self.printed[-2:]

    @property
    def is_answered(self) -> bool:
        return any(entry.is_answer for entry in self.entries)

    @property
    def moments(self) -> dict[Step, datetime | None]:
        """When the case came to each step that it has passed."""
        answered = next((entry.at for entry in self.entries if entry.is_answer), None)
        return {
            "received": self.entries[0].at if self.entries else None,
            "working": answered,
            "resolved": self.case.closed_at if self.case else None,
        }


def read_page(viewer: Viewer) -> CasePage:
    """What the viewer may see at this moment."""
    channel, key, case = viewer.channel, viewer.key, viewer.case
    conversation = _conversations(channel, key).order_by("-created_at", "-pk").first()
    is_theirs = conversation is not None and not conversation.is_pending_claim
    messages = _messages(viewer)
    named = is_theirs or case is not None
    entries = [
        _entry(each, names_agents=named, tells_channel=case is not None) for each in messages
    ]
    entries += _unprocessed(channel, key)
    state = case.state if case else conversation.ticket.state if conversation and is_theirs else ""
    return CasePage(
        number=key.number,
        entries=tuple(entries),
        step=_step(state, is_answered=any(each.is_answer for each in entries)),
        unread=tuple(_unread(messages, channel)),
        answer_after=_answer_after(conversation, entries, is_theirs=is_theirs),
        case=case,
    )


def file_on_page(viewer: Viewer, pk: UUID) -> Attachment:
    """A stored file of a message on the page. Raises Attachment.DoesNotExist."""
    visible = _shown_to(viewer)
    return Attachment.objects.exclude(sha256="").get(pk=pk, message__in=visible)


def _conversations(channel: Channel, case: CaseKey) -> QuerySet[Conversation]:
    return Conversation.objects.filter(
        channel=channel,
        thread=case.thread,
        identity__channel=channel,
        identity__external_id=case.sender,
    ).select_related("ticket")


def _visible(channel: Channel, case: CaseKey) -> QuerySet[Message]:
    """The visitor's own messages of this thread, and ours that were delivered to this page."""
    delivered = Delivery.objects.filter(
        message=OuterRef("pk"), channel=channel, state__in=ON_THE_PAGE
    )
    return Message.objects.filter(
        Q(direction=Direction.INBOUND) | Q(Exists(delivered), direction=Direction.OUTBOUND),
        conversation__in=_conversations(channel, case),
        recalled_at__isnull=True,
    )


def _shown_to(viewer: Viewer) -> QuerySet[Message]:
    thread = _visible(viewer.channel, viewer.key)
    if viewer.case is None or viewer.identity is None:
        return thread
    whole = messages_of_customer(viewer.identity, viewer.case)
    return Message.objects.filter(Q(pk__in=thread.values("pk")) | Q(pk__in=whole.values("pk")))


def _messages(viewer: Viewer) -> list[Message]:
    newest = (
        _shown_to(viewer)
        .select_related("author", "conversation__channel", "conversation__identity")
        .prefetch_related("attachments", "deliveries")
        .order_by("-created_at", "-pk")
    )
    return list(newest[:MOST_SHOWN])[::-1]


def _entry(message: Message, *, names_agents: bool, tells_channel: bool) -> Entry:
    conversation = message.conversation
    is_stolen = bool(conversation and conversation.identity.is_compromised)
    author = message.author.name if message.author and names_agents else ""
    return Entry(
        at=message.created_at,
        text=message.text,
        files=tuple(_shown(each) for each in message.attachments.all()),
        is_own=message.is_inbound,
        author=author,
        is_automatic=bool(message.automatic),
        channel=conversation.channel.label if conversation and tells_channel else "",
        is_from_stolen_account=is_stolen and message.is_inbound,
    )


def _shown(attachment: Attachment) -> ShownFile:
    is_here = bool(attachment.sha256)
    return ShownFile(
        name=clean_name(attachment.name),
        content_type=attachment.content_type,
        size=attachment.size,
        pk=attachment.pk if is_here else None,
        is_picture=is_here and attachment.is_image,
    )


def _unprocessed(channel: Channel, case: CaseKey) -> list[Entry]:
    """What no worker has read yet: shown as it came, so that nobody sends it twice."""
    waiting = [
        each
        for state in (EnvelopeState.DEAD, EnvelopeState.NEW)
        for each in Envelope.objects.filter(channel=channel, lane=case.thread, state=state)
    ]
    connector = accounts.connect(channel.account) if waiting else None
    entries = []
    for envelope in sorted(waiting, key=lambda each: each.pk):
        try:
            items = pipeline.read(connector, envelope) if connector else []
        except pipeline.Unreadable:
            continue
        entries += [_received(each) for each in items if isinstance(each, IncomingMessage)]
    return entries


def _received(item: IncomingMessage) -> Entry:
    return Entry(
        at=item.sent_at,
        text=item.text,
        files=tuple(ShownFile(each.name, each.content_type, each.size) for each in item.files),
        is_own=True,
        is_in_process=True,
        answer_after=item.answer_after,
    )


def _answer_after(
    conversation: Conversation | None, entries: Iterable[Entry], *, is_theirs: bool
) -> datetime | None:
    """Before when the visitor wants no answer, also while no worker has read it yet."""
    if conversation is not None and is_theirs and conversation.ticket.answer_after:
        return conversation.ticket.answer_after
    return next((each.answer_after for each in entries if each.answer_after), None)


def _unread(messages: Iterable[Message], channel: Channel) -> Iterable[str]:
    for message in messages:
        for delivery in message.deliveries.all():
            is_here = delivery.channel_id == channel.pk and delivery.external_id
            if is_here and delivery.state in NOT_YET_READ:
                yield delivery.external_id


def _step(state: str, *, is_answered: bool) -> Step:
    """Where the case stands; of a claim nothing is told but what was answered to it."""
    if state == State.CLOSED:
        return "resolved"
    if state == State.PENDING:
        return "waiting"
    return "working" if is_answered else "received"
