"""Store envelopes, each key once, before anybody is told that they were accepted."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from tickets import files
from tickets.models import Channel, Seen

from .connectors import connector_class
from .connectors.base import Accepted, RawEnvelope
from .models import Envelope
from .waking import wake

LARGE = 256 * 1024  # bytes; larger bodies lie in the file store
LONGEST = 255  # characters of a key or lane kept as they came
NAMESPACE = b"envelope"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An envelope on its way in: under which key and with what content it would be stored."""

    position: int
    raw: RawEnvelope
    key: str
    content: bytes
    is_conflict: bool = False

    @property
    def mark(self) -> bytes:
        return ledger_key(self.key)

    def renamed(self) -> "_Candidate":
        """The same envelope under a key of its own, made from the content."""
        key = storable(f"{self.key[:200]}#{self.content.hex()[:16]}")
        return _Candidate(self.position, self.raw, key, self.content, is_conflict=True)


def store(*, channel: Channel, envelopes: Sequence[RawEnvelope], now: datetime) -> list[Accepted]:
    """Store what is new among `envelopes` and say of each, in order, what became of it.

    Atomic; a repeat changes nothing. The same key with other content is kept under a key of its
    own, unless the kind of channel tells its sender instead. An empty key matches nothing. After
    commit a worker is woken. Raises django.db.Error or OSError, then nothing is stored.
    """
    keeps_conflicts = connector_class(channel.kind).keeps_conflicts
    candidates = [_candidate(position, raw) for position, raw in enumerate(envelopes)]
    large = {each.position: files.store(each.raw.body) for each in candidates if _is_large(each)}
    with transaction.atomic():
        fresh, known = _enter(channel, candidates, now)
        conflicts = [each for each in known if not _repeats(each, known[each])]
        renamed = [each.renamed() for each in conflicts] if keeps_conflicts else []
        fresh_conflicts, _known_conflicts = _enter(channel, renamed, now)
        stored = _insert(channel, [*fresh, *fresh_conflicts], large, now)
        accepted = _answers(channel, candidates, renamed, conflicts, stored)
        if stored:
            wake("channels_ingest.tasks.process_envelopes")
    return accepted


def storable(name: str) -> str:
    """A key or lane as a column can hold it: no NUL, no lone surrogate, not too long.

    What is changed stays told apart by a hash of the original.
    """
    clean = name.replace("\0", "�").encode("utf-8", "replace").decode()
    if clean == name and len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{clean[: LONGEST - 33]}~{digest}"


def ledger_key(key: str) -> bytes:
    """How the ledger knows an envelope's key, apart from the keys of messages."""
    return hashlib.sha256(NAMESPACE + b"\0" + key.encode()).digest()


def _candidate(position: int, raw: RawEnvelope) -> _Candidate:
    return _Candidate(position, raw, storable(raw.key), hashlib.sha256(raw.body).digest())


def _is_large(candidate: _Candidate) -> bool:
    return len(candidate.raw.body) > LARGE


def _repeats(candidate: _Candidate, known_content: bytes) -> bool:
    return candidate.content == known_content


def _enter(
    channel: Channel, candidates: Iterable[_Candidate], now: datetime
) -> tuple[list[_Candidate], dict[_Candidate, bytes]]:
    """Enter keys into the ledger; return who is fresh, and the known content of all others."""
    fresh = [each for each in candidates if not each.key]
    keyed = [each for each in candidates if each.key]
    first: dict[bytes, _Candidate] = {}
    for each in keyed:
        first.setdefault(each.mark, each)
    entered = set(_insert_marks(channel, first, now))
    fresh += [each for mark, each in first.items() if mark in entered]
    others = [each for each in keyed if first[each.mark] is not each or each.mark not in entered]
    contents = _contents(channel, {each.mark for each in others})
    return fresh, {each: contents[each.mark] for each in others}


def _insert_marks(
    channel: Channel, first: dict[bytes, _Candidate], now: datetime
) -> Iterator[bytes]:
    if not first:
        return
    # Sorted, so that two batches that share keys wait for each other instead of deadlocking.
    rows = sorted((mark, each.content) for mark, each in first.items())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_seen (channel_id, key, content, seen_at)"
            " SELECT %s, key, content, %s FROM unnest(%s::bytea[], %s::bytea[]) AS t (key, content)"
            " ON CONFLICT DO NOTHING RETURNING key",
            [channel.pk, now, [mark for mark, _ in rows], [content for _, content in rows]],
        )
        yield from (bytes(row[0]) for row in cursor.fetchall())


def _contents(channel: Channel, marks: set[bytes]) -> dict[bytes, bytes]:
    if not marks:
        return {}
    rows = Seen.objects.filter(channel=channel, key__in=marks).values_list("key", "content")
    return {bytes(key): bytes(content) for key, content in rows}


def _insert(
    channel: Channel, fresh: Iterable[_Candidate], large: dict[int, str], now: datetime
) -> dict[int, int]:
    """Write the rows in the order of arrival; return envelope ids by position."""
    ordered = sorted(fresh, key=lambda each: each.position)
    rows = Envelope.objects.bulk_create(
        Envelope(
            channel=channel,
            key=each.key,
            lane=storable(each.raw.lane),
            body=None if each.position in large else each.raw.body,
            body_sha256=large.get(each.position, ""),
            content_sha256=each.content,
            received_at=now,
            reserved_number=each.raw.reserved_number,
            is_conflict=each.is_conflict,
        )
        for each in ordered
    )
    return {each.position: row.pk for each, row in zip(ordered, rows, strict=True)}


def _answers(
    channel: Channel,
    candidates: Sequence[_Candidate],
    renamed: Sequence[_Candidate],
    conflicts: Sequence[_Candidate],
    stored: Mapping[int, int],
) -> list[Accepted]:
    kept_as = {each.position: each.key for each in (*candidates, *renamed)}
    earlier = _earlier(channel, set(kept_as.values()) - {""})
    collided = {each.position for each in conflicts}
    refused = collided - {each.position for each in renamed}
    return [
        Accepted(
            key=each.raw.key,
            envelope_id=stored.get(position) or earlier.get(kept_as[position]),
            is_duplicate=position not in stored and position not in refused,
            is_conflict=position in collided,
        )
        for position, each in enumerate(candidates)
    ]


def _earlier(channel: Channel, keys: set[str]) -> dict[str, int]:
    """Envelopes that hold these keys; of one dropped by age only the ledger still knows."""
    rows = Envelope.objects.filter(channel=channel, key__in=keys).values_list("key", "pk")
    return dict(rows)
