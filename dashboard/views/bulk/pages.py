"""Where bulk actions are shown: beside the list that they came from."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dashboard import toasts
from dashboard.desk import (
    DeskRequest,
    desk_page,
    is_fragment_request,
    view_named,
    view_url,
)
from dashboard.views.inbox import list_beside
from tickets.models import BulkRun, User
from tickets.queries.inbox import View


def run_url(run: BulkRun) -> str:
    return reverse("dashboard:bulk_run", args=[run.pk])


def list_of(run: BulkRun, user: User) -> View:
    """The list that a run began from, or all open cases where that is not for `user`."""
    return view_named(run.origin, user) or View("open")


def show(
    request: DeskRequest, template: str, view: View, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page with its list beside it; for htmx what stands right of the list."""
    if is_fragment_request(request):
        part = {"frame": "dashboard/bulk/part.html", "toast": toasts.pop(request)}
        context |= {"list_url": view_url(view), **part}
        return render(request, template, context, status=status)
    context |= {"frame": "dashboard/bulk/page.html", **list_beside(request, view)}
    return desk_page(request, template, context, current=view, status=status)
