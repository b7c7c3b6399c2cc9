"""Move deliveries on: claim one, record how its attempt ended, decide on one in doubt."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import inf
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.db.models import (
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.lookups import Exact

from ..actor import SYSTEM, Actor
from ..events import announce
from ..models import (
    Attempt,
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Identity,
    Message,
    Ticket,
)
from .changes import Change, changing
from .conversations import standing_conversation
from .refusals import Refused
from .replies import write_again

LEASE = timedelta(seconds=90)  # longer than any task may live, so its holder is surely gone
RATE_SPAN = timedelta(minutes=1)  # over which a channel's sends are counted
PER_CHANNEL = 4  # calls at once through one channel: a slow vendor must not hold every worker

Error = Mapping[str, Any]


class NotPossible(Exception):
    """The delivery is in no state for this; `state` says in which it is."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def due(*, channels: QuerySet[Channel], now: datetime) -> QuerySet[Delivery]:
    """What may be sent now through `channels`, oldest first.

    A delivery waits while an earlier one of its conversation is on its way or in doubt; the
    doubt of an automatic message does not hold up a person's. One that its author may still take
    back waits, and what a person writes after it too; what we say by ourselves does not.
    """
    waiting = Q(state__in=(DeliveryState.QUEUED, DeliveryState.STARTED))
    in_doubt = Q(state=DeliveryState.UNKNOWN, message__automatic="")
    before = Q(message_id__lt=OuterRef("message_id")) | Q(
        message_id=OuterRef("message_id"), part__lt=OuterRef("part")
    )
    not_held = Q(held_until__isnull=True) | Q(held_until__lte=now)
    by_person = Exact(ExpressionWrapper(OuterRef("message__automatic"), CharField()), Value(""))
    earlier = Delivery.objects.filter(
        waiting | in_doubt,
        before,
        not_held | Q(by_person),
        message__conversation=OuterRef("message__conversation"),
        recipient=OuterRef("recipient"),
    )
    return Delivery.objects.filter(
        ~Exists(earlier),
        not_held,
        Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now),
        state=DeliveryState.QUEUED,
        channel__in=channels.filter(is_paused=False),
    ).order_by(F("next_attempt_at").asc(nulls_first=True), "pk")


def claim(*, channels: QuerySet[Channel], now: datetime) -> Delivery | None:
    """Start an attempt of the next due delivery and commit that before anybody calls a vendor.

    The channel that sent least of late comes first, so that a long queue of one does not hold up
    the others. The caller owns the attempt until `lease_until` and must record how it ended.
    None: no work.
    """
    for channel in _channels_in_turn(channels, now):
        while True:
            try:
                delivery = _claim_of(channel, now)
            except IntegrityError:
                continue  # somebody else took this place in the sequence of answers
            if delivery is not None:
                return delivery
            break
    return None


def _claim_of(channel: int, now: datetime) -> Delivery | None:
    with transaction.atomic():
        free = due(channels=Channel.objects.filter(pk=channel), now=now)
        delivery = free.select_for_update(skip_locked=True, of=("self",)).first()
        if delivery is None:
            return None
        if delivery.sequence is None:
            _fix_what_it_answers(delivery)
        delivery.state = DeliveryState.STARTED
        delivery.attempts += 1
        delivery.lease_until = now + LEASE
        delivery.next_attempt_at = None
        delivery.changed_at = now
        delivery.save()
        Attempt.objects.create(delivery=delivery, number=delivery.attempts, started_at=now)
    return delivery


def _fix_what_it_answers(delivery: Delivery) -> None:
    """Settle for all attempts which message of the customer this answers, and as which answer.

    Where the vendor keeps a reply window it is the newest of the whole chat: only that one still
    takes answers. Elsewhere it is the newest that the author of the reply can have read.
    """
    message = delivery.message
    conversation = message.conversation
    if conversation is None:
        return
    inbound = conversation.messages.filter(created_at__lte=message.created_at)
    if conversation.has_window:
        inbound = _of_chat(conversation)
    newest = _newest_inbound(inbound)
    delivery.answers = newest
    same = Delivery.objects.filter(channel=delivery.channel_id, answers=delivery.answers)
    last = same.aggregate(last=Max("sequence"))["last"] if newest else None
    delivery.sequence = (last or 0) + 1


