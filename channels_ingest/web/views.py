"""The public form and the private case page: plain HTML forms that store, then redirect."""

from datetime import datetime
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tickets import files
from tickets.models import Attachment, Channel

from . import reading, sending, tokens
from .forms import MoreForm, ProblemForm
from .pages import again, door, page
from .progress import stations
from .submission import Submission


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show the form, or store what it brought and lead to the private page of the new case."""
    channel, now = door(slug), timezone.now()
    if request.method != "POST":
        token = tokens.form_token(channel, now=now)
        return page(request, "new", channel, {"form": ProblemForm(), "token": token})
    sent = Submission(request, ProblemForm, now)
    if sent.check(channel) and isinstance(sent.form, ProblemForm):
        key = sending.open_case(
            channel=channel,
            form=sent.key.form,
            sections=sent.form.sections(),
            files=sent.files,
            name=sent.form.sender_name(),
            language=get_language() or "",
            now=now,
        )
        return redirect("channels_ingest:support_case", token=tokens.case_token(key, now=now))
    return again(request, "new", channel, sent, {})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, token: str) -> HttpResponse:
    """Show the private page of a case, or store what its holder adds."""
    now = timezone.now()
    try:
        key, channel = _case(token, now)
    except Http404:
        return render(request, "channels_ingest/web/gone.html", status=404)
    if request.method != "POST":
        read = reading.read_page(channel, key)
        if request.method == "GET":
            sending.note_read(channel=channel, case=key, replies=read.unread, now=now)
        fresh = tokens.form_token(channel, now=now, thread=key.thread)
        shown = {"form": MoreForm(), "token": fresh, **_case_context(read, token)}
        return page(request, "case", channel, shown)
    sent = Submission(request, MoreForm, now)
    if sent.check(channel, thread=key.thread) and isinstance(sent.form, MoreForm):
        if sent.files or sent.form.cleaned_data["message"]:
            sending.add_to_case(
                channel=channel,
                case=key,
                form=sent.key.form,
                sections=sent.form.sections(),
                files=sent.files,
                language=get_language() or "",
                now=now,
            )
        # A fresh link, so that a case in use does not grow too old to be opened.
        address = reverse("channels_ingest:support_case", args=[tokens.case_token(key, now=now)])
        return redirect(f"{address}#latest")
    context = _case_context(reading.read_page(channel, key), token)
    return again(request, "case", channel, sent, context)


@never_cache
@require_GET
def case_file(request: HttpRequest, token: str, pk: UUID) -> HttpResponseBase:
    """Give a file of the private page; never for the browser to open as a page of ours."""
    key, channel = _case(token, timezone.now())
    try:
        attachment = reading.file_on_page(channel, key, pk)
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


def _case_context(read: reading.CasePage, token: str) -> dict[str, object]:
    return {"page": read, "steps": stations(read.step), "case_token": token}


def _case(token: str, now: datetime) -> tuple[tokens.CaseKey, Channel]:
    try:
        key = tokens.read_case(token, now=now)
        channel = Channel.objects.select_related("account").get(pk=key.channel_id)
    except (tokens.BadToken, Channel.DoesNotExist):
        raise Http404 from None
    return key, channel
