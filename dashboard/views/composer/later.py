"""Replies that wait for their moment, and those just sent that can still be taken back."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.forms import MomentForm
from dashboard.views.cases import back_to
from dashboard.views.lookup import ticket_named
from dashboard.words import refusal_in_words
from tickets.access import may_change, may_reply
from tickets.actions import composing, later
from tickets.actions.preferences import prefer
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import LaterReply, Message, Ticket
from tickets.preferences import HOLDS
from tickets.spans import SPANS, moment_after


@require_POST
@desk
def decide(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Give a reply for later another moment, send it at once, or have its words back."""
    ticket = ticket_named(request, number)
    row = _found(request, ticket, pk)
    form = MomentForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    by, now = Actor.of(request.user), timezone.now()
    try:
        match form.cleaned_data["decision"]:
            case "send":
                later.send_now(later=row, by=Actor.of(row.author), now=now)
            case "cancel":
                later.cancel(later=row, by=by, now=now)
            case _:
                later.move(later=row, send_at=_moment(form, now), by=by, now=now)
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)


@require_POST
@desk
def taking_back(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Take back a reply that has not left; it stands in the composer again, files and all."""
    ticket = ticket_named(request, number)
    messages = Message.objects.filter(conversation__ticket=ticket, author=request.user)
    message = get_object_or_404(messages.select_related("conversation"), pk=pk)
    try:
        composing.take_back(message=message, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        toasts.push(request, "taken_back")
    return back_to(request, ticket)


@require_POST
@desk
def hold(request: DeskRequest) -> HttpResponse:
    """Choose for how long a sent reply can be taken back."""
    seconds = request.POST.get("seconds", "")
    if seconds not in {str(each) for each in HOLDS}:
        return HttpResponse(status=400)
    prefer(user=request.user, undo_send_seconds=int(seconds))
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(wanted if is_ours else "dashboard:inbox")


def _found(request: DeskRequest, ticket: Ticket, pk: int) -> LaterReply:
    """A reply of the case; colleagues may decide on it as far as they may change the case."""
    rows = LaterReply.objects.filter(conversation__ticket=ticket)
    row = get_object_or_404(rows.select_related("author", "conversation"), pk=pk)
    is_own = row.author_id == request.user.pk and may_reply(request.user, row.conversation)
    if not is_own and not may_change(request.user):
        raise Http404
    return row


def _moment(form: MomentForm, now: datetime) -> datetime:
    span, chosen = form.cleaned_data["later"], form.cleaned_data["send_at"]
    if span in SPANS:
        return moment_after(span, timezone.localtime(now))
    return chosen if chosen is not None else now
