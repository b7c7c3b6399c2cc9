"""Answers to customers."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.desk import DeskRequest, desk
from dashboard.forms import ReplyForm
from dashboard.words import refusal_in_words
from tickets.access import may_change, may_reply, visible_conversations
from tickets.actions import replies
from tickets.actions.replies import ReplyRefused, SomebodyAnswered
from tickets.actor import Actor
from tickets.interchange import OutgoingFile
from tickets.models import Conversation, Message, Ticket

from .cases import Compose, back_to, case_page
from .lookup import ticket_named


@require_POST
@desk
def create(request: DeskRequest, number: str) -> HttpResponse:
    """Send an answer through the chosen conversation; what cannot be sent is given back."""
    ticket = ticket_named(request, number)
    possible = _answerable(request, ticket)
    form = ReplyForm(request.POST, request.FILES, possible)
    if not form.is_valid():
        return _given_back(request, ticket, form, refusal=_first_error(form))
    try:
        replies.reply(
            conversation=form.cleaned_data["conversation"],
            text=form.cleaned_data["text"],
            by=Actor.of(request.user),
            now=timezone.now(),
            files=[_file(upload) for upload in form.cleaned_data["uploads"]],
            client_key=form.cleaned_data["client_key"],
            seen_version=form.cleaned_data["seen_version"],
            then=form.cleaned_data["then"] if may_change(request.user) else "",
        )
    except ReplyRefused as error:
        return _given_back(
            request,
            ticket,
            form,
            refusal=refusal_in_words(error),
            passages=error.data.get("passages", ()),
        )
    except SomebodyAnswered as stop:
        return _given_back(request, ticket, form, answered=stop.message)
    return back_to(request, ticket)


def _answerable(request: DeskRequest, ticket: Ticket) -> list[Conversation]:
    readable = visible_conversations(request.user, ticket).select_related("channel")
    possible = [each for each in readable if may_reply(request.user, each)]
    if not possible:
        raise Http404
    return possible


def _given_back(
    request: DeskRequest,
    ticket: Ticket,
    form: ReplyForm,
    *,
    refusal: str = "",
    passages: Any = (),
    answered: Message | None = None,
) -> HttpResponse:
    """The page again with the text untouched and the reason why it has not left."""
    ticket.refresh_from_db()
    conversation = form.cleaned_data.get("conversation")
    compose = Compose(
        text=form.data.get("text", ""),
        conversation_id=conversation.pk if conversation else None,
        seen_version=ticket.version,
        refusal=refusal,
        passages=passages,
        answered=answered,
    )
    return case_page(request, ticket, compose, status=409 if answered else 422)


def _file(upload: "UploadedFile[bytes]") -> OutgoingFile:
    return OutgoingFile(
        name=str(upload.name),
        content_type=upload.content_type or "application/octet-stream",
        data=upload.read(),
    )


def _first_error(form: ReplyForm) -> str:
    if "conversation" in form.errors:
        return _("This conversation can no longer be answered here.")
    return next((str(errors[0]) for errors in form.errors.values()), "")
