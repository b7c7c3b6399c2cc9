"""Tell people what they should know of a case, and note what they have read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from .. import events
from ..models import Message, Notification, NotificationKind, Ticket, User

KEPT = timedelta(days=90)  # after it was read


def notify(
    *,
    users: Iterable[User],
    kind: NotificationKind,
    now: datetime,
    ticket: Ticket | None = None,
    message: Message | None = None,
    actor: User | None = None,
    **data: Any,
) -> None:
    """Tell each of `users` once, but never somebody of their own doing. Pages hear of it."""
    told = {each.pk: each for each in users if each.is_active and each != actor}
    Notification.objects.bulk_create(
        Notification(
            user=each,
            kind=kind,
            ticket=ticket,
            message=message,
            actor=actor,
            data=data,
            at=now,
        )
        for each in told.values()
    )
    events.ring(told)


def read_all(*, user: User, now: datetime) -> int:
    """Note that somebody has seen all that they were told; return how much was new."""
    return _read(user, now)


def read_case(*, user: User, ticket: Ticket, now: datetime) -> int:
    """Note that somebody has seen a case, and with it what they were told of it."""
    return _read(user, now, ticket=ticket)


def note_mailed(rows: Iterable[Notification], *, now: datetime) -> None:
    """Note that somebody was written to about these."""
    Notification.objects.filter(pk__in=[each.pk for each in rows]).update(mailed_at=now)


def forget_old(*, now: datetime) -> None:
    """Delete what was read long ago; what has not been read is kept."""
    Notification.objects.filter(read_at__lt=now - KEPT).delete()


def _read(user: User, now: datetime, **of: Any) -> int:
    unread = Notification.objects.filter(user=user, read_at__isnull=True, **of)
    count = unread.update(read_at=now)
    if count:
        events.ring([user.pk])
    return count
