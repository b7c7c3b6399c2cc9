"""Claim lanes of unread envelopes: the oldest first, each by one worker at a time."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from .models import Envelope, EnvelopeState

LOOKED_AT = 500  # envelopes among which free lanes are sought
MOST_LANES = 100  # taken at once, so that there are some for every worker
MOST = 200  # envelopes of one batch

Lane = tuple[int, str]
Row = tuple[int, int, str, datetime | None]  # id, channel, lane, retry_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """An unread envelope without its body. One with attempts was begun before and not finished."""

    pk: int
    lane: Lane
    attempts: int
    retry_at: datetime | None

    @property
    def is_suspect(self) -> bool:
        return self.attempts > 0


def claim(*, now: datetime) -> list[Waiting]:
    """The next batch: fresh envelopes of the oldest free lanes in order, or one suspect alone.

    To be called in a transaction, until whose end no other worker claims these lanes. Lanes that
    another worker holds are passed by, and so are those whose next envelope waits to be tried
    again.
    """
    after = 0
    while rows := _oldest(after):
        after = rows[-1][0]
        ours = _lock(_not_waiting(rows, now))
        if batch := _batch(_ready(_read(ours), now)):
            return batch
    return []


def hold(batch: Sequence[Waiting]) -> list[Envelope]:
    """The envelopes of a claimed batch that are still unread, whole; their lanes are held.

    To be called in a transaction. Whoever has one of the lanes for a moment is waited for.
    """
    keys = sorted({_key(each.lane) for each in batch})  # sorted: two workers never wait in a ring
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])
    unread = Envelope.objects.filter(pk__in=[each.pk for each in batch], state=EnvelopeState.NEW)
    return list(unread.order_by("pk"))


def lane_of(envelope: Envelope) -> Lane:
    return envelope.channel_id, envelope.lane


def _oldest(after: int) -> list[Row]:
    """The oldest unread envelopes behind one."""
    unread = Envelope.objects.filter(state=EnvelopeState.NEW, pk__gt=after).order_by("pk")
    return list(unread.values_list("pk", "channel_id", "lane", "retry_at")[:LOOKED_AT])


def _not_waiting(rows: Iterable[Row], now: datetime) -> list[Lane]:
    """The lanes of the rows, oldest first, but for those whose next envelope has to wait.

    Such a lane may be long; were it read, its rows would leave no room for those of the others.
    """
    first: dict[Lane, datetime | None] = {}
    for _, channel, lane, retry_at in rows:
        first.setdefault((channel, lane), retry_at)
    return [lane for lane, retry_at in first.items() if not (retry_at and retry_at > now)]


def _lock(lanes: Iterable[Lane]) -> list[Lane]:
    """Those of the lanes that are ours now; nobody is waited for."""
    names = {_key(lane): lane for lane in lanes}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key FROM unnest(%s::bigint[]) AS key"
            " WHERE pg_try_advisory_xact_lock(key) LIMIT %s",
            [list(names), MOST_LANES],
        )
        return [names[row[0]] for row in cursor.fetchall()]


def _key(lane: Lane) -> int:
    digest = hashlib.sha256(f"lane:{lane[0]}:{lane[1]}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _read(lanes: Sequence[Lane]) -> list[Waiting]:
    """The unread envelopes of locked lanes, as they stand now: a moment ago is too old."""
    if not lanes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, channel_id, lane, attempts, retry_at FROM channels_ingest_envelope"
            " JOIN unnest(%s::bigint[], %s::text[]) AS ours (channel_id, lane)"
            " USING (channel_id, lane) WHERE state = 'new' ORDER BY id LIMIT %s",
            [[channel for channel, _ in lanes], [lane for _, lane in lanes], MOST],
        )
        return [Waiting(row[0], (row[1], row[2]), row[3], row[4]) for row in cursor.fetchall()]


def _ready(waiting: Iterable[Waiting], now: datetime) -> list[Waiting]:
    """Without the envelopes that wait to be tried again, and without all behind them."""
    held: set[Lane] = set()
    ready = []
    for each in waiting:
        if each.retry_at and each.retry_at > now:
            held.add(each.lane)
        if each.lane not in held:
            ready.append(each)
    return ready


def _batch(ready: Sequence[Waiting]) -> list[Waiting]:
    """What may be tried together: a suspect may kill its worker, so it takes nobody with it."""
    if ready and ready[0].is_suspect:
        return [ready[0]]
    behind_suspects: set[Lane] = set()
    fresh = []
    for each in ready:
        if each.is_suspect:
            behind_suspects.add(each.lane)
        if each.lane not in behind_suspects:
            fresh.append(each)
    return fresh
