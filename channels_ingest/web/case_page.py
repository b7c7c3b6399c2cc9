"""The page of a case: what its customer sees there, in plain HTML that a script refreshes."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tickets import files
from tickets.models import Attachment

from . import own_case_panes, reading, sending, tokens, viewers
from .forms import MoreForm
from .pages import again, page
from .progress import stations
from .submission import Submission
from .viewers import Gone, NeedsProof, Viewer

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Viewer, datetime, P], HttpResponseBase]


def for_viewer(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Find out who comes by the address; whoever may see nothing learns nothing either."""

    @never_cache
    @wraps(view)
    def inner(
        request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        now = timezone.now()
        try:
            viewer = viewers.find(request, token, now=now)
        except NeedsProof as needs:
            address = reverse("channels_ingest:support_lookup")
            return redirect(f"{address}?number={viewers.printed(needs.number)}")
        except Gone:
            return render(request, "channels_ingest/web/gone.html", status=404)
        return view(request, viewer, now, *args, **kwargs)

    return inner


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def case(request: HttpRequest, viewer: Viewer, now: datetime) -> HttpResponse:
    """Show the case, or store what is added to it."""
    if request.method != "POST":
        read = _read(request, viewer, now)
        return shown(request, viewer, read, now)
    sent = Submission(request, MoreForm, now)
    if sent.check(viewer.channel, thread=viewer.key.thread) and isinstance(sent.form, MoreForm):
        if sent.files or sent.form.cleaned_data["message"]:
            sending.add_to_case(
                channel=viewer.channel,
                case=viewer.key,
                form=sent.key.form,
                sections=sent.form.sections(),
                files=sent.files,
                language=get_language() or "",
                name=viewer.identity.name if viewer.identity else "",
                now=now,
            )
        return redirect(f"{address_of(viewer, now)}#latest")
    context = context_of(viewer, reading.read_page(viewer), now)
    return again(request, "case", viewer.channel, sent, context)


@require_GET
@for_viewer
def live(request: HttpRequest, viewer: Viewer, now: datetime) -> HttpResponse:
    """A part of the page that changes by itself; 304 while it has not."""
    read = _read(request, viewer, now)
    context = context_of(viewer, read, now)
    part = "_case_end" if request.GET.get("part") == "end" else "_case_live"
    response = page(request, part, viewer.channel, context)
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    response["ETag"] = tag
    return response


@require_GET
@for_viewer
def case_file(request: HttpRequest, viewer: Viewer, now: datetime, pk: UUID) -> HttpResponseBase:
    """Give a file of the page; never for the browser to open as a page of ours."""
    try:
        attachment = reading.file_on_page(viewer, pk)
        content = files.open_file(attachment.sha256)
    except (Attachment.DoesNotExist, FileNotFoundError):
        raise Http404 from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def shown(
    request: HttpRequest,
    viewer: Viewer,
    read: reading.CasePage,
    now: datetime,
    *,
    problems: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    """The whole page with a fresh form."""
    context: dict[str, Any] = {
        "form": MoreForm(),
        "token": tokens.form_token(viewer.channel, now=now, thread=viewer.key.thread),
        "problems": problems,
        **context_of(viewer, read, now),
    }
    return page(request, "case", viewer.channel, context, status=status)


def address_of(viewer: Viewer, now: datetime) -> str:
    """The page's address; a link is made anew, so that a case in use does not grow too old."""
    word = viewer.word if viewer.proof else tokens.case_token(viewer.key, now=now)
    return reverse("channels_ingest:support_case", args=[word])


def context_of(viewer: Viewer, read: reading.CasePage, now: datetime) -> dict[str, object]:
    """What the templates of the page need besides its form."""
    return {
        "page": read,
        "steps": stations(read.step, read.moments),
        "case_token": viewer.word,
        "panes": own_case_panes.panes(viewer, now),
    }


def _read(request: HttpRequest, viewer: Viewer, now: datetime) -> reading.CasePage:
    """Read the page, and note which replies are on the viewer's screen by that."""
    read = reading.read_page(viewer)
    if request.method == "GET":
        sending.note_read(channel=viewer.channel, case=viewer.key, replies=read.unread, now=now)
    return read
