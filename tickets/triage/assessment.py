"""What triage says of a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assessment:
    """A category (see `tickets.models.Category`) and an urgency (low, normal, high, urgent).

    `confidence` is from 0.0 to 1.0; below the model's threshold `abstains` is true and a person
    decides. `model` names the version that said so.
    """

    category: str
    confidence: float
    urgency: str
    urgency_confidence: float
    abstains: bool
    model: str
