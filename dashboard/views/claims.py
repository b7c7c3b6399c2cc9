"""Decisions about conversations that joined by a quoted number, and about who somebody is."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.words import plain_number, refusal_in_words
from tickets.actions import claims, doubting, identities
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import History, Identity, Move

from .cases import back_to
from .lookup import conversation_of, ticket_to_change

IDENTITY_DECISIONS = {
    "verification": identities.verify_identity,
    "takeover": identities.mark_compromised,
    "clearance": identities.clear_compromised,
}


@require_POST
@desk
def verification(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """The claimer is the customer: the conversation joins the case for good."""
    ticket = ticket_to_change(request, number)
    claim = conversation_of(request, ticket, pk)
    try:
        claims.verify(conversation=claim, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        row = History.objects.filter(ticket=ticket, code=doubting.VERIFIED).latest("pk")
        toasts.push(request, "verified", undo=row.pk, undo_by="doubt")
    return back_to(request, ticket)


@require_POST
@desk
def rejection(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """The claimer is somebody else: the conversation leaves as a case of its own."""
    ticket = ticket_to_change(request, number)
    claim = conversation_of(request, ticket, pk)
    try:
        by = Actor.of(request.user)
        fresh = claims.reject(conversation=claim, by=by, now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        move = Move.objects.filter(target=fresh, kind="claim").latest("pk")
        toasts.push(request, "rejected", undo=move.pk, number=plain_number(fresh.number))
    return back_to(request, ticket)


@require_POST
@desk
def question(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Ask the owner of the case whether this was them."""
    ticket = ticket_to_change(request, number)
    claim = conversation_of(request, ticket, pk)
    try:
        claims.ask_owner(conversation=claim, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        toasts.push(request, "asked")
    return back_to(request, ticket)


@require_POST
@desk
def identity(request: DeskRequest, number: str, pk: int, decision: str) -> HttpResponse:
    """Say who an account of the case belongs to, or that it was taken over."""
    ticket = ticket_to_change(request, number)
    known = Identity.objects.filter(contact=ticket.contact_id) | Identity.objects.filter(
        conversations__ticket=ticket
    )
    found = get_object_or_404(known.distinct(), pk=pk)
    try:
        by = Actor.of(request.user)
        IDENTITY_DECISIONS[decision](identity=found, by=by, now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)
