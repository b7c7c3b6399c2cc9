"""Work clocks out anew after the terms have changed: marked at once, done case by case."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from ...actor import SYSTEM
from ...models import State, Ticket
from ..changes import changing
from .keeping import keep


@transaction.atomic
def mark_stale(tickets: QuerySet[Ticket] | None = None) -> int:
    """Have the sweep work out the clocks of unsolved cases, all of them where none are named.

    Their rows are locked to the end of the transaction, in id order as everybody locks them.
    """
    found = Ticket.objects.all() if tickets is None else tickets
    unsolved = found.filter(merged_into__isnull=True).exclude(state=State.CLOSED)
    locked = unsolved.select_for_update(of=("self",)).order_by("pk")
    ids = list(locked.values_list("pk", flat=True))
    return Ticket.objects.filter(pk__in=ids).update(clocks_stale=True)


def renew_stale(*, now: datetime, limit: int = 200) -> int:
    """Work out the clocks that were marked; return how many cases were looked at."""
    stale = Ticket.objects.filter(clocks_stale=True).order_by("pk")[:limit]
    return sum(_renew(ticket, now) for ticket in stale)


def _renew(ticket: Ticket, now: datetime) -> bool:
    with changing(ticket, by=SYSTEM, now=now) as change:
        locked = change[ticket]
        if locked.is_merged:  # its survivor answers for it
            Ticket.objects.filter(pk=locked.pk).update(clocks_stale=False)
            return False
        before = locked.due_at
        keep([locked], now=now)
        if locked.due_at != before:
            change.touch(locked)  # so that open pages hear of it
        return True
