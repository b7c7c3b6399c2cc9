"""Recalled messages: folded away, opened only by somebody who is then on record."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.words import refusal_in_words
from tickets.actions import recalls
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Message

from .cases import back_to, case_page
from .lookup import ticket_to_change
from .opened import fold_all, remember_opened


@require_POST
@desk
def opening(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Show a recalled message; the next view of the case folds it again."""
    ticket = ticket_to_change(request, number)
    messages = Message.objects.filter(conversation__ticket=ticket).select_related("conversation")
    message = get_object_or_404(messages, pk=pk)
    remember_opened(request, message)
    try:
        recalls.open_recalled(message=message, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        fold_all(request)
        toasts.push_text(request, refusal_in_words(refused))
        return back_to(request, ticket)
    return case_page(request, ticket)
