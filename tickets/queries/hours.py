"""Whether somebody is at work for a case at present, and if not, from when on."""

from dataclasses import dataclass
from datetime import datetime

from ..models import ServiceCalendar
from .service import read_book, read_calendar


@dataclass(frozen=True, slots=True)
class Opening:
    """`opens_at` is None while somebody is at work."""

    opens_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.opens_at is None


def opening(*, plan: str, channel: int | None, priority: str, now: datetime) -> Opening:
    """By the terms of such a case, else by the oldest calendar; without any it is always open."""
    terms = read_book().terms_for(plan=plan, channel=channel, priority=priority)
    first = None if terms else ServiceCalendar.objects.order_by("pk").first()
    calendar = terms.calendar if terms else read_calendar(first) if first else None
    if calendar is None:
        return Opening()
    begins = next(calendar.open_from(now)).start
    return Opening() if begins <= now else Opening(begins)
