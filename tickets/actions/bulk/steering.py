"""Stop a run, repeat what was not done, take back what was."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from ... import events
from ...models import BulkItem, BulkRun, BulkState, BulkUndo, User
from ..refusals import Refused

STOPPED = "stopped"


def stop(*, run: BulkRun, now: datetime) -> int:
    """Do nothing more of a run, neither forth nor back; return how many cases were left out."""
    with _held(run) as locked:
        left = _leave_out(locked)
        left += locked.items.filter(undo=BulkUndo.WANTED).update(undo=BulkUndo.NONE)
        locked.stopped_at = locked.finished_at = now
        locked.save(update_fields=("stopped_at", "finished_at"))
    return left


def repeat(*, run: BulkRun, now: datetime, item: int | None = None, force: bool = False) -> int:
    """Try again what failed or was left out by stopping; return how many cases that are.

    With `item` that case alone, whyever it was passed over; `force` does it although somebody is
    writing there. Raises Refused("nothing_to_repeat").
    """
    with _held(run) as locked:
        again = _to_repeat(locked, item)
        count = again.update(
            state=BulkState.WAITING, code="", data={}, is_forced=force, done_at=None
        )
        if not count:
            raise Refused("nothing_to_repeat")
        _take_up(locked, now)
    return count


def take_back(*, run: BulkRun, by: User, now: datetime, item: int | None = None) -> int:
    """Have what was done taken back, all of it or one case; return how many cases that are.

    Taking all back also stops what is not done yet. Raises Refused("nothing_to_undo").
    """
    with _held(run) as locked:
        if item is None:
            _leave_out(locked)
        done = locked.items.filter(state=BulkState.DONE).exclude(undo=BulkUndo.DONE)
        # What could not be taken back is tried again only where somebody asks for that very case.
        wanted = done.filter(undo=BulkUndo.NONE) if item is None else done.filter(pk=item)
        count = wanted.update(undo=BulkUndo.WANTED)
        if not count:
            raise Refused("nothing_to_undo")
        locked.undo_by = by
        _take_up(locked, now)
    return count


@contextmanager
def _held(run: BulkRun) -> Iterator[BulkRun]:
    """The run, locked to the end of a transaction."""
    with transaction.atomic():
        yield BulkRun.objects.select_for_update().get(pk=run.pk)


def _leave_out(run: BulkRun) -> int:
    waiting = run.items.filter(state=BulkState.WAITING)
    return waiting.update(state=BulkState.SKIPPED, code=STOPPED)


def _to_repeat(run: BulkRun, item: int | None) -> QuerySet[BulkItem]:
    passed = run.items.filter(state__in=[BulkState.FAILED, BulkState.SKIPPED])
    if item is not None:
        return passed.filter(pk=item)
    return passed.filter(Q(state=BulkState.FAILED) | Q(code=STOPPED))


def _take_up(run: BulkRun, now: datetime) -> None:
    run.stopped_at = run.finished_at = None
    run.worked_at = now  # from now on somebody is waited for
    run.save(update_fields=("stopped_at", "finished_at", "worked_at", "undo_by"))
    events.announce(bulk_runs=[run.pk])
