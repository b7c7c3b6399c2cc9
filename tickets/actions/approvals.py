"""Unlocks and refunds: one person asks, another one agrees or refuses."""

from datetime import datetime

from ..access import NotAllowed, may_approve, may_change
from ..actor import Actor
from ..models import Approval, ApprovalKind, ApprovalState, ReviewState, Ticket
from .changes import changing, standing
from .refusals import Refused
from .reviews.deciding import end
from .reviews.opening import changing_case
from .reviews.telling import tell_news

LONGEST_NOTE = 200


def ask_for_refund(*, ticket: Ticket, note: str, by: Actor, now: datetime) -> Approval:
    """Ask for a second person's word on a refund; `note` says what and how much.

    Raises NotAllowed, or Refused: empty, too_long, asked_already or merged.
    """
    note = " ".join(note.split())
    if by.user is None or not may_change(by.user):
        raise NotAllowed
    if not note:
        raise Refused("empty")
    if len(note) > LONGEST_NOTE:
        raise Refused("too_long", limit=LONGEST_NOTE)
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        asked = locked.approvals.filter(kind=ApprovalKind.REFUND, state=ApprovalState.ASKED)
        if asked.exists():
            raise Refused("asked_already")
        change.record(locked, "approval_asked", kind=ApprovalKind.REFUND)
        return Approval.objects.create(
            ticket=locked, kind=ApprovalKind.REFUND, note=note, asked_by=by.user, asked_at=now
        )


def decide(*, approval: Approval, agrees: bool, by: Actor, now: datetime) -> Approval:
    """Agree or refuse as the second person. A refused unlock goes back to be checked.

    Raises NotAllowed, or Refused: same_person or decided_already.
    """
    if by.user is None or not may_approve(by.user):
        raise NotAllowed
    with changing_case(approval.ticket, by=by, now=now) as (change, case):
        locked = Approval.objects.select_for_update().get(pk=approval.pk)
        if locked.state != ApprovalState.ASKED:
            raise Refused("decided_already")
        if locked.asked_by_id == by.user.pk:
            raise Refused("same_person")
        locked.state = ApprovalState.APPROVED if agrees else ApprovalState.REFUSED
        locked.decided_by, locked.decided_at = by.user, now
        locked.save()
        code = "approval_given" if agrees else "approval_refused"
        change.record(case, code, kind=locked.kind)
        if review := locked.review:
            if agrees:
                end(change, review, ReviewState.APPROVED, by)
                tell_news(change, case)
            else:
                review.state = ReviewState.CHECKING
            review.save()
        return locked
