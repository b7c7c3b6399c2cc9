"""How long people wait for a first answer at present, from the desk's own figures."""

from datetime import datetime, timedelta
from statistics import median

from ..models import Team, Ticket

LOOKS_BACK = timedelta(days=14)
MOST_READ = 500  # cases looked at


def expected_wait(*, now: datetime, team: Team | None = None) -> timedelta | None:
    """The median wait for a first answer of late; None where nothing was answered yet."""
    answered = Ticket.objects.filter(
        created_at__gte=now - LOOKS_BACK, first_replied_at__isnull=False
    )
    if team is not None:
        answered = answered.filter(team=team)
    waits = [
        (first - began).total_seconds()
        for began, first in answered.order_by("-created_at").values_list(
            "created_at", "first_replied_at"
        )[:MOST_READ]
        if first is not None
    ]
    return timedelta(seconds=median(waits)) if waits else None
