"""Prove from the database alone that nothing was lost, doubled or sent blindly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tickets.actions.intake import Arrival
from tickets.actions.intake.ledger import ledger_key
from tickets.interchange import Unknown
from tickets.models import Seen

from . import accounts, pipeline
from .connectors.base import Connector
from .models import ChannelAccount, Envelope, EnvelopeState
from .store import NAMESPACE
from .tidying import tidy

SHOWN = 5  # offenders named for each rule
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule: how many rows it was held against, and which of them break it."""

    rule: str
    looked_at: int
    offenders: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.offenders

    def __str__(self) -> str:
        if self.holds:
            return f"ok    {self.rule}: {self.looked_at}"
        shown = ", ".join(self.offenders[:SHOWN])
        return f"WRONG {self.rule}: {len(self.offenders)} of {self.looked_at} ({shown})"


def audit(*, now: datetime, patience: timedelta = timedelta(minutes=1)) -> list[Finding]:
    """Hold every rule against the database; changes nothing.

    Work younger than `patience` may still be on its way; after a drain give it none.
    """
    before = now - patience
    findings = [
        Finding(rule, *_ask(counted, offending, before))
        for rule, (counted, offending) in SQL.items()
    ]
    return [*findings, _messages_are_in_the_ledger()]


def _ask(counted: str, offending: str, before: datetime) -> tuple[int, tuple[str, ...]]:
    values: dict[str, Any] = {"before": before, "namespace": NAMESPACE + b"\0"}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {counted}")  # noqa: S608 - from the table below
        row = cursor.fetchone()
        cursor.execute(offending, values)
        return (row[0] if row else 0), tuple(str(each[0]) for each in cursor.fetchall())


def _messages_are_in_the_ledger() -> Finding:
    """Read every processed envelope once more: all it says must have been taken in.

    The ledger outlives deletion, so a message deleted later is no offence.
    """
    connectors: dict[int, Connector] = {
        account.pk: accounts.connect(account)
        for account in ChannelAccount.objects.select_related("channel")
    }
    looked_at, missing = 0, []
    for chunk in _chunks():
        said = [
            (envelope, key)
            for envelope in chunk
            for key in _ledger_keys(connectors[envelope.channel_id], envelope)
        ]
        marks = Seen.objects.filter(key__in=[mark for _, (_, mark) in said])
        known = {(each.channel_id, bytes(each.key)) for each in marks}
        looked_at += len(said)
        missing += [str(envelope.pk) for envelope, key in said if key not in known]
    return Finding("every message of a processed envelope was taken in", looked_at, tuple(missing))


def _chunks() -> Iterator[list[Envelope]]:
    after = 0
    processed = Envelope.objects.filter(state=EnvelopeState.PROCESSED)
    processed = processed.select_related("channel").order_by("pk")
    while chunk := list(processed.filter(pk__gt=after)[:CHUNK]):
        yield chunk
        after = chunk[-1].pk


def _ledger_keys(connector: Connector, envelope: Envelope) -> list[tuple[int, bytes]]:
    """What the messages of an envelope left in the ledger; edits and receipts leave nothing."""
    items = pipeline.read(connector, envelope)
    arrivals = [Arrival(envelope.channel, tidy(i)) for i in items if not isinstance(i, Unknown)]
    return [key for arrival in arrivals if (key := ledger_key(arrival))]


