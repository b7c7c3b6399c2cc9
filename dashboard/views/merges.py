"""Merging two cases, splitting a conversation off, and taking either back."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk, desk_page
from dashboard.words import plain_number, refusal_in_words
from tickets.access import visible_tickets
from tickets.actions import merging, splitting, undoing
from tickets.actions.merging import MergePreview, MergeRefused
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.case_numbers import parse_one
from tickets.models import Message, Move, Ticket
from tickets.queries.case import ticket_by_any_number

from .cases import back_to
from .lookup import conversation_of, prefix, ticket_to_change, ticket_url


@require_http_methods(["GET", "POST"])
@desk
def merge(request: DeskRequest, number: str) -> HttpResponse:
    """Show what merging another case into this one would do; a POST does it.

    With `keep=other` the other case survives instead.
    """
    ticket = ticket_to_change(request, number)
    asked = request.POST if request.method == "POST" else request.GET
    other = _other(request, asked.get("number", ""))
    if asked.get("number") and other is None:
        return _merge_page(request, ticket, None, missing=True)
    if other is None:
        return _merge_page(request, ticket, None)
    source, target = (ticket, other) if asked.get("keep") == "other" else (other, ticket)
    if request.method == "GET":
        return _merge_page(request, ticket, merging.preview(source, target))
    try:
        by = Actor.of(request.user)
        move = merging.merge(source=source, target=target, by=by, now=timezone.now())
    except MergeRefused:
        return _merge_page(request, ticket, merging.preview(source, target), status=409)
    joined, kept = plain_number(source.number), plain_number(target.number)
    toasts.push(request, "merged", undo=move.pk, source=joined, target=kept)
    return redirect(ticket_url(target.number))


@require_POST
@desk
def split(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Give a conversation a case of its own."""
    ticket = ticket_to_change(request, number)
    conversation = conversation_of(request, ticket, pk)
    by = Actor.of(request.user)
    try:
        fresh = splitting.split(conversation=conversation, by=by, now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
        return back_to(request, ticket)
    move = Move.objects.filter(target=fresh, kind="split").latest("pk")
    toasts.push(request, "split", undo=move.pk, number=plain_number(fresh.number))
    return back_to(request, ticket)


@require_http_methods(["GET", "POST"])
@desk
def undo(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Show what customers were told since a merge or split; a POST takes it back."""
    ticket = ticket_to_change(request, number)
    move = _move(request, ticket, pk)
    if request.method == "GET":
        context = {"ticket": ticket, "move": move, "sent": undoing.sent_since(move)}
        return desk_page(request, "dashboard/undo.html", context, current=None)
    try:
        undone = undoing.undo(move=move, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
        return back_to(request, ticket)
    toasts.push(request, "undone", already_sent=[_said(m) for m in undone.already_sent])
    return back_to(request, ticket)


def _merge_page(
    request: DeskRequest,
    ticket: Ticket,
    preview: MergePreview | None,
    *,
    missing: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "preview": preview,
        "refusal": refusal_in_words(Refused(preview.refusal)) if preview else "",
        "missing": missing,
        "written": request.GET.get("number", ""),
        "keeps_other": request.GET.get("keep") == "other",
        "other": preview and (preview.source if preview.target == ticket else preview.target),
    }
    return desk_page(request, "dashboard/merge.html", context, current=None, status=status)


def _other(request: DeskRequest, written: str) -> Ticket | None:
    """The other case, by any of its numbers, if it is there for the person who asks."""
    number = parse_one(written, prefix=prefix())
    if number is None:
        return None
    try:
        found, _was_merged = ticket_by_any_number(request.user, number)
    except Ticket.DoesNotExist:
        return None
    return found


def _move(request: DeskRequest, ticket: Ticket, pk: int) -> Move:
    """A move of this case whose other end is visible too, for undoing changes both."""
    move = Move.objects.select_related("source", "target", "moved_by").filter(pk=pk).first()
    if move is None or ticket.pk not in {move.source_id, move.target_id}:
        raise Http404
    ends = visible_tickets(request.user).filter(pk__in={move.source_id, move.target_id})
    if ends.count() < 2:
        raise Http404
    return move


def _said(message: Message) -> dict[str, str]:
    conversation = message.conversation
    who = f"{conversation.channel} · {conversation.identity}" if conversation else ""
    return {"who": who, "text": message.text[:120]}
