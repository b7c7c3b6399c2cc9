"""Watch over reviews: remind before the time is over, delete the material when it is due."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q

from ...actor import SYSTEM
from ...models import Review, ReviewState
from ..refusals import Refused
from .deciding import end
from .opening import changing_review
from .telling import tell_news, tell_time

REMIND_BEFORE = timedelta(hours=12)
LAPSES_AFTER = timedelta(days=30)  # since anything was last uploaded or, without that, asked for
OPEN = (ReviewState.WAITING, ReviewState.CHECKING, ReviewState.SECOND)
ENDED = (ReviewState.APPROVED, ReviewState.REJECTED, ReviewState.LAPSED)


def kept_for() -> timedelta:
    """How long material is kept after the decision."""
    return timedelta(days=settings.REVIEW_KEPT_DAYS)


def remind_due(*, now: datetime, limit: int = 100) -> int:
    """Tell the desk of reviews whose time is nearly over, or over; return how many."""
    running = Review.objects.filter(decided_at__isnull=True, due_at__lte=now + REMIND_BEFORE)
    untold = Q(reminded_at__isnull=True) | Q(overdue_at__isnull=True, due_at__lte=now)
    return sum(_remind(each, now) for each in running.filter(untold)[:limit])


def delete_due(*, now: datetime, limit: int = 20) -> int:
    """Delete the material whose time has come, and let reviews lapse that nobody goes on with."""
    _lapse(now, limit)
    due = Review.objects.filter(delete_at__lte=now, deleted_at__isnull=True).order_by("delete_at")
    return sum(_delete(review, now) for review in due.select_related("ticket")[:limit])


def _remind(review: Review, now: datetime) -> bool:
    try:
        with changing_review(review, *OPEN, by=SYSTEM, now=now) as (change, ticket, locked):
            if locked.due_at is None:
                return False
            if locked.due_at <= now and locked.overdue_at is None:
                locked.reminded_at = locked.reminded_at or now
                locked.overdue_at = now
                change.record(ticket, "review_overdue", due=locked.due_at.isoformat())
                return True
            if locked.reminded_at is None:
                locked.reminded_at = now
                change.record(ticket, "review_due_soon", due=locked.due_at.isoformat())
                tell_time(change, ticket, locked.due_at)
                return True
    except Refused:
        pass  # decided a moment ago
    return False


def _lapse(now: datetime, limit: int) -> None:
    before = now - LAPSES_AFTER
    old = Review.objects.filter(decided_at__isnull=True, opened_at__lte=before)
    idle = old.filter(Q(material_at__isnull=True) | Q(material_at__lte=before))
    for review in idle.filter(state=ReviewState.WAITING).select_related("ticket")[:limit]:
        try:
            with changing_review(review, ReviewState.WAITING, by=SYSTEM, now=now) as found:
                change, ticket, locked = found
                end(change, locked, ReviewState.LAPSED, SYSTEM)
                change.record(ticket, "review_lapsed")
                tell_news(change, ticket)
        except Refused:
            continue  # something was uploaded a moment ago


def _delete(review: Review, now: datetime) -> bool:
    """Content first: a crash in between leaves rows without content, and the next round both."""
    with changing_review(review, *ENDED, by=SYSTEM, now=now) as (change, ticket, locked):
        if locked.deleted_at:
            return False
        for file in locked.files.all():
            default_storage.delete(file.path)
        locked.files.all().delete()
        locked.places = b""
        locked.deleted_at = now
        change.record(ticket, "review_deleted")
        return True