def _of_chat(conversation: Conversation) -> QuerySet[Message]:
    """The messages of the whole chat, whichever case they were about."""
    return Message.objects.filter(
        conversation__channel=conversation.channel_id,
        conversation__thread=conversation.thread,
        conversation__identity=conversation.identity_id,
    )


def _newest_inbound(messages: QuerySet[Message]) -> str:
    """The vendor's id of the customer's newest message, or ""."""
    inbound = messages.filter(direction=Direction.INBOUND).exclude(external_id="")
    ids = inbound.order_by("-created_at", "-pk").values_list("external_id", flat=True)
    return ids.first() or ""


def _channels_in_turn(channels: QuerySet[Channel], now: datetime) -> list[int]:
    """Channels with something to send and leave to send it, whoever sent least of late first."""
    ready = Delivery.objects.filter(
        Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now),
        state=DeliveryState.QUEUED,
        channel__in=channels.filter(is_paused=False),
    )
    waiting = ready.order_by().values("channel").annotate(oldest=Min("created_at"))
    sent = sent_lately(now=now)
    busy = set(_busy_channels())
    limits = dict(
        Channel.objects.filter(capabilities__sends_per_minute__gt=0).values_list(
            "pk", "capabilities__sends_per_minute"
        )
    )
    free = [
        (sent.get(row["channel"], 0), row["oldest"], row["channel"])
        for row in waiting
        if row["channel"] not in busy
        and sent.get(row["channel"], 0) < limits.get(row["channel"], inf)
    ]
    return [channel for _sent, _oldest, channel in sorted(free)]


def expired(*, now: datetime) -> QuerySet[Delivery]:
    """Attempts whose owner is gone: nobody knows whether the vendor got the message."""
    return Delivery.objects.filter(state=DeliveryState.STARTED, lease_until__lt=now).order_by("pk")


def take_over(*, delivery: Delivery, now: datetime) -> bool:
    """Become the owner of an expired attempt, to find out how it ended. False: another did."""
    mine = expired(now=now).filter(pk=delivery.pk, attempts=delivery.attempts)
    return bool(mine.update(lease_until=now + LEASE))


def record_sent(
    *,
    delivery: Delivery,
    now: datetime,
    external_id: str = "",
    state: Literal["sent", "delivered"] = "sent",
) -> bool:
    """Record that the vendor accepted. False: the attempt is no longer ours and nothing changed."""
    values = {"state": DeliveryState(state), "external_id": external_id, "error": {}}
    try:
        with transaction.atomic():
            is_ours = _finish(delivery, now, "sent", values)
            if is_ours and external_id and delivery.channel.writes_first:
                _name_thread(delivery, external_id)
            return is_ours
    except IntegrityError:
        # A vendor that names two messages alike must not make us forget that it accepted this one.
        return _finish(delivery, now, "sent", {**values, "external_id": ""})


def _name_thread(delivery: Delivery, external_id: str) -> None:
    """A thread that we began is called after our first message, as answers to it call it."""
    begun = Conversation.objects.filter(
        messages=delivery.message_id, channel=delivery.channel_id, thread=""
    )
    begun.update(thread=external_id[:255], is_current=True)


def record_retry(
    *, delivery: Delivery, now: datetime, at: datetime, error: Error, in_doubt: bool = False
) -> bool:
    """Record when to try again: it was not sent or, `in_doubt`, a second copy does no harm."""
    values = {"state": DeliveryState.QUEUED, "next_attempt_at": at, "error": dict(error)}
    return _finish(delivery, now, "unknown" if in_doubt else "retry", values)


