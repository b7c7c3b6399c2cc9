"""Look how a run fares; stop it, repeat what failed, take it back."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from dashboard import toasts
from dashboard.bulk import run_on_screen
from dashboard.desk import DeskRequest, desk
from dashboard.words import refusal_in_words
from tickets.access import visible_runs
from tickets.actions import bulk
from tickets.actions.refusals import Refused
from tickets.models import BulkRun

from .pages import list_of, run_url, show


@require_GET
@desk
def run(request: DeskRequest, pk: int) -> HttpResponse:
    """One run with what became of each case; with `part` only what changes while it goes on."""
    found = _run(request, pk)
    shown = run_on_screen(found, request.user, timezone.now())
    context = {"shown": shown, "may_repeat": found.by_id == request.user.pk}
    if "part" in request.GET:
        return render(request, "dashboard/bulk/_run.html", context)
    answer = show(request, "dashboard/bulk/run.html", list_of(found, request.user), context)
    if request.headers.get("HX-Target") == "panes":
        answer["HX-Push-Url"] = run_url(found)
    return answer


@require_POST
@desk
def stop(request: DeskRequest, pk: int) -> HttpResponse:
    found = _run(request, pk)
    bulk.stop(run=found, now=timezone.now())
    return redirect(run_url(found))


@require_POST
@desk
def repeat(request: DeskRequest, pk: int, item: int | None = None) -> HttpResponse:
    """Try again what failed, or one case; only who began the run may go on with it."""
    found = _run(request, pk)
    if found.by_id != request.user.pk:
        raise Http404
    try:
        bulk.repeat(run=found, now=timezone.now(), item=item, force="anyway" in request.POST)
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return redirect(run_url(found))


@require_POST
@desk
def undo(request: DeskRequest, pk: int, item: int | None = None) -> HttpResponse:
    """Take all of it back, or one case."""
    found = _run(request, pk)
    try:
        bulk.take_back(run=found, by=request.user, now=timezone.now(), item=item)
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return redirect(run_url(found))


def _run(request: DeskRequest, pk: int) -> BulkRun:
    return get_object_or_404(visible_runs(request.user).select_related("by"), pk=pk)
