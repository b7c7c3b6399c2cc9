"""Promises to customers: what a case still owes, and how well promises were kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from tickets.clocks import Calendar
from tickets.models import Conversation, Promise, PromiseState, Ticket, User

from .hours import calendar_for

OWED = Q(state__in=(PromiseState.OPEN, PromiseState.BROKEN), answered_at__isnull=True)
MOST_SETTLED = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """How many promises came to an end in a period, and how many are still to be kept."""

    kept: int
    broken: int
    open: int


def owed_at() -> Subquery:
    """For a query of conversations: when the next promise in each is, or was, due."""
    owed = Promise.objects.filter(OWED, conversation=OuterRef("pk")).order_by("due_at")
    return Subquery(owed.values("due_at")[:1])


def promises_of(conversations: Iterable[Conversation]) -> list[Promise]:
    """The promises of a case: what is owed or proposed, soonest first, then the latest others."""
    found = Promise.objects.filter(conversation__in=[each.pk for each in conversations])
    rows = found.select_related("by", "message").order_by("due_at", "pk")
    standing = [row for row in rows if is_owed(row) or row.state == PromiseState.PROPOSED]
    settled = [row for row in rows if row not in standing and row.state != PromiseState.WITHDRAWN]
    return standing + settled[: -MOST_SETTLED - 1 : -1]


def is_owed(promise: Promise) -> bool:
    """Whether the customer still waits for what was promised."""
    running = promise.state in {PromiseState.OPEN, PromiseState.BROKEN}
    return running and promise.answered_at is None


def tally(*, start: datetime, end: datetime, by: User | None = None) -> Tally:
    """Promises kept and broken from `start` until before `end`, of everybody or of one person."""
    rows: QuerySet[Promise] = Promise.objects.filter(by=by) if by else Promise.objects.all()
    settled = Q(settled_at__gte=start, settled_at__lt=end)
    counted = rows.aggregate(
        kept=Count("pk", filter=settled & Q(state=PromiseState.KEPT)),
        broken=Count("pk", filter=settled & Q(state=PromiseState.BROKEN)),
        open=Count("pk", filter=Q(state=PromiseState.OPEN)),
    )
    return Tally(**counted)


def hours_of(ticket: Ticket, channel: int) -> Calendar | None:
    """The business hours by which a promise of this case is to be understood."""
    return calendar_for(plan=ticket.contact.plan, channel=channel, priority=ticket.priority)


def zone_of(calendar: Calendar | None) -> ZoneInfo:
    """Whose "tomorrow" is meant: that of the business hours, else that of the installation."""
    return calendar.zone if calendar else ZoneInfo(settings.TIME_ZONE)
