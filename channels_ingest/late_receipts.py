"""Keep the receipts that come before we know what they are about.

A vendor may tell that a message was read before our own note that it was sent is committed:
until then no delivery has the id of which the receipt speaks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tickets.actions.intake import Landing
from tickets.models import Attempt

from . import trials
from .models import Envelope

FOR_NOTHING = "receipt_for_nothing_of_ours"
FRESH = timedelta(minutes=2)  # longer than a task may live: of older attempts the end is known
LOOKED_AT = 500  # newest attempts


def owners(
    envelopes: Sequence[Envelope], landings: Sequence[Landing], *, now: datetime
) -> set[int]:
    """Ids of the envelopes whose receipt may be early: a delivery of that channel is on its way.

    Each landing stands beside the envelope it came from. What was tried often enough is not kept.
    """
    unknown = [
        envelope
        for envelope, landing in zip(envelopes, landings, strict=True)
        if landing.reason == FOR_NOTHING and envelope.attempts < trials.MOST_ATTEMPTS
    ]
    if not unknown:
        return set()
    busy = _sending(now)
    return {envelope.pk for envelope in unknown if envelope.channel_id in busy}


def put_off(envelope: Envelope, *, now: datetime) -> None:
    """Have an envelope tried again later, in a lane of its own: a receipt holds nobody up."""
    envelope.lane = f"late receipt {envelope.pk}"
    envelope.retry_at = now + trials.pause_after(envelope.attempts)
    envelope.error = {"code": "early_receipt", "detail": ""}


def _sending(now: datetime) -> set[int]:
    """Channels through which something is being sent or has just been."""
    newest = Attempt.objects.order_by("-pk").values_list("started_at", "delivery__channel")
    return {channel for started_at, channel in newest[:LOOKED_AT] if started_at > now - FRESH}
