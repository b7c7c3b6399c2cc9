"""Decide a review: refuse, ask for more, or agree, which takes a second person."""

from datetime import datetime, timedelta

from django.conf import settings

from ...access import NotAllowed, may_review
from ...actor import Actor
from ...models import Approval, ApprovalKind, Review, ReviewState, User
from ..changes import Change
from ..refusals import Refused
from .opening import changing_review
from .telling import tell_news

LONGEST_WORDS = 500


def decide(*, review: Review, agrees: bool, by: Actor, now: datetime) -> Review:
    """Say whether the material proves it. To agree only proposes the unlock: see `approvals`.

    Raises NotAllowed, or Refused("review_moved_on").
    """
    reviewer = _reviewer(by)
    with changing_review(review, ReviewState.CHECKING, by=by, now=now) as (change, ticket, locked):
        if agrees:
            locked.state = ReviewState.SECOND
            Approval.objects.create(
                ticket=ticket,
                review=locked,
                kind=ApprovalKind.UNLOCK,
                asked_by=reviewer,
                asked_at=now,
            )
            change.record(ticket, "approval_asked", kind=ApprovalKind.UNLOCK)
        else:
            end(change, locked, ReviewState.REJECTED, by)
            change.record(ticket, "review_rejected")
            tell_news(change, ticket)
        return locked


def ask_for_more(*, review: Review, wanted: str, by: Actor, now: datetime) -> Review:
    """Tell the customer on the case page what is missing; the clock stops until it comes.

    Raises NotAllowed, or Refused: empty, too_long or review_moved_on.
    """
    _reviewer(by)
    wanted = wanted.strip()
    if not wanted:
        raise Refused("empty")
    if len(wanted) > LONGEST_WORDS:
        raise Refused("too_long", limit=LONGEST_WORDS)
    allowed = (ReviewState.CHECKING, ReviewState.WAITING)
    with changing_review(review, *allowed, by=by, now=now) as (change, ticket, locked):
        locked.state, locked.wanted = ReviewState.WAITING, wanted
        locked.due_at = locked.reminded_at = locked.overdue_at = None
        change.record(ticket, "review_more_wanted")
        tell_news(change, ticket)
        return locked


def end(change: Change, review: Review, state: ReviewState, by: Actor) -> None:
    """Close a locked review; its material is deleted some days later."""
    review.state, review.wanted = state, ""
    review.decided_at, review.decided_by = change.now, by.user
    review.delete_at = change.now + timedelta(days=settings.REVIEW_KEPT_DAYS)


def _reviewer(by: Actor) -> User:
    if by.user is None or not may_review(by.user):
        raise NotAllowed
    return by.user
