"""Identity reviews, and what takes two people; material is for reviewers alone, on record."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk, desk_page
from dashboard.words import refusal_in_words
from tickets import pictures
from tickets.access import NotAllowed, may_review
from tickets.actions import approvals, reviews
from tickets.actions.chains import merged_tree
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import Approval, Review, ReviewFile, ReviewState, Ticket

from .cases import back_to
from .files import SEALED
from .lookup import ticket_named, ticket_to_change


@require_POST
@desk
def opening(request: DeskRequest, number: str) -> HttpResponse:
    """Ask the customer, on their case page, to prove who they are."""
    ticket = ticket_to_change(request, number)
    return _done(request, ticket, "review_opened", reviews.open_review, ticket=ticket)


@require_GET
@desk
def review(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """The material of a review; opening this page is a look at its written part."""
    ticket, found = _review(request, number, pk)
    now = timezone.now()
    places = reviews.look_at_places(review=found, viewer=request.user, now=now)
    context = {
        "ticket": ticket,
        "review": found,
        "places": places,
        "files": found.files.order_by("created_at", "pk"),
        "looks": found.views.select_related("viewer").order_by("-at", "-pk"),
        "may_decide": found.state == ReviewState.CHECKING,
        "may_want_more": found.state in {ReviewState.CHECKING, ReviewState.WAITING},
        "now": now,
    }
    return desk_page(request, "dashboard/review.html", context, current=None)


@require_GET
@desk
def photo(request: DeskRequest, number: str, pk: int, file: UUID) -> HttpResponse:
    """One picture, with the viewer's name and the time across it; never the picture itself."""
    _ticket, found = _review(request, number, pk)
    kept = get_object_or_404(ReviewFile.objects.select_related("review"), review=found, pk=file)
    try:
        shown = reviews.look_at_file(file=kept, viewer=request.user, now=timezone.now())
    except (Refused, NotAllowed, pictures.Unreadable) as error:
        raise Http404 from error
    response = HttpResponse(shown, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = SEALED
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@desk
def decision(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """The material proves it, which a second person must agree to; or it does not."""
    ticket, found = _review(request, number, pk)
    agrees = request.POST.get("agrees") == "yes"
    said = "second_person" if agrees else "review_rejected"
    return _done(request, ticket, said, reviews.decide, review=found, agrees=agrees)


@require_POST
@desk
def more(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Tell the customer what is missing."""
    ticket, found = _review(request, number, pk)
    wanted = request.POST.get("wanted", "")
    return _done(request, ticket, "more_wanted", reviews.ask_for_more, review=found, wanted=wanted)


@require_POST
@desk
def refund(request: DeskRequest, number: str) -> HttpResponse:
    """Ask for a second person's word on a refund."""
    ticket = ticket_to_change(request, number)
    note = request.POST.get("note", "")
    act = approvals.ask_for_refund
    return _done(request, ticket, "second_person", act, ticket=ticket, note=note)


@require_POST
@desk
def approval(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Agree or refuse as the second person."""
    ticket = ticket_to_change(request, number)
    mine = Approval.objects.filter(ticket__in=merged_tree(ticket.pk)).select_related("ticket")
    found = get_object_or_404(mine, pk=pk)
    agrees = request.POST.get("agrees") == "yes"
    return _done(request, ticket, "", approvals.decide, approval=found, agrees=agrees)


def _review(request: DeskRequest, number: str, pk: int) -> tuple[Ticket, Review]:
    """A review of a visible case, for who may see its material. Raises Http404 for anybody else."""
    ticket = ticket_named(request, number)
    if not may_review(request.user):
        raise Http404
    reviews_of = Review.objects.filter(ticket__in=merged_tree(ticket.pk))
    return ticket, get_object_or_404(reviews_of.select_related("ticket", "decided_by"), pk=pk)


def _done(
    request: DeskRequest, ticket: Ticket, said: str, act: Callable[..., Any], /, **values: Any
) -> HttpResponse:
    """Do it and go back to the case, which says why where it was not done."""
    try:
        act(**values, by=Actor.of(request.user), now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    except NotAllowed as error:
        raise Http404 from error
    else:
        if said:
            toasts.push(request, said)
    return back_to(request, ticket)
