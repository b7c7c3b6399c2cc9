"""Begin a run: fix which cases it is about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from ... import events
from ...access import NotAllowed, may_change
from ...models import BulkItem, BulkRun, Ticket, User
from ..refusals import Refused
from .given import checked

MOST_CASES = 5000
_AT_ONCE = 1000


def start(
    *,
    tickets: QuerySet[Ticket],
    action: str,
    given: Mapping[str, Any],
    by: User,
    now: datetime,
    origin: str = "",
) -> BulkRun:
    """Have an action done to `tickets`, which must be cases that `by` may see, latest first.

    Of more than MOST_CASES the rest is left out, and the run says so. A worker does it after
    commit. Raises NotAllowed, or Refused: none_chosen, and what does not fit the action.
    """
    if not may_change(by):
        raise NotAllowed
    kept = checked(action, given, now=now)
    latest = tickets.order_by("-last_activity_at", "-pk").values_list("pk", flat=True)
    chosen = list(latest[: MOST_CASES + 1])
    if not chosen:
        raise Refused("none_chosen")
    with transaction.atomic():
        run = BulkRun.objects.create(
            by=by,
            action=action,
            given=kept,
            is_capped=len(chosen) > MOST_CASES,
            origin=origin,
            made_at=now,
        )
        items = (
            BulkItem(run=run, ticket_id=pk, place=place)
            for place, pk in enumerate(chosen[:MOST_CASES], start=1)
        )
        BulkItem.objects.bulk_create(items, batch_size=_AT_ONCE)
        events.announce(bulk_runs=[run.pk])
    return run
