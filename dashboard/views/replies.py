"""Answers to customers: sent, kept for later, or changed first as the desk proposed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard import remedies
from dashboard.desk import DeskRequest, desk
from dashboard.forms import ReplyForm
from tickets.access import may_change, may_read_notes
from tickets.actions import composing, drafts, later, notes
from tickets.actions.outgoing import StoredUpload
from tickets.actions.preferences import prefer
from tickets.actions.publicity import exposed_by
from tickets.actions.refusals import Refused
from tickets.actions.replies import Then
from tickets.actor import Actor
from tickets.interchange import OutgoingFile
from tickets.macros import Actions, then_named
from tickets.models import Conversation, Macro, Ticket
from tickets.preferences import Preferences
from tickets.queries.drafts import files_of_draft
from tickets.queries.macros import macros_for
from tickets.spans import SPANS, moment_after

from .cases import back_to
from .composer.given_back import answerable, changed, not_understood, refused
from .lookup import ticket_named


@require_POST
@desk
def create(request: DeskRequest, number: str) -> HttpResponse:
    """Send an answer through the chosen conversation; what cannot be sent is given back."""
    ticket = ticket_named(request, number)
    possible = answerable(request, ticket)
    form = ReplyForm(request.POST, request.FILES, possible)
    if not form.is_valid():
        return not_understood(request, ticket, form, _first_error(form))
    instead = INSTEAD.get(form.cleaned_data["instead"])
    try:
        if instead is not None:
            return instead(request, ticket, form, possible)
        send_at = _send_at(form)
        if send_at is not None:
            return _keep_for_later(request, ticket, form, send_at)
        _send(request, ticket, form)
    except Refused as error:
        return refused(request, ticket, form, error, possible)
    return back_to(request, ticket)


def _send(request: DeskRequest, ticket: Ticket, form: ReplyForm, **changes: Any) -> None:
    now, macro = timezone.now(), _macro(request, form)
    preferences = Preferences.read(request.user.preferences)
    hold = timedelta(seconds=preferences.undo_send_seconds)
    then = _then(request, form)
    does = Actions.read(macro.actions) if macro else None
    values: dict[str, Any] = {
        "conversation": form.cleaned_data["conversation"],
        "text": form.cleaned_data["text"],
        "files": [_file(upload) for upload in form.cleaned_data["uploads"]],
        "stored": _stored(request, ticket),
        "client_key": form.cleaned_data["client_key"],
        "seen_version": form.cleaned_data["seen_version"],
        "then": (does.then if does else "") or then,
        "actions": does,
        "hold_until": now + hold if hold else None,
        **changes,
    }
    composing.send(by=Actor.of(request.user), now=now, **values)
    if may_change(request.user) and not macro and then != preferences.send_then:
        prefer(user=request.user, send_then=then)


def _keep_for_later(
    request: DeskRequest, ticket: Ticket, form: ReplyForm, send_at: datetime
) -> HttpResponse:
    macro = _macro(request, form)
    later.write_for_later(
        conversation=form.cleaned_data["conversation"],
        text=form.cleaned_data["text"],
        send_at=send_at,
        by=Actor.of(request.user),
        now=timezone.now(),
        files=[_file(upload) for upload in form.cleaned_data["uploads"]],
        stored=_stored(request, ticket),
        client_key=form.cleaned_data["client_key"],
        seen_version=form.cleaned_data["seen_version"],
        then=(Actions.read(macro.actions).then if macro else "") or _then(request, form),
        macro=macro,
    )
    return back_to(request, ticket)


def _only_new(
    request: DeskRequest, ticket: Ticket, form: ReplyForm, places: list[Conversation]
) -> HttpResponse:
    """What the colleague has not said yet stays; it is looked at once more before it leaves."""
    return changed(request, ticket, form, text=form.cleaned_data["rest"])


def _as_note(
    request: DeskRequest, ticket: Ticket, form: ReplyForm, places: list[Conversation]
) -> HttpResponse:
    """Keep for colleagues what the customer need not read any more."""
    if not may_read_notes(request.user):
        raise Refused("not_allowed")
    with transaction.atomic():
        notes.add_note(
            ticket=ticket,
            text=form.cleaned_data["text"],
            by=Actor.of(request.user),
            now=timezone.now(),
            client_key=form.cleaned_data["client_key"],
        )
        drafts.drop(ticket=ticket, user=request.user, mode="reply")
    return back_to(request, ticket)


def _drop(
    request: DeskRequest, ticket: Ticket, form: ReplyForm, places: list[Conversation]
) -> HttpResponse:
    drafts.drop(ticket=ticket, user=request.user, mode="reply")
    return back_to(request, ticket)


def _without(
    request: DeskRequest, ticket: Ticket, form: ReplyForm, places: list[Conversation]
) -> HttpResponse:
    """Take out the sentences that must not leave this way."""
    return changed(request, ticket, form, text=form.cleaned_data["rest"])


def _in_private(
    request: DeskRequest, ticket: Ticket, form: ReplyForm, places: list[Conversation]
) -> HttpResponse:
    """Keep the whole text and say it in private."""
    place = remedies.private_place(form.cleaned_data["conversation"], places, timezone.now())
    if place is None:
        raise Refused("not_their_place")
    return changed(request, ticket, form, text=form.cleaned_data["text"], place=place)


def _in_two(
    request: DeskRequest, ticket: Ticket, form: ReplyForm, places: list[Conversation]
) -> HttpResponse:
    """Say in public what may be said there, and the rest, with the files, in private."""
    public, text = form.cleaned_data["conversation"], form.cleaned_data["text"]
    place = remedies.private_place(public, places, timezone.now())
    shown = exposed_by(public, text)
    if place is None or shown is None:
        raise Refused("not_their_place")
    parts = remedies.guard(text, shown.passages, place)
    with transaction.atomic():
        key = form.cleaned_data["client_key"]
        own = {"conversation": place, "text": parts.taken, "client_key": f"{key}p" if key else ""}
        _send(request, ticket, form, **own, hold_until=None, actions=None)
        if parts.kept:
            open_part = {"text": parts.kept, "files": (), "stored": (), "seen_version": None}
            _send(request, ticket, form, **open_part, hold_until=None)
    return back_to(request, ticket)


Instead = Callable[[DeskRequest, Ticket, ReplyForm, list[Conversation]], HttpResponse]
INSTEAD: dict[str, Instead] = {
    "new": _only_new,
    "note": _as_note,
    "drop": _drop,
    "without": _without,
    "private": _in_private,
    "two": _in_two,
}


def _send_at(form: ReplyForm) -> datetime | None:
    """The moment that was chosen, in the time of who chose it; none for at once."""
    span = form.cleaned_data["later"]
    if span in SPANS:
        return moment_after(span, timezone.localtime())
    moment: datetime | None = form.cleaned_data["send_at"]
    return moment if span == "at" else None


def _then(request: DeskRequest, form: ReplyForm) -> Then:
    """What becomes of the case: as the pressed button says, or as the last time."""
    if not may_change(request.user):
        return ""
    if "then" not in request.POST:
        return Preferences.read(request.user.preferences).send_then
    return then_named(form.cleaned_data["then"])


def _macro(request: DeskRequest, form: ReplyForm) -> Macro | None:
    """The macro whose actions come with the send; only what is offered to the person counts."""
    if not form.cleaned_data["macro"] or not may_change(request.user):
        return None
    return macros_for(request.user).filter(pk=form.cleaned_data["macro"]).first()


def _stored(request: DeskRequest, ticket: Ticket) -> list[StoredUpload]:
    """The files beside the draft that the page showed when Send was pressed."""
    shown = set(request.POST.getlist("draft_file"))
    return [
        StoredUpload(each.name, each.content_type, each.size, each.sha256)
        for each in files_of_draft(request.user, ticket)
        if str(each.pk) in shown
    ]


def _file(upload: "UploadedFile[bytes]") -> OutgoingFile:
    return OutgoingFile(
        name=str(upload.name),
        content_type=upload.content_type or "application/octet-stream",
        data=upload.read(),
    )


def _first_error(form: ReplyForm) -> str:
    if "conversation" in form.errors:
        return _("This conversation can no longer be answered here.")
    return next((str(errors[0]) for errors in form.errors.values()), "")
