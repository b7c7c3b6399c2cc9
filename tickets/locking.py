"""The one order in which locks are taken: identities first, then tickets by id."""

import hashlib
from collections.abc import Iterable

from django.db import connection

from .models import Ticket
from .prepared import Given, Prepared

_LOCKED = Prepared(
    lambda: (
        Ticket.objects.filter(pk__among=Given("ids")).order_by("pk").select_for_update(of=("self",))
    )
)


def lock_identities(names: Iterable[tuple[int, str]]) -> None:
    """Hold each (channel id, external id) until commit: parallel first messages queue up."""
    keys = sorted({_key(f"identity:{channel}:{name}") for channel, name in names})
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def lock_tickets(ids: Iterable[int]) -> dict[int, Ticket]:
    """The tickets by id, locked until commit in id order."""
    return {ticket.pk: ticket for ticket in _LOCKED.rows(ids=set(ids))}


def lock_name(name: str) -> None:
    """Hold a name until commit: what must be counted before it is added to queues up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(name)])


def try_name(name: str) -> bool:
    """Hold a name until commit, if nobody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_key(name)])
        return bool(cursor.fetchone()[0])


def lock_hands() -> None:
    """Hold the right to give cases to people until commit, so that nobody is counted twice.

    It comes after all tickets; whoever holds it waits for nothing else.
    """
    lock_name("hands")


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
