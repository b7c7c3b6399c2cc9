"""How the channels fare, read for the people who look after them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, QuerySet

from tickets.models import Channel, Delivery, DeliveryState

from .models import ChannelAccount, Envelope, EnvelopeState

Condition = Literal["ok", "failing", "paused"]


@dataclass(frozen=True, slots=True)
class Health:
    """One channel's state: `error` is a code with a detail, the counts are what needs a look."""

    channel: Channel
    condition: Condition
    error: Mapping[str, Any]
    failing_since: datetime | None
    last_received_at: datetime | None
    last_pull_at: datetime | None
    next_pull_at: datetime | None
    unread: int
    dead: int
    queued: int
    unknown: int
    failed: int


def health() -> list[Health]:
    """Every channel, by slug. A fixed number of queries, however many there are."""
    envelopes = _counts(Envelope.objects.filter(state__in=(EnvelopeState.NEW, EnvelopeState.DEAD)))
    outgoing = _counts(
        Delivery.objects.filter(
            state__in=(DeliveryState.QUEUED, DeliveryState.UNKNOWN, DeliveryState.FAILED)
        )
    )
    accounts = ChannelAccount.objects.select_related("channel").order_by("channel__slug")
    return [_row(account, envelopes, outgoing) for account in accounts]


def _counts(rows: QuerySet[Any]) -> dict[tuple[int, str], int]:
    counted = rows.order_by().values_list("channel", "state").annotate(many=Count("pk"))
    return {(channel, state): many for channel, state, many in counted}


def _row(
    account: ChannelAccount,
    envelopes: Mapping[tuple[int, str], int],
    outgoing: Mapping[tuple[int, str], int],
) -> Health:
    return Health(
        channel=account.channel,
        condition=_condition(account),
        error=account.last_error,
        failing_since=account.failing_since,
        last_received_at=account.last_received_at,
        last_pull_at=account.last_pull_at,
        next_pull_at=account.next_pull_at,
        unread=envelopes.get((account.pk, EnvelopeState.NEW), 0),
        dead=envelopes.get((account.pk, EnvelopeState.DEAD), 0),
        queued=outgoing.get((account.pk, DeliveryState.QUEUED), 0),
        unknown=outgoing.get((account.pk, DeliveryState.UNKNOWN), 0),
        failed=outgoing.get((account.pk, DeliveryState.FAILED), 0),
    )


def _condition(account: ChannelAccount) -> Condition:
    if account.channel.is_paused:
        return "paused"
    return "failing" if account.failures else "ok"
