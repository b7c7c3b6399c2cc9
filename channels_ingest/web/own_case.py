"""What a customer does on their case's page besides writing: each is one press of one button."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tickets import pictures
from tickets.actions import own_case, reviews
from tickets.actions.chains import merged_tree
from tickets.actions.refusals import Refused
from tickets.models import Identity, Review, Ticket

from . import reading
from .case_page import address_of, for_viewer, shown
from .limits import TooMany, count_attempt
from .submission import LIMITED
from .viewers import Viewer

CHANGES = 30  # in ten minutes from one network
REFUSED = 409


@require_POST
@for_viewer
def resolution(request: HttpRequest, viewer: Viewer, now: datetime) -> HttpResponse:
    """The customer says that it is solved."""
    return _done(
        request,
        viewer,
        now,
        lambda case, me: own_case.close(ticket=case, identity=me, now=now),
        "rating",
    )


@require_POST
@for_viewer
def reopening(request: HttpRequest, viewer: Viewer, now: datetime) -> HttpResponse:
    """The customer says that it is not solved after all."""
    return _done(
        request,
        viewer,
        now,
        lambda case, me: own_case.take_up(ticket=case, identity=me, now=now),
        "reply",
    )


@require_POST
@for_viewer
def rating(request: HttpRequest, viewer: Viewer, now: datetime) -> HttpResponse:
    """One to five and a word."""
    given = request.POST.get("score", "")
    score = int(given) if given.isascii() and given.isdigit() and len(given) == 1 else 0
    word = request.POST.get("word", "")
    return _done(
        request,
        viewer,
        now,
        lambda case, me: own_case.rate(ticket=case, identity=me, score=score, word=word, now=now),
        "rating",
    )


@require_POST
@for_viewer
def answers(request: HttpRequest, viewer: Viewer, now: datetime) -> HttpResponse:
    """Where the customer wants to be answered."""
    given = request.POST.get("place", "")
    key = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0

    def choose(case: Ticket, me: Identity) -> Any:
        place = Identity.objects.filter(pk=key, contact=me.contact_id).first() if given else None
        if given and place is None:
            raise Refused("not_their_place")
        return own_case.answer_by(ticket=case, identity=me, place=place, now=now)

    return _done(request, viewer, now, choose, "answers")


@require_POST
@for_viewer
def review(request: HttpRequest, viewer: Viewer, now: datetime) -> HttpResponse:
    """Pictures and words that prove who the customer is: never among the case's own files."""
    uploads = request.FILES.getlist("photos")[: reviews.MOST_FILES + 1]
    places = request.POST.get("places", "")

    def add(case: Ticket, me: Identity) -> Any:
        open_ones = Review.objects.filter(ticket__in=merged_tree(case.pk), decided_at__isnull=True)
        found = open_ones.select_related("ticket").first()
        if found is None:
            raise Refused("review_moved_on")
        photos = [_content(each) for each in uploads]
        return reviews.add_material(
            review=found, identity=me, photos=photos, places=places, now=now
        )

    return _done(request, viewer, now, add, "review")


def _content(upload: "UploadedFile[Any]") -> bytes:
    if (upload.size or 0) > pictures.LARGEST:
        raise Refused("not_a_picture")
    content: bytes = upload.read()
    return content


def _done(
    request: HttpRequest, viewer: Viewer, now: datetime, act: Any, anchor: str
) -> HttpResponse:
    """Do it and go back to the page, or show the page with why it was not done."""
    try:
        count_attempt(request, "change", limit=CHANGES, now=now)
        if viewer.case is None or viewer.identity is None:
            raise Refused("not_theirs")
        act(viewer.case, viewer.identity)
    except TooMany as refused:
        minutes = -(-refused.wait // 60)
        said = _("Too many attempts from your network. Please try again in {minutes} minutes.")
        problems, status = [said.format(minutes=minutes)], LIMITED
    except Refused as refused:
        problems, status = [_why(refused)], REFUSED
    else:
        return redirect(f"{address_of(viewer, now)}#{anchor}")
    read = reading.read_page(viewer)
    return shown(request, viewer, read, now, problems=problems, status=status)


def _why(refused: Refused) -> str:
    """Why it was not done, in words for a customer."""
    words = {
        "empty": _("There is nothing to send yet."),
        "not_a_picture": _("Please send photos as JPEG, PNG or WebP of at most 10 MB each."),
        "too_many": _("These are more photos than one review takes."),
        "too_long": _("This text is too long."),
        "too_late": _("This case was resolved too long ago. Please report the problem again."),
        "unknown_value": _("Please choose one to five."),
        "not_closed": _("A case can be rated once it is resolved."),
        "not_their_place": _("Answers cannot go there at present."),
        "review_moved_on": _("The review takes no more material now."),
        "not_theirs": _("This can be done once the case is open to you."),
    }
    return words.get(refused.code, _("This case has changed meanwhile. Please look again."))
