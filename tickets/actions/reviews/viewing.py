"""Look at the material of a review: only who may, only marked with their name, only on record."""

from datetime import datetime

from django.core.files.storage import default_storage
from django.utils.timezone import localtime

from ... import pictures, sealing
from ...access import NotAllowed, may_review, visible_tickets
from ...models import Review, ReviewFile, ReviewView, User
from ..chains import with_survivors
from ..refusals import Refused
from .material import place_of, place_of_file


def look_at_file(*, file: ReviewFile, viewer: User, now: datetime) -> bytes:
    """The picture with the viewer's name and the time across it; the look is recorded first.

    Raises NotAllowed, or Refused("review_deleted").
    """
    _check(file.review, viewer)
    try:
        with default_storage.open(file.path) as kept:
            photo = sealing.unseal(kept.read(), place=place_of_file(file))
    except FileNotFoundError:
        raise Refused("review_deleted") from None
    ReviewView.objects.create(review=file.review, file=file, is_photo=True, viewer=viewer, at=now)
    time = f"{localtime(now):%Y-%m-%d %H:%M}"
    return pictures.watermarked(photo, [viewer.name, viewer.email, time])


def look_at_places(*, review: Review, viewer: User, now: datetime) -> str:
    """What the customer wrote about earlier log-ins; the look is recorded. Raises NotAllowed."""
    _check(review, viewer)
    if not review.places:
        return ""
    words = sealing.unseal(bytes(review.places), place=place_of(review)).decode()
    ReviewView.objects.create(review=review, is_photo=False, viewer=viewer, at=now)
    return words


def _check(review: Review, viewer: User) -> None:
    parts = [ticket.pk for ticket in with_survivors([review.ticket_id])]
    is_visible = visible_tickets(viewer).filter(pk__in=parts).exists()
    if not (may_review(viewer) and is_visible):
        raise NotAllowed
