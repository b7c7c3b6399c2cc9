"""What can be filtered by, to be clicked and to be written on."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from dashboard.desk import (
    DeskRequest,
    desk,
    desk_page,
    is_fragment_request,
    narrowed_to,
    view_named,
    view_url,
)
from dashboard.listing import own_terms, with_more
from tickets.filters import KEYS, Book, Key, Term, complete, key_name, value_name, values_of
from tickets.filters.offers import EXAMPLES
from tickets.queries.filtering import keys_for
from tickets.queries.inbox import View
from tickets.queries.naming import book_for, known_tags

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One value to click; its address is that of the list with it, or without it where it is on."""

    label: str
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    choices: list[Choice]


@require_GET
@desk
def menu(request: DeskRequest) -> HttpResponse:
    """Every key with its values; each leads to the list narrowed by it."""
    view = _view(request)
    book = _book(request)
    allowed = keys_for(request.user)
    groups = [_group(key, view, book) for code, key in KEYS.items() if code in allowed]
    context = {"groups": [each for each in groups if each.choices], "view": view}
    if is_fragment_request(request):
        return render(request, "dashboard/views/_menu.html", context)
    context |= {"list_url": view_url(view)}
    return desk_page(request, "dashboard/views/menu.html", context, current=view)


@require_GET
@desk
def offers(request: DeskRequest) -> HttpResponse:
    """How what was begun in the field may go on."""
    begun = request.GET.get("more", "")[:LONGEST]
    language = get_language() or ""
    found = complete(begun, _book(request), language, keys_for(request.user))
    return render(request, "dashboard/views/_offers.html", {"offers": found})


def _group(key: Key, view: View, book: Book) -> Group:
    language = get_language() or ""
    values = values_of(key, book)
    if key.sort == "moment":
        values = [*key.values, *EXAMPLES[key.code]]
    choices = []
    for value in values:
        term = Term(key.code, value)
        is_on = term in view.filter.terms or term in own_terms(view)
        left = narrowed_to(view, view.filter.without(term)) if is_on else with_more(view, term)
        choices.append(Choice(value_name(term, language, book), view_url(left), is_on))
    return Group(key_name(key.code, language), choices)


def _book(request: DeskRequest) -> Book:
    book = book_for(request.user)
    tags = {tag: tag for tag in known_tags(request.user)}
    return Book({**book.names, "tag": tags}, book.prefix)


def _view(request: DeskRequest) -> View:
    found = view_named(request.GET.get("view", ""), request.user)
    if found is None:
        raise Http404
    return found
