"""Keep what an agent chose beside what triage had guessed: the next training learns from it."""

from datetime import datetime

from ..actor import Actor
from ..models import ActorKind, Ticket, Triage

_KEPT_IN = {"category": "corrected_category", "priority": "corrected_urgency"}


def note_choice(*, ticket: Ticket, field: str, value: str, by: Actor, now: datetime) -> bool:
    """Note an agent's category or priority on the latest assessment; return whether it is news.

    Choosing what was guessed is noted too: that somebody agrees is worth as much. Taking a
    category away says nothing about the right one.
    """
    if by.kind != ActorKind.USER or field not in _KEPT_IN or not value:
        return False
    latest = Triage.objects.filter(ticket=ticket).order_by("-pk").values("pk")[:1]
    chosen = {_KEPT_IN[field]: value, "corrected_by": by.user, "corrected_at": now}
    fresh = Triage.objects.filter(pk__in=latest).exclude(**{_KEPT_IN[field]: value})
    return fresh.update(**chosen) > 0
