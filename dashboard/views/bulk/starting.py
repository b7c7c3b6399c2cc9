"""Begin an action on the chosen cases, or on all that a list holds."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from dashboard import seen, toasts
from dashboard.bulk import title, titles_of
from dashboard.desk import DeskRequest, desk, view_named, view_url, written
from dashboard.views.lookup import canonical, ticket_url
from dashboard.words import refusal_in_words
from tickets.access import may_change, visible_runs
from tickets.actions import bulk
from tickets.actions.bulk.given import checked
from tickets.actions.refusals import Refused
from tickets.models import Ticket
from tickets.queries.bulk import chosen, named
from tickets.queries.inbox import View

from .forms import BulkForm, numbers_in, wish
from .pages import run_url, show

MOST_MERGED = 20
MOST_RUNS = 50


@require_http_methods(["GET", "POST"])
@desk
def runs(request: DeskRequest) -> HttpResponse:
    """Begin a run; or the list of what this person has done to many cases of late."""
    if not may_change(request.user):
        raise Http404
    if request.method == "POST":
        return _begin(request)
    latest = list(visible_runs(request.user).select_related("by").order_by("-pk")[:MOST_RUNS])
    return show(request, "dashboard/bulk/runs.html", View("open"), {"runs": titles_of(latest)})


def _begin(request: DeskRequest) -> HttpResponse:
    form = BulkForm(request.POST)
    wanted = wish(form, timezone.now()) if form.is_valid() else None
    view = view_named(form.cleaned_data.get("view", ""), request.user)
    if wanted is None or (view is None and form.cleaned_data["all"]):
        return HttpResponseBadRequest("do")
    view = view or View("open")
    try:
        return _do(request, form, view, *wanted)
    except Refused as refused:
        context = {"refusal": refusal_in_words(refused)}
        return show(request, "dashboard/bulk/refused.html", view, context, status=422)


def _do(
    request: DeskRequest, form: BulkForm, view: View, action: str, given: dict[str, Any]
) -> HttpResponse:
    takes_all = form.cleaned_data["all"]
    numbers = numbers_in(request.POST)
    if action == "merge":
        return _to_merge(request, numbers, takes_all=takes_all)
    user = request.user
    tickets = chosen(view, user) if takes_all else named(numbers, user)
    if action in {"read", "unread"}:
        return _mark(request, tickets[: bulk.MOST_CASES], view, is_read=action == "read")
    if takes_all and not form.cleaned_data["sure"]:
        return _ask(request, form, view, action, given)
    run = bulk.start(
        tickets=tickets,
        action=action,
        given=given,
        by=user,
        now=timezone.now(),
        origin=written(view),
    )
    return redirect(run_url(run))


def _ask(
    request: DeskRequest, form: BulkForm, view: View, action: str, given: dict[str, Any]
) -> HttpResponse:
    """Say how many cases it will be, before it is done to all of them."""
    kept = checked(action, given, now=timezone.now())
    cases = chosen(view, request.user)[: bulk.MOST_CASES + 1].count()
    if not cases:
        raise Refused("none_chosen")
    until = given.get("until")
    context = {
        "title": title(action, kept),
        "count": min(cases, bulk.MOST_CASES),
        "is_capped": cases > bulk.MOST_CASES,
        "sent": {
            "do": action if action == "snooze" else form.cleaned_data["do"],
            "view": written(view),
            "tag": form.cleaned_data["tag"],
            "until": timezone.localtime(until).strftime("%Y-%m-%dT%H:%M") if until else "",
            "all": "1",
            "sure": "1",
        },
    }
    return show(request, "dashboard/bulk/sure.html", view, context)


def _to_merge(request: DeskRequest, numbers: list[str], *, takes_all: bool) -> HttpResponse:
    """Go on to the page where cases are compared before they become one."""
    if takes_all:
        raise Refused("merge_chosen")
    found = named(numbers, request.user).filter(merged_into__isnull=True)
    cases = list(found.order_by("created_at", "pk").values_list("number", flat=True))
    if len(cases) < 2:
        raise Refused("merge_two")
    if len(cases) > MOST_MERGED:
        raise Refused("merge_few", limit=MOST_MERGED)
    query = urlencode([("number", canonical(number)) for number in cases[1:]])
    return _leave(request, f"{ticket_url(cases[0])}merge/?{query}")


def _mark(
    request: DeskRequest, tickets: QuerySet[Ticket], view: View, *, is_read: bool
) -> HttpResponse:
    """Note that this person has, or has not, seen the cases; nobody else is concerned by it."""
    cases = list(tickets)
    if not cases:
        raise Refused("none_chosen")
    if is_read:
        seen.mark_all_seen(request.user, cases)
    else:
        seen.forget(request.user, [case.pk for case in cases])
    toasts.push(request, "marked_read" if is_read else "marked_unread")
    return _leave(request, view_url(view))


def _leave(request: DeskRequest, url: str) -> HttpResponse:
    """Open another page; htmx must be told, or it would put it beside the list."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)
