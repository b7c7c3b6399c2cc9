"""What the tests of triage and routing share: a model that says what it is told to say."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tickets.actions.triage import triage
from tickets.models import Ticket, Triage
from tickets.triage import Assessment


def model(
    category: str = "sending_receiving",
    confidence: float = 0.9,
    urgency: str = "normal",
    urgency_confidence: float = 0.9,
    *,
    abstains: bool = False,
) -> Callable[..., Assessment]:
    """A model of one opinion."""

    def says(_text: str, *, language: str = "") -> Assessment:
        return Assessment(category, confidence, urgency, urgency_confidence, abstains, "told")

    return says


def triaged(ticket: Ticket, *, now: datetime, **opinion: Any) -> Triage:
    """Assess a case by a model of this opinion; return what was written down."""
    row = triage(ticket=ticket, now=now, model=model(**opinion))
    assert row is not None
    return row
