"""Take in what customers wrote: find the case, or open one, and say why.

A batch is one transaction and costs a fixed number of queries, however many messages it holds.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from .. import claims
from .arrival import Arrival, Landing, Outcome
from .batch import Batch
from .landing import land
from .loading import TicketsMoved, load
from .storing import stored_files

__all__ = ["Arrival", "Landing", "Outcome", "receive"]

_MOST_TRIES = 5


def receive(arrivals: Sequence[Arrival], *, now: datetime) -> list[Landing]:
    """Put every arrival where it belongs, in one transaction, in order.

    Returns one landing per arrival, in the same order. A repeat changes nothing. Files are stored
    before the transaction. Raises what the database raises; the caller then tries one by one.
    """
    if not arrivals:
        return []
    arrivals = [stored_files(arrival) for arrival in arrivals]
    for _ in range(_MOST_TRIES):
        try:
            with transaction.atomic():
                batch = Batch(arrivals, now)
                load(batch)
                landings = [land(batch, arrival) for arrival in arrivals]
                batch.save()
                _try_codes(landings, now)
                return landings
        except TicketsMoved:
            continue
    raise TicketsMoved("the tickets kept being merged while messages came in")


def _try_codes(landings: Sequence[Landing], now: datetime) -> None:
    """A claimer may type the code that the case's owner got."""
    for landing in landings:
        message = landing.message
        if landing.outcome != "new" or message is None or message.conversation is None:
            continue
        if message.conversation.is_pending_claim:
            claims.try_code(conversation=message.conversation, text=message.text, now=now)
