"""From a message to where it stands at its vendor: read-only channels are answered there."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from channels_ingest import api
from dashboard.desk import DeskRequest, desk
from tickets.access import readable_messages
from tickets.models import Direction


@require_GET
@desk
def original(request: DeskRequest, pk: int) -> HttpResponse:
    """Lead to the customer's post at the forum, the feed or the like."""
    readable = readable_messages(request.user).filter(
        direction=Direction.INBOUND, recalled_at__isnull=True
    )
    message = get_object_or_404(readable.select_related("conversation__channel__account"), pk=pk)
    address = api.original_address(message)
    if not address:
        raise Http404
    return HttpResponseRedirect(address)
