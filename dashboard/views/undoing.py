"""Taking things back: first what that means and what has been said to whom, then doing it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard import toasts
from dashboard.desk import DeskRequest, desk, desk_page
from dashboard.words import refusal_in_words
from tickets.access import visible_tickets
from tickets.actions import doubting, linking, undo_preview, undoing
from tickets.actions.refusals import Refused
from tickets.actions.undo_preview import Lane, Said
from tickets.actor import Actor
from tickets.models import History, Merging, Message, Move, Ticket, User

from .cases import back_to
from .lookup import ticket_to_change


@dataclass(frozen=True, slots=True)
class Way:
    """What is taken back: who did it when, what it means, and how it is done.

    `parts` are moves of which each could be taken back alone.
    """

    title: str
    at: datetime
    by: User | None
    sent: list[Said]
    lanes: list[Lane] = field(default_factory=list)
    parts: list[Move] = field(default_factory=list)


@require_http_methods(["GET", "POST"])
@desk
def move(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Take back a merge of two, a split or a rejected claim."""
    ticket = ticket_to_change(request, number)
    found = _visible(request, ticket, Move.objects.filter(pk=pk))[0]

    def take_back() -> Iterable[Message]:
        by, now = Actor.of(request.user), timezone.now()
        return undoing.undo(move=found, by=by, now=now).already_sent

    if request.method == "POST":
        return _take_back(request, ticket, take_back)
    return _ask(request, ticket, _moved([found], str(found.get_kind_display())))


@require_http_methods(["GET", "POST"])
@desk
def merging(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Take back all that is left of a merge of several cases."""
    ticket = ticket_to_change(request, number)
    found = get_object_or_404(Merging.objects.select_related("merged_by"), pk=pk)
    moves = _visible(request, ticket, Move.objects.filter(merging=found))

    def take_back() -> Iterable[Message]:
        by, now = Actor.of(request.user), timezone.now()
        undone = undoing.undo_merging(merging=found, by=by, now=now)
        return {each.pk: each for one in undone for each in one.already_sent}.values()

    if request.method == "POST":
        return _take_back(request, ticket, take_back)
    standing = [each for each in moves if each.undone_at is None]
    return _ask(request, ticket, _moved(standing or moves[:1], str(moves[0].get_kind_display())))


@require_http_methods(["GET", "POST"])
@desk
def link(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Take back the link that a row of this case's history tells of."""
    ticket = ticket_to_change(request, number)
    row = _row(ticket, pk, linking.LINKS)
    if request.method == "POST":
        return _take_back(
            request,
            ticket,
            lambda: _nothing(
                linking.unlink_identity(link=row, by=Actor.of(request.user), now=timezone.now())
            ),
            code="unlinked",
            name=str(row.data["name"]),
        )
    return _ask(request, ticket, _decided(row, _("Account linked"), row.data["identity"]))


@require_http_methods(["GET", "POST"])
@desk
def doubt(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Take back that a claim was verified."""
    ticket = ticket_to_change(request, number)
    row = _row(ticket, pk, (doubting.VERIFIED,))
    if request.method == "POST":
        return _take_back(
            request,
            ticket,
            lambda: _nothing(
                doubting.doubt(verified=row, by=Actor.of(request.user), now=timezone.now())
            ),
        )
    claim = ticket.conversations.filter(pk=row.data["conversation"]).first()
    return _ask(
        request, ticket, _decided(row, _("Claim verified"), claim.identity_id if claim else 0)
    )


def _take_back(
    request: DeskRequest,
    ticket: Ticket,
    take_back: Callable[[], Iterable[Message]],
    code: str = "undone",
    name: str = "",
) -> HttpResponse:
    try:
        sent = take_back()
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        toasts.push(request, code, already_sent=[_said(message) for message in sent], name=name)
    return back_to(request, ticket)


def _ask(request: DeskRequest, ticket: Ticket, way: Way) -> HttpResponse:
    context = {"ticket": ticket, "way": way, "now": timezone.now()}
    return desk_page(request, "dashboard/undo.html", context, current=None)


def _moved(moves: list[Move], title: str) -> Way:
    return Way(
        title=title,
        at=moves[0].moved_at,
        by=moves[0].moved_by,
        sent=undo_preview.said_since(moves),
        lanes=undo_preview.lanes(moves),
        parts=moves if len(moves) > 1 else [],
    )


def _decided(row: History, title: str, identity: int) -> Way:
    return Way(
        title=title,
        at=row.at,
        by=row.actor_user,
        sent=undo_preview.said_to(identity, row.ticket, row.at),
    )


def _visible(request: DeskRequest, ticket: Ticket, moves: QuerySet[Move]) -> list[Move]:
    """Moves of this case whose other ends are visible too, for undoing changes both. Else 404."""
    found = [*moves.select_related("source", "target", "moved_by").order_by("pk")]
    ends = {pk for each in found for pk in (each.source_id, each.target_id)}
    seen = visible_tickets(request.user).filter(pk__in=ends).count()
    if ticket.pk not in ends or seen < len(ends):
        raise Http404
    return found


def _row(ticket: Ticket, pk: int, codes: Iterable[str]) -> History:
    rows = History.objects.filter(ticket=ticket, code__in=codes)
    return get_object_or_404(rows.select_related("ticket", "actor_user"), pk=pk)


def _nothing(_done: object) -> Iterable[Message]:
    return ()


def _said(message: Message) -> dict[str, str]:
    conversation = message.conversation
    who = f"{conversation.channel} · {conversation.identity}" if conversation else ""
    return {"who": who, "text": message.text[:120]}
