"""What the public pages have in common: which form they belong to, and how one is shown."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tickets.models import Channel
from tickets.queries.waiting import waiting_now

from ..connectors.web_form import WebForm
from . import uploads
from .forms import KnownForm
from .submission import Submission
from .waiting import calm_choices

FIRST_SLUG = "web"


def door(slug: str = "") -> Channel:
    """The named form, or the installation's first one: "web" if there is one of that name.

    Raises Http404.
    """
    doors = Channel.objects.filter(kind=WebForm.kind).select_related("account")
    named = doors.filter(slug=slug or FIRST_SLUG).first()
    channel = named or (None if slug else doors.order_by("pk").first())
    if channel is None:
        raise Http404
    return channel


def offer_times(form: object, channel: Channel, *, now: datetime) -> None:
    """Give a form of a new case the times that somebody in no hurry may choose."""
    if isinstance(form, KnownForm):
        form.offer(calm_choices(waiting_now(now=now, channel=channel), now=now))


def again(
    request: HttpRequest,
    template: str,
    channel: Channel,
    sent: Submission,
    context: dict[str, object],
) -> HttpResponse:
    """Show the form with all that was typed, the files kept and what is to be mended."""
    shown = {"form": sent.form, "token": sent.token, "kept": sent.kept(), **context}
    response = page(
        request, template, channel, {**shown, "problems": sent.problems}, status=sent.status
    )
    if sent.wait:
        response["Retry-After"] = str(sent.wait)
    return response


def page(
    request: HttpRequest,
    template: str,
    channel: Channel,
    context: dict[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    """Show one of the public pages in the look of its form."""
    shared = {
        "brand": channel.account.settings.get("brand") or "",
        "channel": channel,
        "most_files": uploads.MOST_FILES,
        "largest_file": uploads.LARGEST,
        "largest_megabytes": settings.UPLOAD_MAX_MB,
        "accepted": ",".join(sorted(f".{each}" for each in uploads.ACCEPTED)),
    }
    name = f"channels_ingest/web/{template}.html"
    return render(request, name, {**shared, **context}, status=status)
