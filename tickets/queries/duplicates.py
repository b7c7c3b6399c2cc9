"""Suggested duplicates while somebody could answer them twice: open ones, and answered ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.models import Direction, Message, Ticket, User

from .relations import Relation


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A likely duplicate of a case and, where another agent has answered it, their last answer."""

    ticket: Ticket
    relation: Relation
    answer: Message | None

    @property
    def is_open(self) -> bool:
        return not self.ticket.is_closed

    @property
    def answered_at(self) -> datetime | None:
        return self.answer.created_at if self.answer else None


def elsewhere(suggested: Sequence[Relation], user: User) -> list[Elsewhere]:
    """The likely duplicates among these that are open or were answered by somebody else than
    `user`, answered ones first. For both cases of a suggestion alike.

    One query, none where nothing is suggested.
    """
    if not suggested:
        return []
    answers = _last_answers([each.other.pk for each in suggested], user)
    found = [Elsewhere(each.other, each, answers.get(each.other.pk)) for each in suggested]
    met = [each for each in found if each.is_open or each.answer]
    return sorted(met, key=lambda each: each.answer is None)


def _last_answers(tickets: Sequence[int], user: User) -> dict[int, Message]:
    """The latest answer that a colleague gave in each case; what machines said is none."""
    answers = (
        Message.objects.filter(
            conversation__ticket__in=tickets,
            direction=Direction.OUTBOUND,
            automatic="",
            author__isnull=False,
        )
        .exclude(author=user)
        .select_related("author", "conversation")
        .order_by("conversation__ticket", "-created_at", "-pk")
        .distinct("conversation__ticket")
    )
    return {each.conversation.ticket_id: each for each in answers if each.conversation}
