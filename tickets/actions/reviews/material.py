"""Take what a customer uploads to prove who they are: pictures and words, sealed at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ... import pictures, sealing
from ...access import case_of_customer
from ...actor import Actor
from ...models import Identity, Review, ReviewFile, ReviewState
from ..refusals import Refused
from .opening import changing_review

TIME = timedelta(hours=48)  # within which the customer has our word
MOST_FILES = 8  # of one review
LONGEST_PLACES = 4000


def add_material(
    *,
    review: Review,
    identity: Identity,
    photos: Sequence[bytes] = (),
    places: str = "",
    now: datetime,
) -> Review:
    """Seal what the customer uploads; the first material starts the clock.

    Raises Refused: empty, not_a_picture, too_many, too_long, not_theirs or review_moved_on;
    then nothing was kept.
    """
    places = places.strip()
    if not photos and not places:
        raise Refused("empty")
    if len(places) > LONGEST_PLACES:
        raise Refused("too_long", limit=LONGEST_PLACES)
    drawn = [_redrawn(photo) for photo in photos]
    by = Actor.customer(identity)
    allowed = (ReviewState.WAITING, ReviewState.CHECKING)
    with changing_review(review, *allowed, by=by, now=now) as (change, ticket, locked):
        fresh = Identity.objects.get(pk=identity.pk)
        if case_of_customer(fresh, ticket) is None:
            raise Refused("not_theirs")
        if locked.files.count() + len(drawn) > MOST_FILES:
            raise Refused("too_many", limit=MOST_FILES)
        for photo in drawn:
            _keep(locked, photo, now)
        if places:
            locked.places = _with_places(locked, places)
        locked.state, locked.wanted = ReviewState.CHECKING, ""
        locked.material_at = now
        if locked.due_at is None:
            locked.due_at = now + TIME
        change.record(ticket, "review_material", files=len(drawn), places=bool(places))
        return locked


def place_of(review: Review) -> str:
    """For what the written part of a review is sealed."""
    return f"review:{review.pk}:places"


def place_of_file(file: ReviewFile) -> str:
    return f"review:{file.review_id}:{file.pk}"


def _redrawn(photo: bytes) -> bytes:
    try:
        return pictures.redrawn(photo)
    except pictures.Unreadable:
        raise Refused("not_a_picture") from None


def _keep(review: Review, photo: bytes, now: datetime) -> None:
    """File before row, as everywhere; one that a rolled back transaction left says nothing."""
    key = uuid4()
    file = ReviewFile(id=key, review=review, size=len(photo), created_at=now)
    sealed = sealing.seal(photo, place=place_of_file(file))
    file.path = default_storage.save(f"reviews/{key.hex[:2]}/{key.hex}", ContentFile(sealed))
    file.save()


def _with_places(review: Review, places: str) -> bytes:
    place = place_of(review)
    sealed = bytes(review.places)
    before = sealing.unseal(sealed, place=place).decode() if sealed else ""
    words = f"{before}\n\n{places}".strip()[-2 * LONGEST_PLACES :]
    return sealing.seal(words.encode(), place=place)
