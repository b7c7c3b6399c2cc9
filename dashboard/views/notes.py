"""Internal notes, which no customer ever sees."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.desk import DeskRequest, desk
from dashboard.forms import NoteForm
from tickets.access import may_read_notes
from tickets.actions import drafts, notes
from tickets.actor import Actor

from .cases import Compose, back_to, case_page
from .lookup import ticket_named


@require_POST
@desk
def create(request: DeskRequest, number: str) -> HttpResponse:
    """Write a note; an empty one, or one that is too long, is given back."""
    if not may_read_notes(request.user):
        raise Http404
    ticket = ticket_named(request, number)
    form = NoteForm(request.POST)
    if not form.is_valid():
        compose = Compose(
            mode="note",
            text=request.POST.get("text", ""),
            seen_version=ticket.version,
            refusal=_("A note needs some words, and at most 20,000 characters."),
        )
        return case_page(request, ticket, compose, status=422)
    with transaction.atomic():
        notes.add_note(
            ticket=ticket,
            text=form.cleaned_data["text"],
            by=Actor.of(request.user),
            now=timezone.now(),
            client_key=form.cleaned_data["client_key"],
        )
        drafts.drop(ticket=ticket, user=request.user, mode="note")
    return back_to(request, ticket)