# Each rule: the rows it is about, and a query for those that break it.
SQL: dict[str, tuple[str, str]] = {
    "every accepted envelope is processed, ignored or dead": (
        "channels_ingest_envelope",
        """
        SELECT id FROM channels_ingest_envelope
        WHERE state = 'new' AND received_at <= %(before)s ORDER BY id
        """,
    ),
    "every envelope's key stands in the ledger": (
        "channels_ingest_envelope",
        """
        SELECT id FROM channels_ingest_envelope e
        WHERE key <> '' AND NOT EXISTS (
            SELECT FROM tickets_seen s WHERE s.channel_id = e.channel_id
            AND s.key = sha256(%(namespace)s::bytea || convert_to(e.key, 'UTF8')))
        ORDER BY id
        """,
    ),
    "every key is stored once": (
        "channels_ingest_envelope",
        """
        SELECT min(id) FROM channels_ingest_envelope WHERE key <> ''
        GROUP BY channel_id, key HAVING count(*) > 1 ORDER BY 1
        """,
    ),
    "every envelope holds what was received": (
        "channels_ingest_envelope WHERE body IS NOT NULL",
        """
        SELECT id FROM channels_ingest_envelope
        WHERE (body IS NOT NULL AND sha256(body) <> content_sha256)
        OR (body IS NULL AND decode(body_sha256, 'hex') <> content_sha256) ORDER BY id
        """,
    ),
    "every inbound message is stored once": (
        "tickets_message WHERE direction = 'inbound'",
        """
        SELECT min(id) FROM tickets_message WHERE direction = 'inbound' AND external_id <> ''
        GROUP BY channel_id, external_id HAVING count(*) > 1 ORDER BY 1
        """,
    ),
    "every outbound message has its delivery": (
        "tickets_message WHERE direction = 'outbound'",
        """
        SELECT m.id FROM tickets_message m WHERE direction = 'outbound'
        AND NOT EXISTS (SELECT FROM tickets_delivery d WHERE d.message_id = m.id) ORDER BY 1
        """,
    ),
    "every attempt is on record": (
        "tickets_delivery",
        """
        SELECT d.id FROM tickets_delivery d
        LEFT JOIN tickets_attempt a ON a.delivery_id = d.id
        GROUP BY d.id HAVING count(a.id) <> d.attempts ORDER BY 1
        """,
    ),
    "no attempt is left running": (
        "tickets_delivery",
        """
        SELECT id FROM tickets_delivery
        WHERE state = 'started' AND lease_until <= %(before)s ORDER BY 1
        """,
    ),
    "every reply was accepted by its vendor at most once": (
        "tickets_delivery",
        """
        SELECT delivery_id FROM tickets_attempt WHERE outcome = 'sent'
        GROUP BY delivery_id HAVING count(*) > 1 ORDER BY 1
        """,
    ),
    "nothing was sent again blindly": (
        "tickets_attempt WHERE outcome = 'unknown'",
        """
        SELECT doubt.delivery_id FROM tickets_attempt doubt
        JOIN tickets_delivery d ON d.id = doubt.delivery_id
        JOIN tickets_channel c ON c.id = d.channel_id
        WHERE doubt.outcome = 'unknown' AND doubt.number < d.attempts
        AND coalesce(c.capabilities ->> 'resend', 'never') <> 'idempotent'
        AND NOT EXISTS (
            SELECT FROM tickets_history h WHERE h.code = 'delivery_resent'
            AND (h.data ->> 'delivery')::bigint = d.id AND h.at >= doubt.started_at)
        ORDER BY 1
        """,
    ),
    "every version of a ticket covers its history": (
        "tickets_history",
        """
        SELECT h.id FROM tickets_history h JOIN tickets_ticket t ON t.id = h.ticket_id
        WHERE h.version > t.version OR h.version < 1 ORDER BY 1
        """,
    ),
    "every ticket's number leads to it": (
        "tickets_ticket",
        """
        SELECT t.id FROM tickets_ticket t WHERE NOT EXISTS (
            SELECT FROM tickets_alias a WHERE a.number = t.number AND a.ticket_id = t.id)
        ORDER BY 1
        """,
    ),
    "no conversation stands on a merged ticket": (
        "tickets_conversation",
        """
        SELECT c.id FROM tickets_conversation c JOIN tickets_ticket t ON t.id = c.ticket_id
        WHERE t.merged_into_id IS NOT NULL ORDER BY 1
        """,
    ),
    "every merge ends at a standing ticket": (
        "tickets_ticket WHERE merged_into_id IS NOT NULL",
        """
        WITH RECURSIVE way (start, here, steps) AS (
            SELECT id, merged_into_id, 1 FROM tickets_ticket WHERE merged_into_id IS NOT NULL
            UNION ALL
            SELECT start, t.merged_into_id, steps + 1 FROM way JOIN tickets_ticket t ON t.id = here
            WHERE t.merged_into_id IS NOT NULL AND steps < 100)
        SELECT DISTINCT start FROM way WHERE steps = 100 ORDER BY 1
        """,
    ),
}
