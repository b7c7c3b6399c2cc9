"""Close the talks with the machine that nobody has gone on with."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from ..actor import SYSTEM
from ..models import Message, State, Ticket
from .changes import changing

ABANDONED_AFTER = timedelta(hours=24)


def close_abandoned(*, now: datetime, limit: int = 100) -> int:
    """Close quietly the talks with the machine that nobody has gone on with; return how many."""
    asked_last = Message.objects.filter(
        conversation__ticket=OuterRef("pk"), automatic="bot", created_at__gt=now - ABANDONED_AFTER
    )
    talks = Ticket.objects.filter(
        ~Exists(asked_last),
        Exists(Message.objects.filter(conversation__ticket=OuterRef("pk"), automatic="bot")),
        state=State.PENDING,
        merged_into__isnull=True,
        assignee__isnull=True,
        first_replied_at__isnull=True,
        last_activity_at__lte=now - ABANDONED_AFTER,
    ).exclude(history__code="bot_handed_over")
    return sum(_close_abandoned(each, now) for each in talks.order_by("pk")[:limit])


def _close_abandoned(ticket: Ticket, now: datetime) -> bool:
    with changing(ticket, by=SYSTEM, now=now) as change:
        locked = change[ticket]
        if locked.state != State.PENDING or locked.last_activity_at > now - ABANDONED_AFTER:
            return False
        locked.state, locked.closed_at = State.CLOSED, now
        change.record(locked, "resolved", reason="abandoned")
    return True
