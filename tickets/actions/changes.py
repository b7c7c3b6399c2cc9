"""Change tickets: lock them, raise each version once, write history, keep their clocks.

Listeners are told after commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from .. import events
from ..actor import Actor
from ..locking import lock_tickets
from ..models import History, Ticket
from .clocks.keeping import keep
from .refusals import Refused


class Change:
    """The locked tickets of one action and what is recorded about them.

    `settled` are those whose clocks were read off their conversations anew, see `settling`.
    `moves_clocks` is false for what no clock can depend on: who works on it, how it is filed.
    """

    def __init__(
        self, tickets: dict[int, Ticket], by: Actor, now: datetime, *, moves_clocks: bool
    ) -> None:
        self.moves_clocks = moves_clocks
        self.tickets = tickets
        self.by = by
        self.now = now
        self.history: list[History] = []
        self.settled: set[int] = set()
        self._touched: dict[int, Ticket] = {}

    def __getitem__(self, ticket: Ticket) -> Ticket:
        """The locked row of a ticket that the caller may know in an older state."""
        return self.tickets[ticket.pk]

    def touch(self, ticket: Ticket) -> int:
        """Raise the version of a locked ticket, once per change, and return it."""
        if ticket.pk not in self._touched:
            ticket.version += 1
            self._touched[ticket.pk] = ticket
        return ticket.version

    def record(self, ticket: Ticket, code: str, *, by: Actor | None = None, **data: Any) -> History:
        """Write one history row: a code with data, never a sentence. It is stored at the end."""
        version = self.touch(ticket)
        author = by or self.by
        told = data if author.run is None else {**data, "run": author.run}
        fields = {"at": self.now, "code": code, "data": told, **author.as_fields()}
        row = History(ticket=ticket, version=version, **fields)
        self.history.append(row)
        return row

    def level(self, *tickets: Ticket) -> None:
        """Bring counters together before messages cross over: what a message's version says must
        stay true on the ticket that it comes to."""
        highest = max(ticket.version for ticket in tickets)
        for ticket in tickets:
            ticket.version = highest

    def adopt(self, ticket: Ticket) -> Ticket:
        """Take in a ticket that this very transaction created."""
        self.tickets[ticket.pk] = ticket
        return ticket

    def save(self) -> None:
        for ticket in self._touched.values():
            ticket.save()
        History.objects.bulk_create(self.history)
        if self.moves_clocks:
            keep(self._touched.values(), now=self.now, settled=self.settled)
        events.announce(changes=[(t.number, t.pk, t.version) for t in self._touched.values()])


def standing(change: Change, ticket: Ticket) -> Ticket:
    """The locked ticket, which must not have been merged. Raises Refused("merged")."""
    locked = change[ticket]
    if locked.is_merged:
        raise Refused("merged")
    return locked


@contextmanager
def changing(
    *tickets: Ticket, by: Actor, now: datetime, moves_clocks: bool = True
) -> Iterator[Change]:
    """Open a transaction with `tickets` locked in id order; save what was touched at its end."""
    with transaction.atomic():
        locked = lock_tickets(ticket.pk for ticket in tickets)
        change = Change(locked, by, now, moves_clocks=moves_clocks)
        yield change
        change.save()
