"""The page again with a text untouched, and the reason why it has not left."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.utils import timezone

from dashboard import remedies
from dashboard.desk import DeskRequest
from dashboard.forms import ReplyForm
from dashboard.views.cases import Compose, case_page
from dashboard.words import refusal_in_words
from tickets.access import may_reply, visible_conversations
from tickets.actions.refusals import Refused
from tickets.actions.replies import SomebodyAnswered
from tickets.models import Conversation, Ticket


def answerable(request: DeskRequest, ticket: Ticket) -> list[Conversation]:
    """The conversations that the person may answer. Raises Http404 where there is none."""
    readable = visible_conversations(request.user, ticket)
    related = readable.select_related("channel", "identity", "ticket")
    possible = [each for each in related if may_reply(request.user, each)]
    if not possible:
        raise Http404
    return possible


def refused(
    request: DeskRequest,
    ticket: Ticket,
    form: ReplyForm,
    error: Refused,
    places: Sequence[Conversation] = (),
) -> HttpResponse:
    """Say why it was not sent and what may be done instead."""
    compose = _composed(ticket, form)
    if isinstance(error, SomebodyAnswered):
        compose.stop = remedies.stop(compose.text, error.message)
        return case_page(request, ticket, compose, status=409)
    compose.refusal = refusal_in_words(error)
    passages = error.data.get("passages") or [error.data.get("passage", "")]
    conversation = form.cleaned_data.get("conversation")
    if conversation is not None and isinstance(passages, list) and any(passages):
        private = remedies.private_place(conversation, places, timezone.now())
        compose.guard = remedies.guard(compose.text, passages, private)
    return case_page(request, ticket, compose, status=422)


def not_understood(request: DeskRequest, ticket: Ticket, form: ReplyForm, why: str) -> HttpResponse:
    """Say what is wrong with what was filled in."""
    compose = _composed(ticket, form)
    compose.refusal = why
    return case_page(request, ticket, compose, status=422)


def changed(
    request: DeskRequest,
    ticket: Ticket,
    form: ReplyForm,
    *,
    text: str,
    place: Conversation | None = None,
) -> HttpResponse:
    """The page with a text that was changed as the person asked, to be read before it leaves."""
    compose = _composed(ticket, form)
    compose.text = text
    if place is not None:
        compose.conversation_id = place.pk
    return case_page(request, ticket, compose)


def _composed(ticket: Ticket, form: ReplyForm) -> Compose:
    ticket.refresh_from_db()
    conversation = form.cleaned_data.get("conversation")
    return Compose(
        text=form.data.get("text", ""),
        conversation_id=conversation.pk if conversation else None,
        macro=form.cleaned_data.get("macro"),
        seen_version=ticket.version,
        is_given_back=True,
    )
