"""What a case's side pane tells of its customer's word: rating, identity review, approvals."""

from dataclasses import dataclass

from django.db.models import Count

from tickets.models import (
    Approval,
    Identity,
    Rating,
    Review,
    Role,
    User,
)

from .case import CaseRead

RECENT_APPROVALS = 5


@dataclass(frozen=True, slots=True)
class Trust:
    """`review` has `photos` and `looks`, their numbers; nothing of its content is read here."""

    rating: Rating | None = None
    review: Review | None = None
    approvals: tuple[Approval, ...] = ()
    wants_answers_at: Identity | None = None


def read_trust(case: CaseRead, user: User) -> Trust:
    """For a visible case and those merged into it, in three queries; helpers are told nothing."""
    if user.role == Role.HELPER:
        return Trust()
    ticket = case.ticket
    parts = {ticket.pk}
    parts |= {m.source_id for m in case.moves if m.undone_at is None and m.target_id == ticket.pk}
    ratings = Rating.objects.filter(ticket__in=parts).select_related("ticket")
    ranked = sorted(ratings, key=lambda each: (each.ticket_id == ticket.pk, each.rated_at))
    reviews = Review.objects.filter(ticket__in=parts).select_related("decided_by")
    counted = reviews.annotate(
        photos=Count("files", distinct=True), looks=Count("views", distinct=True)
    )
    approvals = Approval.objects.filter(ticket__in=parts).select_related("asked_by", "decided_by")
    wanted = next((i for i in case.identities if i.pk == ticket.answer_by_id), None)
    return Trust(
        rating=ranked[-1] if ranked else None,
        review=counted.order_by("-opened_at", "-pk").first(),
        approvals=tuple(approvals.order_by("-asked_at", "-pk")[:RECENT_APPROVALS]),
        wants_answers_at=wanted,
    )
