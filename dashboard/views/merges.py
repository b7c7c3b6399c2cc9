"""Merging cases and splitting a conversation off."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import toasts
from dashboard.comparing import chosen_in, merge_page
from dashboard.desk import DeskRequest, desk, desk_page
from dashboard.looking import number as key
from dashboard.words import link_reason_in_words, plain_number, refusal_in_words
from tickets.actions import merging, splitting
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Conversation, Move, Ticket
from tickets.queries.relations import Relation, read_relations

from .cases import back_to
from .lookup import conversation_of, find_other, ticket_to_change, ticket_url


@dataclass(slots=True)
class Asked:
    """Which cases somebody wants to see as one, and which of them stays."""

    ticket: Ticket
    cases: list[Ticket]
    target: Ticket
    missing: list[str] = field(default_factory=list)
    is_same: bool = False

    @property
    def sources(self) -> list[Ticket]:
        return [each for each in self.cases if each != self.target]


@require_http_methods(["GET", "POST"])
@desk
def merge(request: DeskRequest, number: str) -> HttpResponse:
    """Show what merging other cases with this one would do; a POST does it.

    `number` may be given several times, in any writing; `keep` is the number of the survivor.
    """
    asked = _read(request, ticket_to_change(request, number))
    if request.method == "GET" or asked.missing or len(asked.cases) < 2:
        refusal = Refused("same") if asked.is_same and len(asked.cases) < 2 else None
        failed = request.method == "POST" and refusal is not None
        return _page(request, asked, refusal, status=409 if failed else 200)
    wanted = [key(pk) for pk in request.POST.getlist("tell")]
    told = Conversation.objects.filter(ticket__in=asked.sources, pk__in=wanted)
    try:
        done = merging.merge_several(
            sources=asked.sources,
            target=asked.target,
            by=Actor.of(request.user),
            now=timezone.now(),
            chosen=chosen_in(request.POST),
            tell=list(told),
        )
    except Refused as refused:
        return _page(request, asked, refused, status=409)
    joined = ", ".join(plain_number(each.number) for each in asked.sources)
    kept = plain_number(asked.target.number)
    toasts.push(request, "merged", undo=done.pk, undo_by="undo_merging", source=joined, target=kept)
    return redirect(ticket_url(asked.target.number))


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


def _read(request: DeskRequest, ticket: Ticket) -> Asked:
    form = request.POST if request.method == "POST" else request.GET
    asked = Asked(ticket, [ticket], ticket)
    for written in filter(str.strip, form.getlist("number")):
        other = find_other(request, written)
        if other is None:
            asked.missing.append(written)
        elif other == ticket:
            asked.is_same = True
        elif other not in asked.cases:
            asked.cases.append(other)
    kept = find_other(request, form.get("keep", ""))
    asked.target = kept if kept in asked.cases and kept is not None else ticket
    return asked


def _page(
    request: DeskRequest, asked: Asked, refused: Refused | None, *, status: int = 200
) -> HttpResponse:
    form = request.POST if request.method == "POST" else request.GET
    suggested = read_relations(asked.ticket, request.user).suggested
    reasons = _reasons(suggested, asked.cases)
    is_ready = len(asked.cases) > 1
    context = {
        "ticket": asked.ticket,
        "asked": asked,
        "page": merge_page(asked.cases, asked.target, form, reasons, timezone.now())
        if is_ready
        else None,
        "suggested": [each for each in suggested if each.other not in asked.cases],
        "refusal": refusal_in_words(refused) if refused else "",
    }
    return desk_page(request, "dashboard/merge.html", context, current=None, status=status)


def _reasons(suggested: Sequence[Relation], cases: Sequence[Ticket]) -> list[str]:
    """Why these are taken for one problem, as far as anything was said about it."""
    links = [each.link for each in suggested if each.other in cases]
    return [link_reason_in_words(link.reason) for link in links]