def record_waiting(*, delivery: Delivery, now: datetime, error: Error) -> bool:
    """Record that the vendor takes no reply now: it waits until the customer writes.

    Where the customer wrote during the attempt it goes at once, as an answer to that.
    """
    values = {"error": dict(error), "answers": "", "sequence": None, "next_attempt_at": now}
    with _changing(delivery, SYSTEM, now) as (change, ticket):
        row = _standing_attempt(delivery)
        if row is None:
            return False
        is_open = _wrote_meanwhile(row)
        state = DeliveryState.QUEUED if is_open else DeliveryState.WAITING
        _end(row, {**values, "state": state}, "retry" if is_open else "waiting", now)
        change.touch(ticket)
        if is_open:
            announce(delivery_ids=[row.pk])
        else:
            Conversation.objects.filter(messages=row.message_id).update(replies_left=0)
            change.record(ticket, "delivery_waits", **_facts(row))
    return True


def _wrote_meanwhile(delivery: Delivery) -> bool:
    """Whether the customer wrote in this chat after the message that was answered."""
    chat = delivery.message.conversation
    return chat is not None and _newest_inbound(_of_chat(chat)) != delivery.answers


def record_failed(*, delivery: Delivery, now: datetime, error: Error) -> bool:
    """Record that it was not sent and will not be."""
    values = {"state": DeliveryState.FAILED, "error": dict(error)}
    return _finish(delivery, now, "failed", values, code="delivery_failed")


def record_unknown(*, delivery: Delivery, now: datetime, error: Error) -> bool:
    """Record that it may have been sent; a person decides what to do."""
    values = {"state": DeliveryState.UNKNOWN, "error": dict(error)}
    return _finish(delivery, now, "unknown", values, code="delivery_unknown")


def hand_over(*, delivery: Delivery, external_id: str, now: datetime) -> bool:
    """Record that the other side fetched a queued delivery itself. False: it was not queued."""
    with transaction.atomic():
        queued = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
        row = queued.select_for_update().first()
        if row is None:
            return False
        row.state = DeliveryState.STARTED
        row.attempts += 1
        row.lease_until = now + LEASE
        row.save()
        Attempt.objects.create(delivery=row, number=row.attempts, started_at=now)
    return record_sent(delivery=row, external_id=external_id, now=now)


def resend(*, delivery: Delivery, by: Actor, now: datetime) -> Delivery:
    """Send once more what failed or is in doubt; the person takes the risk of a second copy."""
    allowed = (DeliveryState.FAILED, DeliveryState.UNKNOWN)
    with _deciding(delivery, allowed, "delivery_resent", by, now) as row:
        row.state = DeliveryState.QUEUED
        row.next_attempt_at = None
        announce(delivery_ids=[row.pk])
    return row


def confirm(*, delivery: Delivery, by: Actor, now: datetime) -> Delivery:
    """Settle a doubt: the person has seen that the message arrived."""
    with _deciding(delivery, (DeliveryState.UNKNOWN,), "delivery_confirmed", by, now) as row:
        row.state = DeliveryState.SENT
        row.error = {}
    return row


def cancel(*, delivery: Delivery, by: Actor, now: datetime) -> Delivery:
    """Give up what has not been sent, or is in doubt; what waited behind it goes on."""
    allowed = (
        DeliveryState.QUEUED,
        DeliveryState.WAITING,
        DeliveryState.FAILED,
        DeliveryState.UNKNOWN,
    )
    with _deciding(delivery, allowed, "delivery_cancelled", by, now) as row:
        row.state = DeliveryState.CANCELLED
        row.next_attempt_at = None
    return row


def sent_lately(*, now: datetime) -> dict[int, int]:
    """How often each channel has called its vendor to send within the last minute."""
    recent = Attempt.objects.filter(started_at__gt=now - RATE_SPAN)
    return dict(recent.order_by().values_list("delivery__channel").annotate(many=Count("pk")))


def hurry(*, channel: Channel, now: datetime) -> int:
    """Have everything that waits for its next try go now, once its channel has been mended."""
    waiting = Delivery.objects.filter(
        channel=channel, state=DeliveryState.QUEUED, next_attempt_at__gt=now
    )
    ids = list(waiting.values_list("pk", flat=True))
    with transaction.atomic():
        Delivery.objects.filter(pk__in=ids, state=DeliveryState.QUEUED).update(next_attempt_at=now)
        announce(delivery_ids=ids)
    return len(ids)


