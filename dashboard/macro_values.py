"""What the variables of a macro say on a case, in the customer's language."""

from django.conf import settings
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import override

from tickets.formatting import without_marks
from tickets.macros import BadVariable, fill
from tickets.models import Conversation, ServiceCalendar, Ticket, User
from tickets.queries.macros import values_on


def values_for(ticket: Ticket, place: Conversation | None, user: User) -> dict[str, str]:
    """The values of all variables, in two queries."""
    return {**values_on(ticket, place, user), "working.hours": working_hours(ticket.language)}


def working_hours(language: str) -> str:
    """The hours of the oldest calendar as one line, days that are alike together."""
    calendar = ServiceCalendar.objects.order_by("pk").first()
    if calendar is None:
        return ""
    stretches: list[tuple[int, int, str]] = []
    for day, hours in enumerate(calendar.week):
        if stretches and stretches[-1][2] == hours:
            stretches[-1] = (stretches[-1][0], day, hours)
        else:
            stretches.append((day, day, hours))
    with override(language or settings.LANGUAGE_CODE):
        return ", ".join(_stretch(*each) for each in stretches if each[2])


def filled(text: str, values: dict[str, str], *, marks: bool) -> str:
    """A macro's text with its values; one that cannot be read is shown as it was written."""
    try:
        return fill(text, values, escape=without_marks if marks else lambda value: value)
    except BadVariable:
        return text


def _stretch(first: int, last: int, hours: str) -> str:
    days = str(WEEKDAYS_ABBR[first])
    if last > first:
        days += f"–{WEEKDAYS_ABBR[last]}"
    return f"{days} {hours}"
