"""Take turns at periodic duties: of two beats, one does the round and the other goes home."""

import hashlib
from datetime import datetime, timedelta

from django.db import connection, transaction

from .models import Round


def take(duty: str, *, every: timedelta, now: datetime) -> bool:
    """Whether this caller does the round of `duty`; nobody else may before `every` has passed.

    The advisory lock is held only to decide: a lock over the duty itself would keep a
    transaction, and every row that the duty touches, locked to its end.
    """
    with transaction.atomic():
        if not _lock(duty):
            return False
        last, _ = Round.objects.get_or_create(duty=duty, defaults={"taken_at": now - every})
        # A clock set back must not keep everybody at home.
        if timedelta(0) <= now - last.taken_at < every:
            return False
        last.taken_at = now
        last.save(update_fields=("taken_at",))
        return True


def _lock(duty: str) -> bool:
    key = int.from_bytes(hashlib.sha256(f"round:{duty}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
        row = cursor.fetchone()
    return bool(row and row[0])
