"""The spans that a desk offers, as moments of somebody's own day. Pure."""

from datetime import datetime, timedelta
from typing import Final

SPANS: Final = ("hour", "evening", "tomorrow", "monday")
EVENING_HOUR: Final = 18
MORNING_HOUR: Final = 9
MONDAY: Final = 0


def moment_after(span: str, local: datetime) -> datetime:
    """When a span ends that begins at `local`, a moment in the zone of who chose it.

    Raises ValueError for a span that is not offered.
    """
    morning = local.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    match span:
        case "hour":
            return local + timedelta(hours=1)
        case "evening":
            evening = morning.replace(hour=EVENING_HOUR)
            return evening if evening > local else evening + timedelta(days=1)
        case "tomorrow":
            return morning + timedelta(days=1)
        case "monday":
            return morning + timedelta(days=(MONDAY - local.weekday()) % 7 or 7)
    raise ValueError(span)
