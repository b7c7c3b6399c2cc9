"""How the channels fare, read for the people who look after them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from tickets.actions.deliveries import sent_lately
from tickets.models import Channel, Delivery, DeliveryState

from .models import ChannelAccount, Envelope, EnvelopeState

Condition = Literal["ok", "failing", "paused"]
OPEN = (
    DeliveryState.QUEUED,
    DeliveryState.WAITING,
    DeliveryState.UNKNOWN,
    DeliveryState.FAILED,
)


@dataclass(frozen=True, slots=True)
class Health:
    """One channel's state: `error` is a code with a detail, the counts are what needs a look.

    It also fails when nothing can be sent until somebody mends it, though it still receives.
    `oldest_unread_at` tells how far it lags behind; `token_until` when its access token ends,
    where the vendor gives one that is renewed. Of the vendor's `quota` of messages a minute, if it
    has one, `sent_lately` are used.
    """

    channel: Channel
    condition: Condition
    error: Mapping[str, Any]
    failing_since: datetime | None
    last_received_at: datetime | None
    last_pull_at: datetime | None
    next_pull_at: datetime | None
    oldest_unread_at: datetime | None
    token_until: datetime | None
    quota: int | None
    sent_lately: int
    unread: int
    dead: int
    queued: int
    waiting: int
    unknown: int
    failed: int


Counted = Mapping[tuple[int, str], tuple[int, datetime | None]]
NOTHING: tuple[int, None] = (0, None)


def health() -> list[Health]:
    """Every channel, by slug. A fixed number of queries, however many there are."""
    return _read(ChannelAccount.objects.order_by("channel__slug"))


def health_of(channel: Channel) -> Health:
    """The same of one channel."""
    (only,) = _read(ChannelAccount.objects.filter(channel=channel))
    return only


def _read(accounts: QuerySet[ChannelAccount]) -> list[Health]:
    """Count in one query for each direction what the channels of these accounts have open."""
    incoming = Envelope.objects.filter(state__in=(EnvelopeState.NEW, EnvelopeState.DEAD))
    outgoing = Delivery.objects.filter(state__in=OPEN)
    found = list(accounts.select_related("channel", "channel__team", "access_token"))
    asked = [account.pk for account in found]
    envelopes = _counts(incoming.filter(channel__in=asked), "received_at")
    deliveries = _counts(outgoing.filter(channel__in=asked), "created_at")
    has_rates = any(account.channel.sends_per_minute for account in found)
    sent = sent_lately(now=timezone.now()) if has_rates else {}
    return [_row(account, envelopes, deliveries, sent.get(account.pk, 0)) for account in found]


def _counts(rows: QuerySet[Any], since: str) -> Counted:
    """How many of each channel are in each state, and since when the oldest is."""
    counted = rows.order_by().values_list("channel", "state").annotate(Count("pk"), Min(since))
    return {(channel, state): (many, oldest) for channel, state, many, oldest in counted}


def _row(account: ChannelAccount, envelopes: Counted, outgoing: Counted, sent: int) -> Health:
    unread, oldest_unread_at = envelopes.get((account.pk, EnvelopeState.NEW), NOTHING)
    token = getattr(account, "access_token", None)
    return Health(
        channel=account.channel,
        condition=_condition(account),
        error=account.last_error or account.send_error,
        failing_since=account.failing_since,
        last_received_at=account.last_received_at,
        last_pull_at=account.last_pull_at,
        next_pull_at=account.next_pull_at,
        oldest_unread_at=oldest_unread_at,
        token_until=token.until if token and token.sealed else None,
        quota=account.channel.sends_per_minute,
        sent_lately=sent,
        unread=unread,
        dead=envelopes.get((account.pk, EnvelopeState.DEAD), NOTHING)[0],
        queued=outgoing.get((account.pk, DeliveryState.QUEUED), NOTHING)[0],
        waiting=outgoing.get((account.pk, DeliveryState.WAITING), NOTHING)[0],
        unknown=outgoing.get((account.pk, DeliveryState.UNKNOWN), NOTHING)[0],
        failed=outgoing.get((account.pk, DeliveryState.FAILED), NOTHING)[0],
    )


def _condition(account: ChannelAccount) -> Condition:
    if account.channel.is_paused:
        return "paused"
    return "failing" if account.failures or account.send_error else "ok"
