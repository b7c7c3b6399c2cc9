"""The lists of cases: a whole page, a further page, one row, what is new above."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard import seen
from dashboard.bulk import bulk_bar
from dashboard.desk import (
    DeskRequest,
    desk,
    desk_page,
    is_fragment_request,
    shown_count,
    view_named,
    view_url,
    written,
)
from dashboard.desk import (
    rail as build_rail,
)
from dashboard.listing import Listing, read_listing
from dashboard.rows import RowOnScreen, on_screen
from dashboard.saving import saving
from dashboard.words.filters import SORTS
from tickets.access import channels_for, teams_of
from tickets.preferences import Preferences
from tickets.queries import inbox as reads
from tickets.queries.drafts import drafted_by
from tickets.queries.inbox import View, ViewName, sort_of
from tickets.queries.rows import Row
from tickets.queries.sorting import Cursor

MOST_NAMED = 200  # cases that a page may name in one question


@require_GET
@desk
def inbox(request: DeskRequest, name: ViewName, slug: str = "") -> HttpResponse:
    """A list and nothing beside it; `f` narrows it, `after` gives a further page, `above` what is
    new, `only` those of the named cases that stand in the list.
    """
    base = View(name, slug)
    if slug and not _exists(request, base):
        raise Http404
    return _listed(request, base)


@require_GET
@desk
def saved(request: DeskRequest, pk: int) -> HttpResponse:
    """The list that somebody has kept under a name."""
    found = view_named(f"saved:{pk}", request.user)
    if found is None:
        raise Http404
    return _listed(request, found)


def _listed(request: DeskRequest, base: View) -> HttpResponse:
    listing = read_listing(request.user, base, request.GET)
    view = listing.view
    if "above" in request.GET:
        return _news(request, view)
    if "only" in request.GET:
        return _changed(request, view)
    if listing.canonical and not is_fragment_request(request):
        return redirect(listing.canonical)
    context = list_context(request, listing)
    if is_fragment_request(request):
        context["from_view"] = written(view)
        context["top"] = "" if "after" in request.GET else context["top"]
        return render(request, "dashboard/_rows.html", context)
    return desk_page(request, "dashboard/inbox.html", context, current=view)


@require_GET
@desk
def rail(request: DeskRequest) -> HttpResponse:
    """The lists on the left with their counts, to be refreshed in place."""
    current = view_named(request.GET.get("view", ""), request.user)
    built = build_rail(request.user, current, patiently=True)
    return render(request, "dashboard/_rail_lists.html", {"rail": built})


def list_beside(request: DeskRequest, view: View) -> dict[str, Any]:
    """The list from which a case was opened, as its page shows it."""
    return list_context(request, read_listing(request.user, view, {}))


def list_context(request: DeskRequest, listing: Listing) -> dict[str, Any]:
    """What the template of a list is given: its rows, how it is narrowed, in which order."""
    view, user = listing.view, request.user
    page = reads.Page([], "", "") if listing.problems else _page(request, view)
    sort = sort_of(view, user)
    return {
        "view": view,
        "listing": listing,
        "list_url": view_url(view),
        "rows": rows_on_screen(request, page.rows),
        "top": page.top,
        "bulk": bulk_bar(request.user),
        "more": page.more,
        "more_url": view_url(view, after=page.more) if page.more else "",
        "density": Preferences.read(user.preferences).density,
        "sort": SORTS[sort],
        "sorts": [(each, words, each == sort) for each, words in SORTS.items()],
        "saving": saving(user, view),
    }


def _page(request: DeskRequest, view: View) -> reads.Page:
    try:
        return reads.page(view, request.user, _cursor(request, "after"))
    except ValueError as error:
        raise Http404 from error


def rows_on_screen(request: DeskRequest, rows: list[Row]) -> list[RowOnScreen]:
    channels = {channel.pk: channel for channel in channels_for(request.user)}
    versions = seen.seen_versions(request.user, {each.id for each in rows})
    now: datetime = timezone.now()
    drafts = drafted_by(request.user, {each.id for each in rows})
    return [
        on_screen(each, request.user, channels, versions, now, has_draft=each.id in drafts)
        for each in rows
    ]


def _news(request: DeskRequest, view: View) -> HttpResponse:
    """The button behind which new cases wait, or nothing while there are none."""
    shown = _numbers(request, "shown")
    until = request.GET.get("until", "")
    try:
        count = reads.newer_than(
            view,
            request.user,
            _cursor(request, "above"),
            shown,
            until=_cursor(request, "until") if until != "end" else None,
            is_whole=until == "end",
        )
    except ValueError as error:
        raise Http404 from error
    context = {"count": count, "count_shown": shown_count(count), "list_url": view_url(view)}
    return render(request, "dashboard/_list_new.html", context)


def _changed(request: DeskRequest, view: View) -> HttpResponse:
    """The rows of the named cases, in one answer; one that is missing has left the list."""
    rows = rows_on_screen(request, reads.rows(view, request.user, _numbers(request, "only")))
    return render(request, "dashboard/_rows.html", {"rows": rows, "from_view": written(view)})


def _numbers(request: DeskRequest, name: str) -> list[str]:
    return [number for number in request.GET.get(name, "").split(",") if number][:MOST_NAMED]


def _cursor(request: DeskRequest, name: str) -> Cursor | None:
    text = request.GET.get(name, "")
    try:
        return Cursor.parse(text) if text else None
    except ValueError as error:
        raise Http404 from error


def _exists(request: DeskRequest, view: View) -> bool:
    if view.name == "team":
        return teams_of(request.user).filter(slug=view.slug).exists()
    return channels_for(request.user).filter(slug=view.slug).exists()
