"""What may be changed about a case: who has it, how it stands, what it is called."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk, view_named, view_url
from dashboard.forms import (
    AssignmentForm,
    CategoryForm,
    PlanForm,
    PriorityForm,
    SnoozeForm,
    SubjectForm,
    TagForm,
    TeamForm,
)
from dashboard.words import refusal_in_words
from tickets.access import visible_tickets
from tickets.actions import assignment as assigning
from tickets.actions import lifecycle
from tickets.actions.refusals import Refused
from tickets.actions.service import set_plan
from tickets.actor import Actor
from tickets.models import Priority, Role, Ticket
from tickets.queries.hours import calendar_for
from tickets.snoozing import Span, end_of

from .cases import back_to
from .lookup import ticket_to_change


@require_POST
@desk
def assignment(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    form = AssignmentForm(request.POST, ticket)
    if not form.is_valid():
        return _not_understood(form)
    return _changed(request, ticket, assigning.assign, assignee=form.cleaned_data["assignee"])


@require_POST
@desk
def team(request: DeskRequest, number: str) -> HttpResponse:
    """Hand the case to a team; who no longer sees it goes back to the list."""
    ticket = ticket_to_change(request, number)
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _not_understood(form)
    changed = _changed(request, ticket, assigning.move_to_team, team=form.cleaned_data["team"])
    if visible_tickets(request.user).filter(pk=ticket.pk).exists():
        return changed
    toasts.push(request, "moved_away")
    view = view_named(request.GET.get("view", ""), request.user)
    return _leave(request, view_url(view) if view else "/")


@require_POST
@desk
def priority(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        return _not_understood(form)
    chosen = form.cleaned_data["priority"]
    return _changed(request, ticket, lifecycle.set_priority, priority=chosen)


@require_POST
@desk
def category(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    form = CategoryForm(request.POST)
    if not form.is_valid():
        return _not_understood(form)
    chosen = form.cleaned_data["category"]
    return _changed(request, ticket, lifecycle.set_category, category=chosen)


@require_POST
@desk
def plan(request: DeskRequest, number: str) -> HttpResponse:
    """Say which plan the case's customer has; leads and managers decide that."""
    ticket = ticket_to_change(request, number)
    if request.user.role not in {Role.LEAD, Role.MANAGER}:
        raise Http404
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _not_understood(form)
    set_plan(contact=ticket.contact, **form.cleaned_data)
    toasts.push_text(request, _("Saved. The clocks follow in a moment."))
    return back_to(request, ticket)


@require_POST
@desk
def subject(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    form = SubjectForm(request.POST)
    if not form.is_valid():
        return _not_understood(form)
    return _changed(request, ticket, lifecycle.set_subject, subject=form.cleaned_data["subject"])


@require_POST
@desk
def tags(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    form = TagForm(request.POST)
    if not form.is_valid():
        return _not_understood(form)
    return _changed(request, ticket, lifecycle.tag, tag=form.cleaned_data["tag"])


@require_POST
@desk
def tag_removal(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    return _changed(request, ticket, lifecycle.untag, tag=request.POST.get("tag", ""))


@require_POST
@desk
def resolution(request: DeskRequest, number: str) -> HttpResponse:
    return _changed(request, ticket_to_change(request, number), lifecycle.resolve, said="resolved")


@require_POST
@desk
def reopening(request: DeskRequest, number: str) -> HttpResponse:
    return _changed(request, ticket_to_change(request, number), lifecycle.reopen)


@require_POST
@desk
def wait(request: DeskRequest, number: str) -> HttpResponse:
    return _changed(request, ticket_to_change(request, number), lifecycle.wait_for_customer)


@require_POST
@desk
def snooze(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return _not_understood(form)
    now = timezone.now()
    until = form.cleaned_data["until"] or end_of_span(form.cleaned_data["span"], ticket, now)
    if until is None or until <= now:
        return HttpResponseBadRequest("until")
    return _changed(request, ticket, lifecycle.snooze, said="snoozed", until=until)


def _changed(
    request: DeskRequest,
    ticket: Ticket,
    action: Callable[..., Ticket],
    *,
    said: str = "",
    **values: Any,
) -> HttpResponse:
    """Do it and go back to the case, which says why where it was not done."""
    try:
        action(ticket=ticket, by=Actor.of(request.user), now=timezone.now(), **values)
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        if said:
            toasts.push(request, said)
    return back_to(request, ticket)


def end_of_span(span: str, ticket: Ticket | None, now: datetime) -> datetime | None:
    """When one of the offered spans ends, by the business hours of the case if there is one."""
    known = next((each for each in get_args(Span) if each == span), None)
    if known is None:
        return None
    plan, priority = (ticket.contact.plan, ticket.priority) if ticket else ("", Priority.NORMAL)
    calendar = calendar_for(plan=plan, channel=None, priority=priority)
    zone = ZoneInfo(timezone.get_current_timezone_name())
    return end_of(known, now=now, zone=zone, calendar=calendar)


def _leave(request: DeskRequest, url: str) -> HttpResponse:
    """Open another page; htmx must be told, or it would look for the case in it."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def _not_understood(form: Any) -> HttpResponse:
    """Only a hand-made request comes here: the page offers nothing that is refused."""
    return HttpResponseBadRequest(", ".join(form.errors))
