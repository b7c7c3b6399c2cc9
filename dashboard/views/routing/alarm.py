"""The words that call a lead, and calling or dismissing one on a case."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.views.cases import back_to
from dashboard.views.lookup import ticket_to_change
from dashboard.words import refusal_in_words
from tickets.actions import routing
from tickets.actions.escalating import calm, escalate
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.queries.routing import read_alarm

from .forms import AlarmForm
from .guard import manages_routing, note, routing_page


@require_http_methods(["GET", "POST"])
@manages_routing
def words(request: DeskRequest) -> HttpResponse:
    """Edit the list, try a sentence on it, or go back to the one that comes with Anhao."""
    if request.POST.get("default"):
        routing.forget_alarm()
        note(request, "reset list", "")
        return redirect("dashboard:escalation_words")
    alarm = read_alarm()
    initial = {"words": list(alarm.words), "exceptions": list(alarm.exceptions)}
    form = AlarmForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        routing.save_alarm(**form.cleaned_data)
        note(request, "saved list", "")
        toasts.push_text(request, _("Saved."))
        return redirect("dashboard:escalation_words")
    tried = request.GET.get("try", "")[:4000]
    context = {"form": form, "tried": tried, "said": alarm.said(tried)}
    return routing_page(request, "words", context, status=422 if form.errors else 200)


@require_POST
@desk
def escalation(request: DeskRequest, number: str) -> HttpResponse:
    """Call a lead to a case, or say that one has looked after it."""
    ticket = ticket_to_change(request, number)
    act = calm if request.POST.get("done") else escalate
    try:
        act(ticket=ticket, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)
