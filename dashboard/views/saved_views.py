"""Keep a filter as a view, change it, order it, delete it; and how lists stand for a person."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk, view_named, view_url
from dashboard.forms import SavedViewForm
from dashboard.listing import as_filter
from tickets.access import NotAllowed, saved_views_for
from tickets.actions import saved_views
from tickets.actions.preferences import prefer
from tickets.filters import write
from tickets.models import SavedView
from tickets.preferences import Preferences
from tickets.queries.inbox import View, key_of, sort_of
from tickets.queries.saved_views import saved_view
from tickets.queries.sorting import SORTS


@require_POST
@desk
def create(request: DeskRequest) -> HttpResponse:
    """Keep the list that is on screen under a name."""
    view, form = _view(request), SavedViewForm(request.POST, user=request.user)
    if not form.is_valid():
        return _refused(request, view, form)
    try:
        made = saved_views.save_view(
            by=request.user,
            now=timezone.now(),
            filter_text=write(as_filter(view)),
            sort=sort_of(view, request.user),
            **form.filled(),
        )
    except NotAllowed as error:
        raise Http404 from error
    toasts.push_text(request, _("“%(name)s” is now a view") % {"name": made.name})
    return redirect(view_url(saved_view(made)))


@require_POST
@desk
def change(request: DeskRequest, pk: int) -> HttpResponse:
    """Give a view another name, and the filter and order that are on screen."""
    view, row = _view(request), _row(request, pk)
    form = SavedViewForm(request.POST, user=request.user)
    if not form.is_valid():
        return _refused(request, view, form)
    try:
        saved_views.change_view(
            by=request.user,
            view=row,
            name=form.cleaned_data["name"],
            filter_text=write(as_filter(view)),
            sort=sort_of(view, request.user),
        )
    except NotAllowed as error:
        raise Http404 from error
    toasts.push_text(request, _("The view is saved"))
    return redirect(view_url(saved_view(row)))


@require_POST
@desk
def place(request: DeskRequest, pk: int) -> HttpResponse:
    """Earlier or later by one, among the views for the same people."""
    try:
        saved_views.move_view(
            by=request.user, view=_row(request, pk), up=request.POST.get("to") == "earlier"
        )
    except NotAllowed as error:
        raise Http404 from error
    return redirect("dashboard:saved_view", pk)


@require_POST
@desk
def removal(request: DeskRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    name = row.name
    try:
        saved_views.remove_view(by=request.user, view=row)
    except NotAllowed as error:
        raise Http404 from error
    toasts.push_text(request, _("The view “%(name)s” is gone; its cases stay") % {"name": name})
    return redirect("dashboard:inbox")


@require_POST
@desk
def order(request: DeskRequest) -> HttpResponse:
    """In which order this person sees this list from now on."""
    view, chosen = _view(request), request.POST.get("sort", "")
    if chosen in SORTS:
        sorts = dict(Preferences.read(request.user.preferences).sorts)
        prefer(user=request.user, sorts={**sorts, key_of(view): chosen})
    return redirect(view_url(view))


@require_POST
@desk
def density(request: DeskRequest) -> HttpResponse:
    """How close together this person's rows stand from now on."""
    view, chosen = _view(request), request.POST.get("density", "")
    if chosen in {"comfortable", "compact"}:
        prefer(user=request.user, density=chosen)
    return redirect(view_url(view))


def _refused(request: DeskRequest, view: View, form: SavedViewForm) -> HttpResponse:
    """Say why it was not kept, beside the list as it is."""
    errors: Any = form.errors
    toasts.push_text(request, " ".join(str(each) for said in errors.values() for each in said))
    return redirect(view_url(view))


def _view(request: DeskRequest) -> View:
    found = view_named(request.POST.get("view", ""), request.user)
    if found is None:
        raise Http404
    return found


def _row(request: DeskRequest, pk: int) -> SavedView:
    found = saved_views_for(request.user).select_related("team").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
