"""The few signals that others may listen to, always sent after commit.

Losing one costs latency, never correctness: a sweep or the next page view finds what it told.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.dispatch import Signal

tickets_changed = Signal()  # changes: Sequence[tuple[str, int, int]] (number, id, version)
deliveries_queued = Signal()  # delivery_ids: Sequence[int]
messages_received = Signal()  # message_ids: Sequence[int]
posts_to_hide = Signal()  # message_ids: Sequence[int]


def announce(
    *,
    changes: Iterable[tuple[str, int, int]] = (),
    delivery_ids: Iterable[int] = (),
    message_ids: Iterable[int] = (),
    to_hide: Iterable[int] = (),
) -> None:
    """Tell the listeners once the present transaction has committed; a listener may not fail us."""
    told: Sequence[tuple[Signal, str, list[object]]] = (
        (tickets_changed, "changes", list(changes)),
        (messages_received, "message_ids", list(message_ids)),
        (deliveries_queued, "delivery_ids", list(delivery_ids)),
        (posts_to_hide, "message_ids", list(to_hide)),
    )

    def send() -> None:
        for signal, name, values in told:
            if values:
                signal.send_robust(sender=None, **{name: values})

    transaction.on_commit(send)
