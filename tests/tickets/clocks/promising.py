"""Policies for tests: round figures around the clock, so that moments are easy to read."""

from typing import Any

from tickets.models import Clock, ServiceCalendar, ServicePolicy, Ticket

FIRST, NEXT, RESOLUTION = 60, 120, 24 * 60


def around_the_clock() -> ServiceCalendar:
    week = ["00:00-24:00"] * 7
    made, _ = ServiceCalendar.objects.get_or_create(
        name="Always", defaults={"time_zone": "UTC", "week": week}
    )
    return made


def promise(name: str = "Plain", **fields: Any) -> ServicePolicy:
    values = {
        "calendar": around_the_clock(),
        "first_response_minutes": FIRST,
        "next_response_minutes": NEXT,
        "resolution_minutes": RESOLUTION,
        **fields,
    }
    return ServicePolicy.objects.create(name=name, **values)


def only_promise(**fields: Any) -> ServicePolicy:
    """Do away with every policy there is and make one for all cases."""
    ServicePolicy.objects.all().delete()
    return promise(**fields)


def clock(ticket: Ticket, kind: str) -> Clock:
    """The newest clock of a kind that began on this case."""
    found = ticket.clocks.filter(kind=kind).order_by("started_at").last()
    assert found is not None
    return found


def running(ticket: Ticket) -> set[str]:
    """The kinds of clocks that began on this case and are not over."""
    return set(ticket.clocks.filter(met_at__isnull=True).values_list("kind", flat=True))
