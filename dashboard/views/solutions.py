"""Which articles solved a case, as agents note it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.words import refusal_in_words
from tickets.actions import knowledge
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Article, SolvedBy

from .cases import back_to
from .lookup import ticket_to_change


@require_POST
@desk
def create(request: DeskRequest, number: str) -> HttpResponse:
    """Note that an article solved the case."""
    ticket = ticket_to_change(request, number)
    article = get_object_or_404(Article, slug=request.POST.get("article", ""))
    by, now = Actor.of(request.user), timezone.now()
    try:
        knowledge.mark_solved(
            article=article, ticket=ticket, said_by=SolvedBy.AGENT, by=by, now=now
        )
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)


@require_POST
@desk
def removal(request: DeskRequest, number: str, slug: str) -> HttpResponse:
    """Take it back."""
    ticket = ticket_to_change(request, number)
    article = get_object_or_404(Article, slug=slug)
    by, now = Actor.of(request.user), timezone.now()
    try:
        knowledge.unmark_solved(article=article, ticket=ticket, by=by, now=now)
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    return back_to(request, ticket)
