"""Notes about a customer, written beside one of their cases."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.words import refusal_in_words
from tickets.actions import contact_notes
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import ContactNote, Ticket

from .cases import back_to
from .lookup import ticket_to_change


@require_POST
@desk
def create(request: DeskRequest, number: str) -> HttpResponse:
    """Note something about the customer of a case."""
    ticket = ticket_to_change(request, number)
    try:
        contact_notes.write_contact_note(
            ticket=ticket,
            text=request.POST.get("text", ""),
            by=Actor.of(request.user),
            now=timezone.now(),
        )
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)


@require_POST
@desk
def change(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Word a note anew, or remove it."""
    ticket = ticket_to_change(request, number)
    note = get_object_or_404(ContactNote, pk=pk, contact=ticket.contact_id)
    try:
        _change(request, ticket, note)
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)


def _change(request: DeskRequest, ticket: Ticket, note: ContactNote) -> None:
    by, now = Actor.of(request.user), timezone.now()
    if request.POST.get("remove"):
        contact_notes.remove_contact_note(note=note, ticket=ticket, by=by, now=now)
    else:
        text = request.POST.get("text", "")
        contact_notes.edit_contact_note(note=note, ticket=ticket, text=text, by=by, now=now)
