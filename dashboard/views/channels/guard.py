"""Who may look after channels, and on record what they did."""

import logging
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify

from channels_ingest.api import kinds
from dashboard.desk import AnyView, DeskRequest, DeskView, P, desk_page
from dashboard.guards import only_for
from tickets.access import may_manage_channels, may_watch_channels
from tickets.models import Channel

logger = logging.getLogger(__name__)


def watches_channels(view: DeskView[P]) -> AnyView[P]:
    """Let only leads and managers in; everybody else is told so."""
    return only_for(may_watch_channels, forbidden)(view)


def manages_channels(view: DeskView[P]) -> AnyView[P]:
    """Let only managers in; everybody else is told so."""
    return only_for(may_manage_channels, forbidden)(view)


def forbidden(request: DeskRequest) -> HttpResponse:
    """The page for somebody whose role does not reach this far."""
    return channels_page(request, "forbidden", {}, status=403)


def channels_page(
    request: DeskRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """One of the pages about channels."""
    template = f"dashboard/channels/{name}.html"
    context |= {"section": "channels", "manages": may_manage_channels(request.user)}
    return desk_page(request, template, context, current=None, status=status)


def channel_named(slug: str) -> Channel:
    """The channel with this slug, of a kind that we can speak. Raises Http404."""
    known = Channel.objects.select_related("account", "team").filter(account__isnull=False)
    return get_object_or_404(known, slug=slug, kind__in=kinds())


def note(request: DeskRequest, what: str, slug: str) -> None:
    """Put on record who did what to which channel; never with what values."""
    logger.info("%s: channel %s by user %s", what, slugify(slug), request.user.pk)
