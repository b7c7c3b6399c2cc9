"""The few signals that others may listen to, always sent after commit.

Losing one costs latency, never correctness: a sweep or the next page view finds what it told.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from django.dispatch import Signal

tickets_changed = Signal()  # changes: Sequence[tuple[str, int, int]] (number, id, version)
deliveries_queued = Signal()  # delivery_ids: Sequence[int]
messages_received = Signal()  # message_ids: Sequence[int]
posts_to_hide = Signal()  # message_ids: Sequence[int]
bulk_runs_waiting = Signal()  # run_ids: Sequence[int]
people_notified = Signal()  # user_ids: Sequence[int]

Change = tuple[str, int, int]
_gathered: ContextVar[dict[int, Change] | None] = ContextVar("gathered", default=None)


def announce(
    *,
    changes: Iterable[Change] = (),
    delivery_ids: Iterable[int] = (),
    message_ids: Iterable[int] = (),
    to_hide: Iterable[int] = (),
    bulk_runs: Iterable[int] = (),
) -> None:
    """Tell the listeners once the present transaction has committed; a listener may not fail us."""
    told: Sequence[tuple[Signal, str, list[object]]] = (
        (messages_received, "message_ids", list(message_ids)),
        (deliveries_queued, "delivery_ids", list(delivery_ids)),
        (posts_to_hide, "message_ids", list(to_hide)),
        (bulk_runs_waiting, "run_ids", list(bulk_runs)),
    )
    changed = list(changes)

    def send() -> None:
        _tell_changes(changed)
        for signal, name, values in told:
            if values:
                signal.send_robust(sender=None, **{name: values})

    transaction.on_commit(send)


@contextmanager
def gathering() -> Iterator[None]:
    """Tell of all tickets that change within at its end, in one notice, each by its last version.

    For work in many transactions: a notice for each would flood whoever listens.
    """
    gathered: dict[int, Change] = {}
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
        _tell_changes(list(gathered.values()))


def _tell_changes(changes: Sequence[Change]) -> None:
    gathered = _gathered.get()
    if gathered is not None:
        gathered.update({pk: (number, pk, version) for number, pk, version in changes})
    elif changes:
        tickets_changed.send_robust(sender=None, changes=changes)


def ring(user_ids: Iterable[int]) -> None:
    """Tell the listeners, once the present transaction has committed, who was told something."""
    values = list(user_ids)

    def send() -> None:
        people_notified.send_robust(sender=None, user_ids=values)

    if values:
        transaction.on_commit(send)
