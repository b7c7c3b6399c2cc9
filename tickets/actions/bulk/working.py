"""Work through a run: each case under its own lock, in a transaction of its own."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from ... import events
from ...access import may_change, visible_tickets
from ...actor import Actor
from ...locking import lock_tickets
from ...models import ActorKind, BulkItem, BulkRun, BulkState, BulkUndo, Ticket, User
from ...queries.presence import typing_on
from ..refusals import Refused
from .deeds import DEEDS, Deed, before, facts
from .given import Given, look_up
from .putting_back import put_back

MOST_AT_ONCE = 20  # cases of one task, so that none keeps a worker for long
KEPT = timedelta(days=30)
_PATIENCE = timedelta(seconds=15)
_TO_DO = Q(state=BulkState.WAITING) | Q(undo=BulkUndo.WANTED)
_OLD_AT_ONCE = 20
logger = logging.getLogger(__name__)


class _Passed(Exception):
    """The case is left alone, for a reason that is no failure."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the next cases of a run have in common."""

    run: BulkRun
    deed: Deed
    given: Given
    refusal: Refused | None
    typists: dict[int, str]
    now: datetime


def work(*, run_id: int, now: datetime, limit: int = MOST_AT_ONCE) -> bool:
    """Take the next cases of a run in hand; return whether more are left.

    Safe to be called twice, at once too: a case is claimed under its lock.
    """
    run = BulkRun.objects.select_related("by", "undo_by").filter(pk=run_id).first()
    if run is None or run.finished_at is not None:
        return False
    BulkRun.objects.filter(pk=run_id).update(worked_at=now)
    items = list(run.items.filter(_TO_DO).order_by("place")[:limit])
    with events.gathering():
        batch = _prepared(run, items, now)
        for item in items:
            _take_up(batch, item)
    return len(items) == limit or not _finish(run_id, now)


def neglected(*, now: datetime) -> list[int]:
    """The runs that are not finished and that no worker has touched for a while."""
    runs = BulkRun.objects.filter(finished_at__isnull=True)
    silent = Q(worked_at__isnull=True) | Q(worked_at__lte=now - _PATIENCE)
    return list(runs.filter(silent).order_by("made_at").values_list("pk", flat=True))


def forget_old(*, now: datetime) -> int:
    """Drop what was done more than KEPT ago; return how many runs that were."""
    old = BulkRun.objects.filter(made_at__lt=now - KEPT, finished_at__isnull=False)
    keys = list(old.order_by("made_at").values_list("pk", flat=True)[:_OLD_AT_ONCE])
    BulkRun.objects.filter(pk__in=keys).delete()
    return len(keys)


def _prepared(run: BulkRun, items: Sequence[BulkItem], now: datetime) -> _Batch:
    deed = DEEDS[run.action]
    given, refusal = Given(), None
    try:
        given = look_up(run.action, run.given)
    except Refused as refused:
        refusal = refused
    waiting = [item.ticket_id for item in items if item.state == BulkState.WAITING]
    typists = typing_on(waiting, other_than=run.by) if deed.disturbs and waiting else {}
    return _Batch(run, deed, given, refusal, typists, now)


def _take_up(batch: _Batch, item: BulkItem) -> None:
    """Do one case, or take it back. What goes wrong with one does not stop the others."""
    step = _undo if item.undo == BulkUndo.WANTED else _do
    try:
        with transaction.atomic():
            # Tickets come before everything else that is locked.
            ticket = lock_tickets([item.ticket_id]).get(item.ticket_id)
            claimed = BulkItem.objects.select_for_update(of=("self",)).filter(_TO_DO, pk=item.pk)
            locked = claimed.first()
            if ticket is not None and locked is not None and locked.undo == item.undo:
                step(batch, locked, ticket)
                locked.save()
    except (OperationalError, InterfaceError):
        raise  # the database is away: whoever comes next goes on from here
    except Exception:
        logger.exception("bulk run %s: case %s failed", batch.run.pk, item.ticket_id)
        wrong = {"undo": BulkUndo.LEFT} if item.undo else {"state": BulkState.FAILED}
        BulkItem.objects.filter(_TO_DO, pk=item.pk).update(code="internal", **wrong)


def _do(batch: _Batch, item: BulkItem, ticket: Ticket) -> None:
    item.code, item.data, item.done_at = "", {}, batch.now
    try:
        _check(batch, item, ticket)
        item.before = before(batch.deed, ticket)
        done = batch.deed.do(ticket, batch.given, _actor(batch.run.by, batch.run), batch.now)
    except _Passed as passed:
        item.state, item.code, item.data = BulkState.SKIPPED, passed.code, passed.data
    except Refused as refused:
        item.state, item.code, item.data = BulkState.FAILED, refused.code, refused.data
    else:
        item.state, item.version = BulkState.DONE, done.version
        item.after = facts(done, batch.deed.facts)


def _check(batch: _Batch, item: BulkItem, ticket: Ticket) -> None:
    """Raise _Passed or Refused where the action is not to be done to a locked case."""
    by = batch.run.by
    if not may_change(by) or not visible_tickets(by).filter(pk=ticket.pk).exists():
        raise _Passed("not_yours")
    if ticket.merged_into is not None:
        raise _Passed("merged", number=ticket.merged_into.number)
    if batch.refusal is not None:
        raise batch.refusal
    if batch.deed.is_so(ticket, batch.given):
        raise _Passed("already")
    if not item.is_forced and ticket.pk in batch.typists:
        raise _Passed("typing", who=batch.typists[ticket.pk])


def _undo(batch: _Batch, item: BulkItem, ticket: Ticket) -> None:
    run = batch.run
    by = run.undo_by or run.by
    item.code, item.data = "", {}
    try:
        if not by.is_active or not may_change(by):
            raise Refused("not_allowed")
        put_back(
            item=item,
            action=run.action,
            value=str(run.given.get("value", "")),
            ticket=ticket,
            by=_actor(by, run),
            now=batch.now,
        )
    except Refused as refused:
        item.undo, item.code, item.data = BulkUndo.LEFT, refused.code, refused.data
    else:
        item.undo = BulkUndo.DONE


def _actor(user: User, run: BulkRun) -> Actor:
    return Actor(ActorKind.USER, user=user, run=run.pk)


def _finish(run_id: int, now: datetime) -> bool:
    """Close a run of which nothing is left to do; return whether that is so."""
    with transaction.atomic():
        # Whoever asks for more holds the same lock, so nothing is asked of a run just closed.
        run = BulkRun.objects.select_for_update().get(pk=run_id)
        if run.items.filter(_TO_DO).exists():
            return False
        run.finished_at = run.finished_at or now
        run.save(update_fields=("finished_at",))
        return True
