"""Where a case stands, in the words of its private page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .reading import Step

ORDER: tuple[tuple[Step, Promise], ...] = (
    ("received", _("Received")),
    ("working", _("Being handled")),
    ("waiting", _("Waiting for you")),
    ("resolved", _("Resolved")),
)


@dataclass(frozen=True, slots=True)
class Station:
    """One step of the way: behind us, where we are, or ahead."""

    label: Promise
    is_done: bool
    is_current: bool
    at: datetime | None = None


def stations(
    current: Step, moments: Mapping[Step, datetime | None] | None = None
) -> Sequence[Station]:
    """The way of a case with `current` marked; waiting for the customer is shown only when so."""
    steps = [(step, label) for step, label in ORDER if step != "waiting" or step == current]
    at = [step for step, _label in steps].index(current)
    return [
        Station(
            label,
            is_done=place < at or step == "resolved" == current,
            is_current=place == at,
            at=(moments or {}).get(step) if place <= at else None,
        )
        for place, (step, label) in enumerate(steps)
    ]
