"""The search page: a case number leads to its case, anything else is looked for everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dashboard import seen
from dashboard.desk import DeskRequest, desk, desk_page, is_fragment_request
from dashboard.finding import Result, results
from tickets.access import channels_for, visible_tickets
from tickets.filters import Book, Filter, Term
from tickets.models import State, Ticket, User
from tickets.queries.case import ticket_by_any_number
from tickets.queries.filtering import keys_for, narrowed
from tickets.queries.naming import book_for
from tickets.queries.search import Order, Page, found, number_in, numbers_in
from tickets.searching import parted

from .lookup import canonical, ticket_url

LONGEST_SEARCH = 200
MOST_OFFERED = 3
WITHIN = {
    "<1d": gettext_lazy("The last day"),
    "<1w": gettext_lazy("The last week"),
    "<30d": gettext_lazy("The last month"),
    "<365d": gettext_lazy("The last year"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing by which the search may be narrowed, and what was chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str = ""


@require_GET
@desk
def search(request: DeskRequest) -> HttpResponse:
    """What was found, a page at a time; a number that stands alone goes on to its case."""
    text = asked(request)
    alone = number_in(text)
    if alone and ticket_named(request.user, alone):
        return redirect(ticket_url(alone))
    book = book_for(request.user)
    choices = [_chosen(request, each) for each in _choices(request.user, book)]
    page = _page(request, text, book, choices)
    shown = results_on_screen(request, page)
    context: dict[str, Any] = {
        "results": shown,
        "more_url": _address(request, after=page.more) if page.more else "",
        "now": timezone.now(),
    }
    if is_fragment_request(request) and "after" in request.GET:
        return render(request, "dashboard/search/_results.html", context)
    context |= {
        "text": text,
        "rows": [result.row for result in shown],
        "choices": choices,
        "is_narrowed": any(each.chosen for each in choices),
        "order": _order(request),
        "offered": offered(request.user, text),
        "unknown": canonical(alone) if alone else "",
    }
    return desk_page(request, "dashboard/search.html", context, current=None)


def asked(request: DeskRequest) -> str:
    """What somebody typed, on one line."""
    return " ".join(request.GET.get("q", "").split())[:LONGEST_SEARCH]


def ticket_named(user: User, number: str) -> Ticket | None:
    """The case that a number leads to, if it is for `user`."""
    try:
        return ticket_by_any_number(user, number)[0]
    except Ticket.DoesNotExist:
        return None


def offered(user: User, text: str) -> list[Ticket]:
    """The cases whose numbers a text mentions, however weakly."""
    named = (ticket_named(user, number) for number in numbers_in(text)[:MOST_OFFERED])
    return list({ticket.pk: ticket for ticket in named if ticket is not None}.values())


def results_on_screen(request: DeskRequest, page: Page) -> list[Result]:
    channels = {channel.pk: channel for channel in channels_for(request.user)}
    versions = seen.seen_versions(request.user, {each.row.id for each in page.found})
    return results(page.found, request.user, channels, versions, timezone.now())


def _page(request: DeskRequest, text: str, book: Book, choices: list[Choice]) -> Page:
    words, typed = parted(text, book)
    clicked = (Term(each.name, each.chosen) for each in choices if each.chosen)
    tickets = visible_tickets(request.user).filter(merged_into__isnull=True)
    those = narrowed(tickets, request.user, Filter((*typed.terms, *clicked)))
    after = request.GET.get("after", "")
    try:
        return found(those, request.user, words, order=_order(request), after=after)
    except ValueError as error:
        raise Http404 from error


def _order(request: DeskRequest) -> Order:
    return "time" if request.GET.get("order") == "time" else "relevance"


def _choices(user: User, book: Book) -> list[Choice]:
    """What may be chosen, by keys of the filter language; helpers know nothing of some."""
    names = {key: sorted(book.names[key].items(), key=lambda each: each[1]) for key in book.names}
    people = [("me", _("Me")), ("none", _("Unassigned")), *names["assignee"]]
    choices = [
        Choice("state", _("State"), [(code, str(name)) for code, name in State.choices]),
        Choice("channel", _("Channel"), names["channel"]),
        Choice("team", _("Team"), names["team"]),
        Choice("assignee", _("Assignee"), people),
        Choice("updated", _("Time"), [(code, str(name)) for code, name in WITHIN.items()]),
        Choice("has", _("With"), [("attachment", _("Attachments")), ("note", _("Notes"))]),
    ]
    return [each for each in choices if each.name in keys_for(user) and each.options]


def _chosen(request: DeskRequest, choice: Choice) -> Choice:
    """With what the address says, where it could have been chosen."""
    said = request.GET.get(choice.name, "")
    return replace(choice, chosen=said) if said in dict(choice.options) else choice


def _address(request: DeskRequest, **more: str) -> str:
    kept = {name: value for name, value in request.GET.items() if value}
    return f"{request.path}?{urlencode({**kept, **more})}"
