"""What stands around a case on its customer's page: what they may do, and how a review goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tickets.actions import own_case, wording
from tickets.actions.chains import merged_tree
from tickets.actions.reviews import MOST_FILES
from tickets.models import Identity, Rating, Review, ReviewState, Ticket

from . import qr
from .viewers import Viewer

SCORES = (
    (1, _("Very bad")),
    (2, _("Bad")),
    (3, _("Fair")),
    (4, _("Good")),
    (5, _("Very good")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the customer can be answered."""

    identity: Identity
    channel: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ReviewStep:
    label: Promise
    is_done: bool
    is_current: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReviewPane:
    """How a review stands; the customer sees when somebody looked, but not who."""

    review: Review
    steps: Sequence[ReviewStep]
    files: int
    looks: Sequence[datetime]
    left: timedelta | None

    @property
    def takes_material(self) -> bool:
        return self.review.state in {ReviewState.WAITING, ReviewState.CHECKING}

    @property
    def hours_left(self) -> int:
        return int(self.left.total_seconds() // 3600) if self.left else 0

    @property
    def minutes_left(self) -> int:
        return int(self.left.total_seconds() % 3600 // 60) if self.left else 0


@dataclass(frozen=True, slots=True)
class Panes:
    """All that stands around the case; of a thread alone, only its code."""

    qr: SafeString
    is_by_code: bool
    open_until: datetime | None
    case: Ticket | None = None
    places: Sequence[Place] = ()
    rating: Rating | None = None
    may_take_up: bool = False
    answer_due: datetime | None = None
    review: ReviewPane | None = None
    scores: Sequence[tuple[int, Promise]] = SCORES
    most_photos: int = MOST_FILES


def panes(viewer: Viewer, now: datetime) -> Panes:
    """What a viewer may see and do besides writing."""
    until = viewer.proof.granted_until if viewer.proof else None
    code = qr.svg(wording.page_of(viewer.key.number), title=wording.printed(viewer.key.number))
    case = viewer.case
    if case is None or viewer.identity is None:
        return Panes(code, viewer.proof is not None, until)
    due = case.due_at
    return Panes(
        qr=code,
        is_by_code=viewer.proof is not None,
        open_until=until,
        case=case,
        places=_places(viewer.identity, case),
        rating=own_case.standing_rating(case) if case.is_closed else None,
        may_take_up=own_case.may_take_up(case, now),
        answer_due=due if due and due > now and case.waiting_since else None,
        review=_review(case, now),
    )


def _places(identity: Identity, case: Ticket) -> list[Place]:
    found = own_case.places(case, identity)
    return [Place(c.identity, c.channel.label, c.identity_id == case.answer_by_id) for c in found]


def _review(case: Ticket, now: datetime) -> ReviewPane | None:
    """The newest review of the case, whichever merged part of it it was opened on."""
    reviews = Review.objects.filter(ticket__in=merged_tree(case.pk)).order_by("-opened_at", "-pk")
    review = reviews.prefetch_related("files", "views").first()
    if review is None:
        return None
    runs = review.due_at is not None and not review.is_decided
    return ReviewPane(
        review=review,
        steps=_steps(review),
        files=len(review.files.all()),
        looks=sorted({look.at for look in review.views.all()}),
        left=max(review.due_at - now, timedelta(0)) if runs and review.due_at else None,
    )


def _steps(review: Review) -> list[ReviewStep]:
    order = (ReviewState.WAITING, ReviewState.CHECKING, ReviewState.SECOND)
    at = order.index(ReviewState(review.state)) + 1 if review.state in order else len(order) + 1
    labels = (
        (_("Reported"), review.opened_at),
        (_("Your material"), review.material_at),
        (_("Checked"), None),
        (_("Second person"), None),
        (_("Decided"), review.decided_at),
    )
    return [
        ReviewStep(label, is_done=n < at or review.is_decided, is_current=n == at, at=moment)
        for n, (label, moment) in enumerate(labels)
    ]
