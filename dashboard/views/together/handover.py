"""Passing a queue on: the form with what goes, the page of whoever takes over, undo."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk, desk_page
from dashboard.handing import on_screen, summary
from dashboard.views.lookup import number_of
from dashboard.words import refusal_in_words
from tickets.access import channels_for, may_change, visible_tickets
from tickets.actions import handover as actions
from tickets.actions.refusals import Refused
from tickets.models import HandOver, Role, Team, Ticket, User
from tickets.queries.handover import (
    Receiver,
    cases_to_pass,
    handovers_for,
    passing,
    receivers,
)


@require_http_methods(["GET", "POST"])
@desk
def handover(request: DeskRequest) -> HttpResponse:
    """Choose what goes to whom; `n` names single cases, without any it is one's own queue."""
    if not may_change(request.user):
        raise Http404
    if request.method == "POST":
        return _hand_over(request)
    return _form(request)


@require_GET
@desk
def made(request: DeskRequest, pk: int) -> HttpResponse:
    """A hand-over as its receiver finds it: promises first, every case with its note."""
    row = _found(request, pk)
    now = timezone.now()
    notes = dict(row.cases.values_list("ticket", "note"))
    tickets = visible_tickets(request.user).filter(pk__in=notes, merged_into__isnull=True)
    found = passing(tickets, request.user, now)
    context = {
        "handover": row,
        "cases": [_shown(request, each, now, notes.get(each.row.id, "")) for each in found],
        "summary": summary(found),
        "hidden": len(notes) - len(found),
        "may_accept": actions.may_accept(row, request.user) and not row.accepted_at,
        "may_undo": row.by == request.user and not row.undone_at,
        "now": now,
    }
    return desk_page(request, "dashboard/together/handed.html", context, current=None)


@require_POST
@desk
def acceptance(request: DeskRequest, pk: int) -> HttpResponse:
    return _settled(request, pk, actions.accept, _("Accepted. The promises are yours now."))


@require_POST
@desk
def undoing(request: DeskRequest, pk: int) -> HttpResponse:
    return _settled(request, pk, actions.take_back, _("Undone"))


def _form(request: DeskRequest, refusal: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    numbers = [number_of(each) for each in request.GET.getlist("n")]
    others = receivers(request.user, now)
    giver = _giver(request, others)
    found = passing(cases_to_pass(request.user, numbers, of=giver), request.user, now)
    context = {
        "cases": [_shown(request, each, now) for each in found],
        "summary": summary(found),
        "receivers": others,
        "giver": giver or request.user,
        "left_behind": [each for each in others if each.is_away and each.load and _leads(request)],
        "chosen": request.POST.get("to", ""),
        "note": request.POST.get("note", ""),
        "refusal": refusal,
        "now": now,
        "section": "handover",
    }
    template = "dashboard/together/handover.html"
    return desk_page(request, template, context, current=None, status=status)


def _giver(request: DeskRequest, others: list[Receiver]) -> User | None:
    """Whose queue it is that a lead passes on; None for one's own."""
    asked = f"user:{request.GET.get('of', '')}"
    found = (each.person for each in others if each.key == asked)
    return next(found, None) if _leads(request) else None


def _leads(request: DeskRequest) -> bool:
    return request.user.role in {Role.LEAD, Role.MANAGER}


def _shown(request: DeskRequest, each: Any, now: Any, note: str = "") -> Any:
    channels = {channel.pk: channel for channel in channels_for(request.user)}
    return on_screen(each, request.user, channels, now, note)


def _hand_over(request: DeskRequest) -> HttpResponse:
    numbers = request.POST.getlist("case")
    tickets = list(cases_to_pass(request.user, numbers)) if numbers else []
    try:
        row = actions.hand_over(
            tickets=tickets,
            to=_receiver(request),
            by=request.user,
            now=timezone.now(),
            note=request.POST.get("note", ""),
            notes=_notes(request, tickets),
        )
    except Refused as refused:
        return _form(request, refusal_in_words(refused), status=422)
    toasts.push_text(request, _("Handed over"))
    return redirect("dashboard:handover", row.pk)


def _receiver(request: DeskRequest) -> User | Team:
    key = request.POST.get("to", "")
    for each in receivers(request.user, timezone.now()):
        if each.key == key:
            found = each.person or each.team
            if found is not None:
                return found
    raise Refused("nobody_to_take_over")


def _notes(request: DeskRequest, tickets: list[Ticket]) -> dict[int, str]:
    said = {each.pk: request.POST.get(f"note-{each.number}", "") for each in tickets}
    return {pk: words for pk, words in said.items() if words.strip()}


def _found(request: DeskRequest, pk: int) -> HandOver:
    return get_object_or_404(handovers_for(request.user), pk=pk)


def _settled(
    request: DeskRequest, pk: int, action: Callable[..., HandOver], said: str
) -> HttpResponse:
    row = _found(request, pk)
    try:
        action(handover=row, by=request.user, now=timezone.now())
    except Refused as refused:
        said = refusal_in_words(refused)
    toasts.push_text(request, said)
    return redirect("dashboard:handover", row.pk)
