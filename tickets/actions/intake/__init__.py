"""Take in what customers wrote: find the case, or open one, and say why.

A batch is one transaction and costs a fixed number of queries, however many messages it holds.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from .. import claims
from ..vouching import vouch
from .arrival import Arrival, Landing, Outcome
from .batch import Batch
from .landing import land
from .loading import TicketsMoved, load
from .reading import quoted_numbers
from .storing import stored_files

__all__ = ["Arrival", "Landing", "Outcome", "quoted_numbers", "receive"]

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
                _vouch_later(batch)
                return landings
        except TicketsMoved:
            continue
    raise TicketsMoved("the tickets kept being merged while messages came in")


def _vouch_later(batch: Batch) -> None:
    """Link known accounts for which a vendor vouches now, once the messages are safe.

    It takes locks of other cases, out of this transaction's order. Lost, the next message of the
    account brings it again.
    """
    for identity, sender in batch.vouched_since:
        link = partial(
            vouch,
            identity=identity,
            vouched=sender.vouched,
            name=sender.name,
            address=sender.address if sender.address_verified else "",
            now=batch.now,
        )
        transaction.on_commit(link, robust=True)


def _try_codes(landings: Sequence[Landing], now: datetime) -> None:
    """A claimer may type the code that the case's owner got."""
    for landing in landings:
        message = landing.message
        if landing.outcome != "new" or message is None or message.conversation is None:
            continue
        if message.conversation.is_pending_claim:
            claims.try_code(conversation=message.conversation, text=message.text, now=now)
