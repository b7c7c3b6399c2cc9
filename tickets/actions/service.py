"""Change what is promised: policies, calendars, special days, and whose plan is which."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import ProtectedError

from ..clocks import NeverOpen, parse_hours
from ..models import (
    Contact,
    DayKind,
    DaySource,
    Role,
    ServiceCalendar,
    ServicePolicy,
    SpecialDay,
    Ticket,
    User,
)
from ..queries.service import as_calendar
from .clocks.renewing import mark_stale
from .refusals import Refused


def save_policy(policy: ServicePolicy) -> ServicePolicy:
    """Store a policy; the clocks that it concerns follow soon. Raises what the database raises."""
    with transaction.atomic():
        mark_stale()
        policy.save()
    return policy


def remove_policy(policy: ServicePolicy) -> None:
    """Delete a policy; its cases go by the next most specific one."""
    with transaction.atomic():
        mark_stale()  # first: what is deleted is taken off clocks, whose cases must not change now
        policy.delete()


def save_calendar(calendar: ServiceCalendar) -> ServiceCalendar:
    """Store a calendar. Raises Refused: bad_hours, never_open or bad_zone."""
    _check(calendar)
    with transaction.atomic():
        mark_stale()
        calendar.save()
    return calendar


def remove_calendar(calendar: ServiceCalendar) -> None:
    """Delete a calendar that no policy goes by. Raises Refused("in_use")."""
    try:
        calendar.delete()
    except ProtectedError:
        raise Refused("in_use") from None


def set_day(
    *, calendar: ServiceCalendar, day: date, kind: str, hours: str = "", name: str = ""
) -> SpecialDay:
    """Say by hand what a day is. Raises Refused: bad_hours or unknown_value."""
    if kind not in DayKind.values:
        raise Refused("unknown_value", value=kind)
    _check_hours([hours])
    with transaction.atomic():
        mark_stale()
        values = {"kind": kind, "hours": hours, "name": name, "source": DaySource.HAND}
        made, _new = SpecialDay.objects.update_or_create(
            calendar=calendar, day=day, defaults=values
        )
    return made


def forget_day(*, calendar: ServiceCalendar, day: date) -> None:
    """Take back what was said of a day; the next seeding may say something of it again."""
    with transaction.atomic():
        mark_stale()
        calendar.days.filter(day=day).delete()


def set_plan(*, contact: Contact, plan: str, account_manager: User | None) -> Contact:
    """Say which plan a customer has and who looks after them; their clocks follow soon.

    Raises Refused: too_long or not_an_agent.
    """
    plan = plan.strip().lower()
    if len(plan) > 40:
        raise Refused("too_long", limit=40)
    if account_manager and (not account_manager.is_active or account_manager.role == Role.HELPER):
        raise Refused("not_an_agent")
    with transaction.atomic():
        mark_stale(Ticket.objects.filter(contact=contact))
        contact.plan, contact.account_manager = plan, account_manager
        contact.save(update_fields=["plan", "account_manager"])
    return contact


def _check(calendar: ServiceCalendar) -> None:
    _check_hours(calendar.week)
    try:
        ZoneInfo(calendar.time_zone)
    except (KeyError, ValueError, OSError):
        raise Refused("bad_zone") from None
    try:
        as_calendar(calendar, {})
    except NeverOpen:
        raise Refused("never_open") from None


def _check_hours(texts: Sequence[str]) -> None:
    for text in texts:
        try:
            parse_hours(text)
        except ValueError:
            raise Refused("bad_hours", hours=text) from None
