"""Open a review on a case of a stolen account."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from ...actor import Actor
from ...models import Category, Review, ReviewState, Ticket
from ..chains import with_survivors
from ..changes import Change, changing, standing
from ..refusals import Refused


def reviewable(ticket: Ticket) -> bool:
    """Whether the case is one in which somebody has to prove who they are."""
    return ticket.category == Category.ACCOUNT_SECURITY and not ticket.is_merged


def open_review(*, ticket: Ticket, by: Actor, now: datetime) -> Review:
    """Ask the customer, on their case page, to prove who they are.

    An open review stays as it is. Raises Refused: merged, or not_security.
    """
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        if not reviewable(locked):
            raise Refused("not_security")
        if review := open_one(locked):
            return review
        change.record(locked, "review_opened")
        return Review.objects.create(ticket=locked, opened_by=by.user, opened_at=now)


def open_one(ticket: Ticket) -> Review | None:
    """The review of a case that is not decided yet."""
    return ticket.reviews.filter(decided_at__isnull=True).first()


@contextmanager
def changing_review(
    review: Review, *allowed: ReviewState, by: Actor, now: datetime
) -> Iterator[tuple[Change, Ticket, Review]]:
    """The review and its case, both locked. Raises Refused("review_moved_on") in another state."""
    with changing_case(review.ticket, by=by, now=now) as (change, case):
        locked = Review.objects.select_for_update().get(pk=review.pk)
        if locked.state not in allowed:
            raise Refused("review_moved_on")
        yield change, case, locked
        locked.save()


@contextmanager
def changing_case(ticket: Ticket, *, by: Actor, now: datetime) -> Iterator[tuple[Change, Ticket]]:
    """The case that a ticket has become, locked with all on the way: a merge hides nothing."""
    with changing(*with_survivors([ticket.pk]), by=by, now=now) as change:
        case = change[ticket]
        while case.merged_into_id in change.tickets:
            case = change.tickets[case.merged_into_id]
        yield change, case
