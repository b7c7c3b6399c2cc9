"""All channels at a glance, and the switch that stops one for a while."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from channels_ingest import api
from dashboard import toasts
from dashboard.desk import DeskRequest, is_fragment_request
from tickets.access import may_manage_channels

from .guard import channel_named, channels_page, note, watches_channels
from .rows import channel_row, needs_somebody


@require_GET
@watches_channels
def channels(request: DeskRequest) -> HttpResponse:
    """Every channel and how it fares; htmx asks for the list alone, again and again."""
    now = timezone.now()
    rows = sorted(
        (channel_row(each, now) for each in api.health()),
        key=lambda row: row.channel.label.casefold(),
    )
    context = {
        "channel_rows": rows,
        "waiting": sum(needs_somebody(row) for row in rows),
        "manages": may_manage_channels(request.user),
        "now": now,
    }
    if is_fragment_request(request):
        return render(request, "dashboard/channels/_rows.html", context)
    return channels_page(request, "list", context)


@require_POST
@watches_channels
def pause(request: DeskRequest, slug: str) -> HttpResponse:
    """Send and ask nothing by this channel; what is pushed is still stored."""
    channel = channel_named(slug)
    api.pause(channel)
    note(request, "paused", slug)
    toasts.push_text(request, _("%(channel)s is paused") % {"channel": channel})
    return redirect("dashboard:channels")


@require_POST
@watches_channels
def resumption(request: DeskRequest, slug: str) -> HttpResponse:
    """Take up a paused channel again."""
    channel = channel_named(slug)
    api.resume(channel, now=timezone.now())
    note(request, "resumed", slug)
    toasts.push_text(request, _("%(channel)s goes on") % {"channel": channel})
    return redirect("dashboard:channels")
