"""What taking something back would mean: where conversations go, and what was said meanwhile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from ..models import (
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    Move,
    MoveKind,
    Ticket,
)
from .undoing import going_back, sent_since

_UNSENT = {DeliveryState.QUEUED, DeliveryState.WAITING}


@dataclass(frozen=True, slots=True)
class Counted:
    """A conversation with what it had when it was moved and what it has received since."""

    conversation: Conversation
    before: int
    since: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A case as it would stand afterwards."""

    ticket: Ticket
    conversations: list[Counted]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that has left since, or is about to; `delivery` tells how far it has come."""

    message: Message
    delivery: Delivery | None

    @property
    def has_left(self) -> bool:
        return self.delivery is None or self.delivery.state not in _UNSENT


def lanes(moves: Sequence[Move]) -> list[Lane]:
    """Which case each conversation would stand on: first the one that stays, then those that come
    back."""
    stays, at = _staying(moves[0]), moves[0].moved_at
    home = {c.pk: move.source for move in moves for c in going_back(move)}
    talks = Conversation.objects.filter(Q(ticket=stays.pk) | Q(pk__in=home))
    counted = talks.select_related("channel", "identity", "ticket").annotate(
        before=Count("messages", filter=Q(messages__created_at__lt=at)),
        since=Count("messages", filter=Q(messages__created_at__gte=at)),
    )
    found = {stays.pk: Lane(stays, [])}
    for ticket in home.values():
        found.setdefault(ticket.pk, Lane(ticket, []))
    for talk in counted.order_by("created_at", "pk"):
        place = home.get(talk.pk, stays)
        found[place.pk].conversations.append(Counted(talk, talk.before, talk.since))
    return list(found.values())


def said_since(moves: Iterable[Move]) -> list[Said]:
    """The answers that went out since these moves and may have been about the other problem."""
    told = {message.pk: message for move in moves for message in sent_since(move)}
    return _with_deliveries(sorted(told.values(), key=lambda message: message.pk))


def said_to(identity: int, ticket: Ticket, since: datetime) -> list[Said]:
    """The answers that an account has received on a case since a moment."""
    answers = Message.objects.filter(
        conversation__identity=identity,
        conversation__ticket=ticket,
        direction=Direction.OUTBOUND,
        created_at__gte=since,
    )
    shown = answers.select_related("conversation__identity", "conversation__channel", "author")
    return _with_deliveries(list(shown.order_by("pk")))


def _with_deliveries(messages: Sequence[Message]) -> list[Said]:
    last = {
        delivery.message_id: delivery
        for delivery in Delivery.objects.filter(message__in=messages).order_by("part", "pk")
    }
    return [Said(message, last.get(message.pk)) for message in messages]


def _staying(move: Move) -> Ticket:
    """The case that keeps its number whatever happens: a merge's target, a split's source."""
    ticket = move.target if move.kind in {MoveKind.MERGE, MoveKind.CORRECTION} else move.source
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    return ticket
