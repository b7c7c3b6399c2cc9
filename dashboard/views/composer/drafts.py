"""What one person has begun to write on a case, as their devices save and read it."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.desk import DeskRequest, desk
from dashboard.forms import LARGEST_FILE, DraftForm
from dashboard.views.cases import back_to
from dashboard.views.lookup import ticket_named
from dashboard.words import refusal_in_words
from tickets.access import may_change, may_read_notes, may_reply, visible_conversations
from tickets.actions import drafts
from tickets.actions.drafts import WrittenElsewhere
from tickets.actions.outgoing import pieces_for
from tickets.actions.refusals import Refused
from tickets.interchange import OutgoingFile
from tickets.models import Conversation, Ticket
from tickets.queries.drafts import files_of_draft
from tickets.queries.macros import macros_for


@require_POST
@desk
def draft(request: DeskRequest, number: str) -> HttpResponse:
    """Save what is written; a newer text of another device comes back instead, as a fragment."""
    ticket = ticket_named(request, number)
    form = DraftForm(request.POST)
    if not form.is_valid() or (form.cleaned_data["mode"] == "note" and not _writes_notes(request)):
        return HttpResponse(status=400)
    place = _place(request, ticket, form.cleaned_data["conversation"])
    macro = form.cleaned_data["macro"] if may_change(request.user) else None
    try:
        saved = drafts.keep(
            ticket=ticket,
            user=request.user,
            mode=form.cleaned_data["mode"],
            text=form.cleaned_data["text"],
            conversation=place,
            macro=macros_for(request.user).filter(pk=macro).first() if macro else None,
            seen=form.cleaned_data["seen"],
            now=timezone.now(),
        )
    except WrittenElsewhere as newer:
        context = {"draft": newer.draft, "mine": form.cleaned_data["text"]}
        return render(request, "dashboard/_composer_elsewhere.html", context, status=409)
    except Refused as refused:
        return HttpResponse(refusal_in_words(refused), status=422)
    return JsonResponse({"version": saved.version, "parts": _parts(place, saved.text)})


@require_POST
@desk
def attach(request: DeskRequest, number: str) -> HttpResponse:
    """Keep files that were chosen, pasted or dropped, before anything is sent."""
    ticket = ticket_named(request, number)
    if not any(may_reply(request.user, each) for each in _readable(request, ticket)):
        return HttpResponse(status=404)
    for upload in request.FILES.getlist("file"):
        if (upload.size or 0) > LARGEST_FILE:
            return HttpResponse(_("A file may have at most 20 MB."), status=422)
        try:
            drafts.attach(ticket=ticket, user=request.user, file=_file(upload), now=timezone.now())
        except Refused as refused:
            return HttpResponse(refusal_in_words(refused), status=422)
    return _files(request, ticket)


@require_POST
@desk
def detach(request: DeskRequest, number: str, pk: str) -> HttpResponse:
    """Take away a file that has not been sent."""
    ticket = ticket_named(request, number)
    drafts.detach(get_object_or_404(files_of_draft(request.user, ticket), pk=pk))
    return _files(request, ticket)


@require_POST
@desk
def dismissal(request: DeskRequest, number: str) -> HttpResponse:
    """Show a suggested draft no more."""
    ticket = ticket_named(request, number)
    drafts.dismiss(
        ticket=ticket,
        user=request.user,
        suggestion=request.POST.get("suggestion", ""),
        now=timezone.now(),
    )
    return back_to(request, ticket)


def _readable(request: DeskRequest, ticket: Ticket) -> list[Conversation]:
    readable = visible_conversations(request.user, ticket)
    return list(readable.select_related("channel"))


def _writes_notes(request: DeskRequest) -> bool:
    return may_read_notes(request.user)


def _place(request: DeskRequest, ticket: Ticket, pk: int | None) -> Conversation | None:
    return next((each for each in _readable(request, ticket) if each.pk == pk), None)


def _parts(place: Conversation | None, text: str) -> int:
    """Into how many messages of the vendor the text would be cut."""
    return len(pieces_for(place.channel, text, ())) if place else 1


def _files(request: DeskRequest, ticket: Ticket) -> HttpResponse:
    context: dict[str, Any] = {"files": files_of_draft(request.user, ticket), "ticket": ticket}
    return render(request, "dashboard/_composer_files.html", context)


def _file(upload: "UploadedFile[bytes]") -> OutgoingFile:
    return OutgoingFile(
        name=str(upload.name),
        content_type=upload.content_type or "application/octet-stream",
        data=upload.read(),
    )
