"""The ledger of message ids: what is new, what is a repeat, what only looks like one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from ...interchange import IncomingMessage
from ...models import Seen
from .arrival import Arrival

Key = tuple[int, bytes]


def enter(arrivals: Iterable[Arrival], now: datetime) -> tuple[set[Key], dict[Key, bytes]]:
    """Enter every new message's key; return the fresh keys and the known content of the others."""
    rows: dict[Key, bytes] = {}
    for arrival in arrivals:
        if key := ledger_key(arrival):
            rows.setdefault(key, content_of(arrival))
    if not rows:
        return set(), {}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_seen (channel_id, key, content, seen_at)"
            " SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::timestamptz[])"
            " ON CONFLICT (channel_id, key) DO NOTHING RETURNING channel_id, key",
            _columns([(c, k, rows[c, k], now) for c, k in sorted(rows)]),
        )
        fresh = {(channel, bytes(key)) for channel, key in cursor.fetchall()}
    repeats = set(rows) - fresh
    if not repeats:
        return fresh, {}
    seen = Seen.objects.filter(key__in=[key for _, key in repeats])
    return fresh, {(s.channel_id, bytes(s.key)): bytes(s.content) for s in seen}


def ledger_key(arrival: Arrival) -> tuple[int, bytes] | None:
    """The ledger entry of a new message; edits, recalls and empty ids have none."""
    item = arrival.item
    if not isinstance(item, IncomingMessage) or not item.external_id or item.action != "create":
        return None
    return arrival.channel.pk, hashlib.sha256(b"message\0" + item.external_id.encode()).digest()


def content_of(arrival: Arrival) -> bytes:
    """A digest by which a repeat is told from another message under the same id."""
    item = arrival.item
    if not isinstance(item, IncomingMessage):
        return b""
    parts = (item.sender.external_id, item.subject, item.text, item.html)
    return hashlib.sha256("\0".join(parts).encode()).digest()


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
