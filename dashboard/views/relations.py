"""How a case stands to others: relate it, put it under a parent, say what is no duplicate."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.words import refusal_in_words
from tickets.actions import relating
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Link, Ticket
from tickets.queries.relations import read_relations

from .cases import back_to
from .lookup import find_other, ticket_to_change


@require_POST
@desk
def create(request: DeskRequest, number: str) -> HttpResponse:
    """Note that a case is related, or that it is the parent or a child, by its number in any
    writing."""
    ticket = ticket_to_change(request, number)
    other = find_other(request, request.POST.get("number", ""))
    try:
        if other is None:
            raise Refused("no_such_case")
        _relate(request.POST.get("as", ""), ticket, other, Actor.of(request.user))
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)


@require_POST
@desk
def removal(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Take back what a person noted about this case and another that the sender sees, too."""
    ticket = ticket_to_change(request, number)
    shown = read_relations(ticket, request.user)
    made = [*shown.parents, *shown.children, *shown.related]
    if all(each.link.pk != pk for each in made):
        raise Http404
    link = get_object_or_404(Link.objects.select_related("ticket", "other"), pk=pk)
    relating.part(link=link, by=Actor.of(request.user), now=timezone.now())
    return back_to(request, ticket)


@require_POST
@desk
def dismissal(request: DeskRequest, number: str) -> HttpResponse:
    """The other case is another problem, here and there."""
    ticket = ticket_to_change(request, number)
    other = find_other(request, request.POST.get("number", ""))
    if other is None:
        raise Http404
    relating.dismiss(ticket=ticket, other=other, by=Actor.of(request.user), now=timezone.now())
    return back_to(request, ticket)


def _relate(how: str, ticket: Ticket, other: Ticket, by: Actor) -> None:
    now = timezone.now()
    match how:
        case "parent":
            relating.adopt(child=ticket, parent=other, by=by, now=now)
        case "child":
            relating.adopt(child=other, parent=ticket, by=by, now=now)
        case _:
            relating.relate(ticket=ticket, other=other, by=by, now=now)
