"""The part of the side pane on rating, identity review and approvals, as one person may see it."""

from dataclasses import dataclass
from datetime import datetime

from tickets.access import may_approve, may_change, may_review
from tickets.actions.reviews import reviewable
from tickets.models import Approval, ApprovalState, User
from tickets.queries.case import CaseRead
from tickets.queries.trust import Trust, read_trust


@dataclass(frozen=True, slots=True)
class ApprovalOnScreen:
    """An approval; `may_decide` unless the viewer has asked for it, or has no say."""

    approval: Approval
    may_decide: bool


@dataclass(frozen=True, slots=True)
class TrustPane:
    trust: Trust
    approvals: list[ApprovalOnScreen]
    may_open_review: bool
    may_review: bool
    may_ask_refund: bool
    is_overdue: bool


def trust_pane(case: CaseRead, user: User, now: datetime) -> TrustPane:
    """Read it, and tell what the viewer may do about it."""
    trust = read_trust(case, user)
    changes, review = may_change(user), trust.review
    asked = [each for each in trust.approvals if each.state == ApprovalState.ASKED]
    return TrustPane(
        trust=trust,
        approvals=[
            ApprovalOnScreen(
                each, each in asked and may_approve(user) and each.asked_by_id != user.pk
            )
            for each in trust.approvals
        ],
        may_open_review=changes
        and reviewable(case.ticket)
        and (review is None or review.is_decided),
        may_review=may_review(user),
        may_ask_refund=changes
        and not case.ticket.is_merged
        and all(each.kind != "refund" for each in asked),
        is_overdue=bool(
            review and not review.is_decided and review.due_at and review.due_at <= now
        ),
    )
