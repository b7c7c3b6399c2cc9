"""Tell the customer that a review has moved on: where to look, and nothing of what is there."""

from datetime import datetime

from django.db import transaction

from ...models import Ticket
from .. import wording
from ..changes import Change
from ..claims import owners_conversation
from ..refusals import Refused
from ..replies import write_automatic


def tell_news(change: Change, ticket: Ticket) -> None:
    """Say that there is news. Who has no proved account that leaves our pages is told nothing."""
    _tell(change, ticket, None)


def tell_time(change: Change, ticket: Ticket, until: datetime) -> None:
    """Say until when there will be a decision."""
    _tell(change, ticket, until)


def _tell(change: Change, ticket: Ticket, until: datetime | None) -> None:
    place = owners_conversation(ticket, now=change.now, leaves_us=True)
    if place is None or not place.identity.is_verified or place.ticket_id not in change.tickets:
        return
    page = wording.page_of(ticket.number)
    try:
        with transaction.atomic():
            text = wording.review(place, ticket.number, page, until)
            write_automatic(change, place, text, kind="review")
    except Refused:
        pass  # a channel that cannot carry it: the page shows it all the same
