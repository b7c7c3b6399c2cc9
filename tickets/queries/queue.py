"""Where somebody who waits for a person stands in the queue."""

from datetime import datetime

from django.db.models import Q

from ..models import State, Ticket


def position(*, team: int | None, since: datetime) -> int:
    """Which place it is, from 1 on: how many of the team's open cases have waited for longer."""
    waiting = Ticket.objects.filter(
        Q(team=team) if team else Q(team__isnull=True),
        state=State.OPEN,
        merged_into__isnull=True,
        waiting_since__lt=since,
    )
    return waiting.count() + 1
