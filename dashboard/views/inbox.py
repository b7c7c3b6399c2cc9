"""The lists of cases: a whole page, a further page, one row, what is new above, search."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard import seen
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
from dashboard.rows import RowOnScreen, on_screen
from tickets.access import channels_for, teams_of
from tickets.case_numbers import parse_one
from tickets.queries import inbox as reads
from tickets.queries.inbox import Cursor, View, ViewName
from tickets.queries.rows import Row

from .lookup import prefix, ticket_url

LONGEST_SEARCH = 200
MOST_NAMED = 200  # cases that a page may name in one question


@require_GET
@desk
def inbox(request: DeskRequest, name: ViewName, slug: str = "") -> HttpResponse:
    """A list and nothing beside it; `after` gives a further page, `above` what is new, `only`
    those of the named cases that stand in the list.
    """
    view = View(name, slug)
    if slug and not _exists(request, view):
        raise Http404
    if "above" in request.GET:
        return _news(request, view)
    if "only" in request.GET:
        return _changed(request, view)
    page = reads.page(view, request.user, _cursor(request, "after"))
    context = {"view": view, "list_url": view_url(view), **page_context(request, view, page)}
    if is_fragment_request(request):
        context["from_view"] = written(view)
        context["top"] = "" if "after" in request.GET else page.top
        return render(request, "dashboard/_rows.html", context)
    return desk_page(request, "dashboard/inbox.html", context, current=view)


@require_GET
@desk
def rail(request: DeskRequest) -> HttpResponse:
    """The lists on the left with their counts, to be refreshed in place."""
    current = view_named(request.GET.get("view", ""))
    return render(
        request, "dashboard/_rail_lists.html", {"rail": build_rail(request.user, current)}
    )


@require_GET
@desk
def search(request: DeskRequest) -> HttpResponse:
    """A case number in any writing leads to its case; anything else is looked for."""
    text = " ".join(request.GET.get("q", "").split())[:LONGEST_SEARCH]
    if not text:
        return redirect("dashboard:inbox")
    if number := parse_one(text, prefix=prefix()):
        return redirect(ticket_url(number))
    rows = rows_on_screen(request, reads.search(request.user, text))
    return desk_page(request, "dashboard/search.html", {"rows": rows, "text": text}, current=None)


def page_context(request: DeskRequest, view: View, page: reads.Page) -> dict[str, Any]:
    return {
        "rows": rows_on_screen(request, page.rows),
        "top": page.top,
        "more_url": f"{view_url(view)}?after={page.more}" if page.more else "",
    }


def rows_on_screen(request: DeskRequest, rows: list[Row]) -> list[RowOnScreen]:
    channels = {channel.pk: channel for channel in channels_for(request.user)}
    versions = seen.seen_versions(request.user, {each.id for each in rows})
    now: datetime = timezone.now()
    return [on_screen(each, request.user, channels, versions, now) for each in rows]


def _news(request: DeskRequest, view: View) -> HttpResponse:
    """The button behind which new cases wait, or nothing while there are none."""
    shown = _numbers(request, "shown")
    count = reads.newer_than(view, request.user, _cursor(request, "above"), shown)
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
