"""Hand replies to the other side of a channel that fetches them instead of being called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.actions import deliveries
from tickets.models import Channel, Delivery

from . import accounts, outbox
from .models import ChannelAccount

MOST = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in order, and the cursor by which their receipt is acknowledged."""

    messages: list[Mapping[str, Any]]
    cursor: str


def page(account: ChannelAccount, *, now: datetime) -> Page:
    """The replies that wait, oldest first; the same ones again until they are acknowledged."""
    connector = accounts.connect(account)
    waiting = list(_waiting(account, now)[:MOST])
    messages = [connector.render(outbox.compose(delivery)) for delivery in waiting]
    return Page(messages, ".".join(str(delivery.pk) for delivery in waiting))


def acknowledge(account: ChannelAccount, cursor: str, *, now: datetime) -> int:
    """Record as sent what was handed out under `cursor`; nonsense and repeats change nothing.

    The cursor names each delivery: "all up to this one" would take in one that was committed
    late and never handed out.
    """
    ids = [int(part) for part in cursor.split(".")[:MOST] if part.isascii() and part.isdecimal()]
    named = Delivery.objects.filter(
        channel=account.channel, pk__in=[pk for pk in ids if pk < 2**63]
    )
    done = [
        deliveries.hand_over(delivery=delivery, external_id=str(delivery.key), now=now)
        for delivery in named.order_by("pk")
    ]
    return sum(done)


def _waiting(account: ChannelAccount, now: datetime) -> Any:
    return deliveries.due(channels=Channel.objects.filter(pk=account.pk), now=now)
