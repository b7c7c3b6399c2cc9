"""Move deliveries on: claim one, record how its attempt ended, decide on one in doubt."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from ..actor import SYSTEM, Actor
from ..events import announce
from ..models import Attempt, Channel, Delivery, DeliveryState, Ticket
from .changes import Change, changing

LEASE = timedelta(seconds=90)  # longer than any task may live, so its holder is surely gone
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
    doubt of an automatic message does not hold up a person's.
    """
    waiting = Q(state__in=(DeliveryState.QUEUED, DeliveryState.STARTED))
    in_doubt = Q(state=DeliveryState.UNKNOWN, message__automatic="")
    earlier = Delivery.objects.filter(
        waiting | in_doubt,
        message__conversation=OuterRef("message__conversation"),
        message_id__lt=OuterRef("message_id"),
    )
    return Delivery.objects.filter(
        ~Exists(earlier),
        Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now),
        state=DeliveryState.QUEUED,
        channel__in=channels.filter(is_paused=False),
    ).order_by(F("next_attempt_at").asc(nulls_first=True), "pk")


def claim(*, channels: QuerySet[Channel], now: datetime) -> Delivery | None:
    """Start an attempt of the next due delivery and commit that before anybody calls a vendor.

    The caller owns the attempt until `lease_until` and must record how it ended. None: no work.
    """
    with transaction.atomic():
        free = due(channels=channels, now=now).exclude(channel__in=_busy_channels())
        delivery = free.select_for_update(skip_locked=True, of=("self",)).first()
        if delivery is None:
            return None
        delivery.state = DeliveryState.STARTED
        delivery.attempts += 1
        delivery.lease_until = now + LEASE
        delivery.next_attempt_at = None
        delivery.changed_at = now
        delivery.save()
        Attempt.objects.create(delivery=delivery, number=delivery.attempts, started_at=now)
    return delivery


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
            return _finish(delivery, now, "sent", values)
    except IntegrityError:
        # A vendor that names two messages alike must not make us forget that it accepted this one.
        return _finish(delivery, now, "sent", {**values, "external_id": ""})


def record_retry(
    *, delivery: Delivery, now: datetime, at: datetime, error: Error, in_doubt: bool = False
) -> bool:
    """Record when to try again: it was not sent or, `in_doubt`, a second copy does no harm."""
    values = {"state": DeliveryState.QUEUED, "next_attempt_at": at, "error": dict(error)}
    return _finish(delivery, now, "unknown" if in_doubt else "retry", values)


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
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if row.state != DeliveryState.STARTED or row.attempts != delivery.attempts:
            return False
        for name, value in {**values, "lease_until": None, "changed_at": now}.items():
            setattr(row, name, value)
        row.save()
        Attempt.objects.filter(delivery=row, number=row.attempts).update(
            finished_at=now, outcome=outcome, error=row.error
        )
        change.touch(ticket)
        if code:
            change.record(ticket, code, **_facts(row))
    return True


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
        with changing(ticket, by=by, now=now) as change:
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
