"""Keep count of the tries of each envelope, so that one that kills its worker is given up.

A try is committed before it begins. An orderly end, good or bad, is written over that mark;
a worker that dies leaves it behind, and then the envelope is tried alone and later each time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from . import lanes
from .lanes import Waiting
from .models import Envelope, EnvelopeState

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 80))
MOST_ATTEMPTS = len(PAUSES)
KILLED = {"code": "killed_worker", "detail": "the process that tried it ended before it was done"}


def begin(*, now: datetime) -> list[Waiting]:
    """Claim the next batch and commit that it is being tried. One query more, however large.

    Until the pause after this try is over no other worker takes it up, should this one die.
    """
    with transaction.atomic():
        batch = lanes.claim(now=now)
        if not batch or _is_hopeless(batch[0]):
            return batch
        with connection.cursor() as cursor:
            # A lost mark does no harm: only a crash of the server could lose it, and no envelope
            # caused that. So this commit, of which there is one for each batch, need not wait.
            cursor.execute("SET LOCAL synchronous_commit = off")
        Envelope.objects.filter(pk__in=[each.pk for each in batch]).update(
            attempts=F("attempts") + 1,
            retry_at=now + pause_after(batch[0].attempts + 1),
            error=KILLED,
        )
    return batch


def pause_after(attempts: int) -> timedelta:
    """How long an envelope waits after its first, second … try."""
    return PAUSES[min(attempts, MOST_ATTEMPTS) - 1]


def bury_hopeless(batch: Sequence[Waiting], *, now: datetime) -> bool:
    """Give up a suspect that was tried often enough, for the reason that its last try left."""
    if not _is_hopeless(batch[0]):
        return False
    Envelope.objects.filter(pk=batch[0].pk, state=EnvelopeState.NEW).update(
        state=EnvelopeState.DEAD, retry_at=None, processed_at=now
    )
    return True


def take_back(batch: Sequence[Waiting]) -> None:
    """Forget that these were to be tried: they were not."""
    unread = Envelope.objects.filter(pk__in=[each.pk for each in batch], state=EnvelopeState.NEW)
    unread.update(attempts=F("attempts") - 1, retry_at=None, error={})


def note_failure(waiting: Waiting, error: Exception, *, now: datetime) -> None:
    """Have the sweep try again later, its lane waiting; after some attempts give it up."""
    with transaction.atomic():
        envelope = Envelope.objects.select_for_update().get(pk=waiting.pk)
        if envelope.state != EnvelopeState.NEW:
            return
        detail = f"{type(error).__name__}: {error}"
        if envelope.attempts >= MOST_ATTEMPTS:
            bury(envelope, "internal", detail, now=now)
        else:
            envelope.error = _error("internal", detail)
            envelope.retry_at = now + pause_after(envelope.attempts)
        envelope.save(update_fields=("state", "error", "retry_at", "processed_at"))


def bury(envelope: Envelope, code: str, detail: str, *, now: datetime) -> None:
    """Make a dead letter of an envelope; the caller saves it."""
    envelope.state = EnvelopeState.DEAD
    envelope.error = _error(code, detail)
    envelope.retry_at = None
    envelope.processed_at = now


def _is_hopeless(waiting: Waiting) -> bool:
    return waiting.attempts >= MOST_ATTEMPTS


def _error(code: str, detail: str) -> dict[str, Any]:
    return {"code": code, "detail": detail.replace("\0", "")[:500]}
