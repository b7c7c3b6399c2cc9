"""Following a case, and calling in somebody who could not see it."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.views.cases import back_to
from dashboard.views.lookup import ticket_to_change
from dashboard.words import refusal_in_words
from tickets.actions import following as actions
from tickets.actions.refusals import Refused
from tickets.models import Direction, Message
from tickets.queries.together import colleagues


@require_POST
@desk
def following(request: DeskRequest, number: str) -> HttpResponse:
    ticket = ticket_to_change(request, number)
    if request.POST.get("follow") == "no":
        actions.unfollow(ticket=ticket, user=request.user)
    else:
        actions.follow(ticket=ticket, user=request.user, now=timezone.now())
    return back_to(request, ticket)


@require_POST
@desk
def call(request: DeskRequest, number: str) -> HttpResponse:
    """Give the case to somebody whom a note of one's own has called in vain."""
    ticket = ticket_to_change(request, number)
    pk = request.POST.get("user", "")
    person = colleagues().filter(pk=pk).first() if pk.isascii() and pk.isdigit() else None
    if person is None:
        raise Http404
    own = Message.objects.filter(ticket=ticket, direction=Direction.NOTE, author=request.user)
    note = own.order_by("pk").last()
    try:
        actions.call_in(ticket=ticket, user=person, note=note, by=request.user, now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        toasts.push_text(request, _("Assigned to %(name)s") % {"name": person})
    return back_to(request, ticket)
