"""What an agent does about public places: go on in private, have a post hidden."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.words import refusal_in_words
from tickets.access import may_reply
from tickets.actions import hiding, inviting
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Conversation, Message, Ticket

from .cases import back_to
from .lookup import conversation_of, ticket_named, ticket_to_change


@require_POST
@desk
def invitation(request: DeskRequest, number: str) -> HttpResponse:
    """Ask the author of a public post to go on in private, by one public reply."""
    ticket = ticket_named(request, number)
    conversation = _chosen(request, ticket)
    try:
        inviting.invite(conversation=conversation, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        toasts.push(request, "invited")
    return back_to(request, ticket)


@require_POST
@desk
def hidden_post(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Have a post taken out of sight where it stands."""
    ticket = ticket_to_change(request, number)
    posts = Message.objects.filter(conversation__ticket=ticket).select_related(
        "channel", "conversation"
    )
    try:
        hiding.ask_to_hide(
            message=get_object_or_404(posts, pk=pk),
            by=Actor.of(request.user),
            now=timezone.now(),
        )
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)


def _chosen(request: DeskRequest, ticket: Ticket) -> Conversation:
    asked = request.POST.get("conversation", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    conversation = conversation_of(request, ticket, int(asked))
    if not may_reply(request.user, conversation):
        raise Http404
    return conversation
