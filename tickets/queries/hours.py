"""Whether somebody is at work for a case at present, and if not, from when on."""

from dataclasses import dataclass
from datetime import datetime

from ..clocks import Calendar
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
    calendar = calendar_for(plan=plan, channel=channel, priority=priority)
    if calendar is None:
        return Opening()
    begins = next(calendar.open_from(now)).start
    return Opening() if begins <= now else Opening(begins)


def calendar_for(*, plan: str, channel: int | None, priority: str) -> Calendar | None:
    """The hours in which somebody works on such a case, as `opening` has them."""
    terms = read_book().terms_for(plan=plan, channel=channel, priority=priority)
    if terms:
        return terms.calendar
    first = ServiceCalendar.objects.order_by("pk").first()
    return read_calendar(first) if first else None
