"""Wait for the message to which a number was promised: its door gave the number out at once.

Whoever quotes that number elsewhere before a worker has read the first message must not be told
apart from it: with all workers stopped for a while this is the ordinary case.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from tickets.actions.intake import quoted_numbers
from tickets.interchange import IncomingMessage, Parsed

from .lanes import Lane, lane_of
from .models import Envelope, EnvelopeState

PAUSE = timedelta(seconds=1)


def held_up(batch: Sequence[Envelope], said: Mapping[int, Sequence[Parsed]]) -> set[int]:
    """Ids of the envelopes of a batch that quote a number which an older, unread one will make.

    All behind such an envelope in its lane are held up with it. Only older ones are waited for,
    so nobody waits in a ring; one that is given up is unread no more. One query.
    """
    ours = [envelope.pk for envelope in batch]
    promised = dict(
        Envelope.objects.filter(state=EnvelopeState.NEW, pk__lt=max(ours))
        .exclude(reserved_number="")
        .exclude(pk__in=ours)
        .values_list("reserved_number", "pk")
    )
    if not promised:
        return set()
    held: set[int] = set()
    lanes: set[Lane] = set()
    for envelope in batch:
        quoted = {number for item in said[envelope.pk] for number in _numbers(item)}
        waits = any(promised.get(number, envelope.pk) < envelope.pk for number in quoted)
        if waits or lane_of(envelope) in lanes:
            lanes.add(lane_of(envelope))
            held.add(envelope.pk)
    return held


def put_off(envelopes: Collection[int], *, now: datetime) -> None:
    """Have envelopes read a moment later, as if nobody had begun with them."""
    if not envelopes:
        return
    Envelope.objects.filter(pk__in=envelopes).update(
        attempts=F("attempts") - 1, retry_at=now + PAUSE, error={}
    )


def _numbers(item: Parsed) -> set[str]:
    return quoted_numbers(item) if isinstance(item, IncomingMessage) else set()
