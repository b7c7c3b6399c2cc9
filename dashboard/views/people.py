"""Who a customer is: say that an account is theirs too."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.words import refusal_in_words
from tickets.access import visible_tickets
from tickets.actions import linking
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import History, Identity

from .cases import back_to
from .lookup import ticket_to_change


@require_POST
@desk
def link(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Link an account, of a customer whose cases the agent sees, to the customer of this case."""
    ticket = ticket_to_change(request, number)
    theirs = visible_tickets(request.user).values("contact")
    identity = get_object_or_404(Identity.objects.filter(contact__in=theirs), pk=pk)
    try:
        linking.link_identity(
            identity=identity,
            contact=ticket.contact,
            on=ticket,
            by=Actor.of(request.user),
            now=timezone.now(),
        )
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        row = History.objects.filter(ticket=ticket, code=linking.LINKED).latest("pk")
        name = identity.display_name
        toasts.push(request, "linked", undo=row.pk, undo_by="unlink", name=name)
    return back_to(request, ticket)
