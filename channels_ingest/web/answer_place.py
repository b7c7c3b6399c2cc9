"""The page on which whoever reads mail at an address says that answers may come there."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tickets.actions import answer_places
from tickets.actions.refusals import Refused
from tickets.case_numbers import format_number

from ..waking import wake

TEMPLATE = "channels_ingest/web/answer_place.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_place(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET and confirm on POST only: programs that look at mails open every link in them."""
    now = timezone.now()
    try:
        place = answer_places.place_of(token, now=now)
        if request.method == "POST":
            place = answer_places.confirm(place=place, now=now)
            wake("channels_ingest.tasks.send_codes")
    except Refused:
        return render(request, TEMPLATE, {"is_dead": True}, status=410)
    number = place.conversation.ticket.number
    shown = {
        "number": format_number(number, prefix=settings.CASE_NUMBER_PREFIX),
        "address": place.address,
        "is_proven": place.proven_at is not None,
    }
    return render(request, TEMPLATE, shown)
