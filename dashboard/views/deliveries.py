"""Decisions about deliveries that failed or that nobody knows the end of."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from tickets.actions import deliveries
from tickets.actions.deliveries import NotPossible
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Delivery

from .cases import back_to
from .lookup import ticket_to_change

DECISIONS = {
    "resending": deliveries.resend,
    "confirmation": deliveries.confirm,
    "cancellation": deliveries.cancel,
}


@require_POST
@desk
def detour(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Send what waits for the customer by another conversation of theirs."""
    ticket = ticket_to_change(request, number)
    found = Delivery.objects.filter(message__conversation__ticket=ticket)
    delivery = get_object_or_404(found, pk=pk)
    asked = request.POST.get("conversation", "")
    place = get_object_or_404(ticket.conversations, pk=asked if asked.isdecimal() else 0)
    try:
        deliveries.redirect(
            delivery=delivery, to=place, by=Actor.of(request.user), now=timezone.now()
        )
    except (NotPossible, Refused):
        # It has left, or that place has closed; the page that follows shows where it stands.
        toasts.push(request, "moved_on")
    return back_to(request, ticket)


@require_POST
@desk
def decide(request: DeskRequest, number: str, pk: int, decision: str) -> HttpResponse:
    """Send again, say that it arrived, or give up."""
    ticket = ticket_to_change(request, number)
    found = Delivery.objects.filter(message__conversation__ticket=ticket)
    delivery = get_object_or_404(found, pk=pk)
    try:
        DECISIONS[decision](delivery=delivery, by=Actor.of(request.user), now=timezone.now())
    except NotPossible:
        # It has moved on meanwhile; the page that follows shows where it stands.
        toasts.push(request, "moved_on")
    return back_to(request, ticket)
