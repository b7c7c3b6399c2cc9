"""What the palette offers while somebody types; what the page itself can do it adds there."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard import seen
from dashboard.commands import Case, Command, Offer, case, commands
from dashboard.desk import DeskRequest, desk
from tickets.access import channels_for
from tickets.case_numbers import parse_one
from tickets.models import Ticket
from tickets.queries.rows import Row
from tickets.queries.search import latest_rows, quick

from .lookup import prefix
from .searching import asked, offered, ticket_named


@require_GET
@desk
def palette(request: DeskRequest) -> HttpResponse:
    """Cases by number, by words or opened last; commands for the open case; the search page."""
    text = asked(request)
    offer = Offer(text=text, cases=_cases(request, text), commands=_commands(request, text))
    return render(request, "dashboard/palette/_offer.html", {"offer": offer})


def _cases(request: DeskRequest, text: str) -> list[Case]:
    channels = {channel.pk: channel for channel in channels_for(request.user)}
    return [case(row, text, channels) for row in _rows(request, text)]


def _rows(request: DeskRequest, text: str) -> list[Row]:
    """Nothing typed yet: those opened last, without the one that is open."""
    user = request.user
    if not text:
        is_open = _open_case(request)
        ids = [pk for pk in seen.recent(user) if is_open is None or pk != is_open.pk]
        return latest_rows(user, ids)
    named = latest_rows(user, [ticket.pk for ticket in offered(user, text)])
    if named and parse_one(text, prefix=prefix()):
        return named
    known = {row.id for row in named}
    return [*named, *(row for row in quick(user, text) if row.id not in known)]


def _commands(request: DeskRequest, text: str) -> list[Command]:
    ticket = _open_case(request)
    if ticket is None:
        return []
    view = request.GET.get("view", "")
    return commands(ticket, request.user, text, f"?{urlencode({'view': view})}" if view else "")


def _open_case(request: DeskRequest) -> Ticket | None:
    number = parse_one(request.GET.get("case", ""), prefix=prefix())
    return ticket_named(request.user, number) if number else None