def redirect(*, delivery: Delivery, to: Conversation, by: Actor, now: datetime) -> Message:
    """Have an answer that waits leave through another conversation of the same customer.

    The whole message goes there and nothing of it is left waiting here. Raises NotPossible if it
    has left in part or waits no more, Refused if the other place is not the customer's own,
    private, proven and open, or the reply cannot be written there.
    """
    with _changing(delivery, by, now) as (change, ticket):
        parts = Delivery.objects.filter(message=delivery.message_id)
        rows = list(parts.select_for_update().order_by("pk"))
        other = next((row.state for row in rows if row.state != DeliveryState.WAITING), None)
        if other is not None:
            raise NotPossible(other)
        place = standing_conversation(to, change)
        if not may_stand_in(place, delivery.recipient, now):
            raise Refused("not_their_place")
        message = write_again(change, place, delivery.message)
        parts.update(state=DeliveryState.CANCELLED, next_attempt_at=None, changed_at=now)
        change.record(ticket, "delivery_redirected", **_facts(delivery), to=place.channel.slug)
    return message


def may_stand_in(place: Conversation, recipient: Identity, now: datetime) -> bool:
    """Whether what is meant for `recipient` may leave by `place`: their own, proven and private."""
    own = place.identity.contact_id == recipient.contact_id and not place.is_pending_claim
    safe = place.identity.is_verified and not place.is_public
    return own and safe and place.takes_replies(now)


def _busy_channels() -> list[int]:
    started = Delivery.objects.filter(state=DeliveryState.STARTED).values("channel")
    counted = started.annotate(calls=Count("pk")).filter(calls__gte=PER_CHANNEL)
    return [row["channel"] for row in counted.order_by()]


def _finish(
    delivery: Delivery,
    now: datetime,
    outcome: str,
    values: Mapping[str, Any],
    *,
    code: str = "",
) -> bool:
    """End the attempt that the caller knows, if it still stands, and tell the desk."""
    with _changing(delivery, SYSTEM, now) as (change, ticket):
        row = _standing_attempt(delivery)
        if row is None:
            return False
        _end(row, values, outcome, now)
        change.touch(ticket)
        if code:
            change.record(ticket, code, **_facts(row))
    return True


def _standing_attempt(delivery: Delivery) -> Delivery | None:
    """The delivery, locked, if the attempt that the caller knows still stands."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    stands = row.state == DeliveryState.STARTED and row.attempts == delivery.attempts
    return row if stands else None


def _end(row: Delivery, values: Mapping[str, Any], outcome: str, now: datetime) -> None:
    for name, value in {**values, "lease_until": None, "changed_at": now}.items():
        setattr(row, name, value)
    row.save()
    Attempt.objects.filter(delivery=row, number=row.attempts).update(
        finished_at=now, outcome=outcome, error=row.error
    )


@contextmanager
def _deciding(
    delivery: Delivery, allowed: tuple[DeliveryState, ...], code: str, by: Actor, now: datetime
) -> Iterator[Delivery]:
    """A delivery, locked, for a person's decision. Raises NotPossible."""
    with _changing(delivery, by, now) as (change, ticket):
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if row.state not in allowed:
            raise NotPossible(row.state)
        change.record(ticket, code, **_facts(row), was=row.state)
        yield row
        row.changed_at = now
        row.save()


@contextmanager
def _changing(delivery: Delivery, by: Actor, now: datetime) -> Iterator[tuple[Change, Ticket]]:
    """The delivery's ticket, locked; a merge may move it away while we wait for the lock."""
    while True:
        ticket = Ticket.objects.get(conversations__messages__deliveries=delivery)
        with changing(ticket, by=by, now=now, moves_clocks=False) as change:
            still_there = Ticket.objects.filter(
                pk=ticket.pk, conversations__messages__deliveries=delivery
            )
            if still_there.exists():
                yield change, change[ticket]
                return


def _facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery.pk,
        "message": delivery.message_id,
        "channel": delivery.channel_id,
        "error": delivery.error,
    }
