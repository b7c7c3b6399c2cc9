"""Times promised to a customer: confirm, change, take back."""

from datetime import datetime

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.views.cases import back_to
from dashboard.views.lookup import ticket_to_change
from dashboard.words import refusal_in_words
from tickets.access import visible_conversations
from tickets.actions import promises
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Promise


class PromiseForm(forms.Form):
    decision = forms.ChoiceField(choices=[("confirm", ""), ("withdraw", "")])
    due = forms.DateTimeField(required=False)


@require_POST
@desk
def decision(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Decide about a promise of the case; a time of one's own may come with it."""
    ticket = ticket_to_change(request, number)
    conversations = visible_conversations(request.user, ticket)
    promise = Promise.objects.filter(pk=pk, conversation__in=conversations).first()
    if promise is None:
        raise Http404
    form = PromiseForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(", ".join(form.errors))
    try:
        _decide(request, promise, form.cleaned_data["decision"], form.cleaned_data["due"])
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)


def _decide(request: DeskRequest, promise: Promise, what: str, due: datetime | None) -> None:
    by, now = Actor.of(request.user), timezone.now()
    if what == "withdraw":
        promises.withdraw(promise=promise, by=by, now=now)
    else:
        promises.confirm(promise=promise, by=by, now=now, due_at=due)
