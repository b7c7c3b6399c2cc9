"""How fast messages are taken in: the pipeline against bare SQL, the door against a bare view."""

import argparse
import cProfile
import pstats
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Model
from psycopg2.extras import Json, execute_values

from channels_ingest import accounts, pipeline, store
from channels_ingest.connectors.base import RawEnvelope, Request
from channels_ingest.models import ChannelAccount, Envelope, EnvelopeState
from tests.bench.accepting import compare_doors
from tests.bench.desk import SLUG, people_and_door, signed
from tests.bench.figures import print_table
from tickets.models import (
    Acknowledgement,
    Alias,
    Contact,
    Conversation,
    History,
    Identity,
    Link,
    Message,
    Seen,
    Ticket,
)

MESSAGES_A_CASE: Final = 3
# What a message leaves behind, in the order of references, and the column that dates each row.
WRITTEN: Final[dict[type[Model], str]] = {
    Contact: "created_at",
    Identity: "created_at",
    Ticket: "created_at",
    Alias: "created_at",
    Conversation: "created_at",
    Message: "created_at",
    History: "at",
    Acknowledgement: "first_message_at",
    Link: "created_at",
    Seen: "seen_at",
}
# Three in five Chinese, two in five English, as in the peers' measurements.
TEXTS: Final = (
    "你好，我的邮箱从昨天开始收不到验证码，网页一直转圈，请帮忙看一下。",
    "附件超过 20 MB 就上传失败，提示 554，换了浏览器也一样。",
    "请问企业邮箱怎么续费？上个月的发票还没有收到。",
    "I cannot sign in on my phone since the update, it says the password is wrong.",
    "Messages to one of our partners come back with 550 blocked, please have a look.",
)
Rows = list[tuple[Any, ...]]


def main(arguments: Sequence[str]) -> None:
    """Drain and insert in turn, then let senders knock at each door in turn; print both."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench intake", description=__doc__)
    parser.add_argument("--messages", type=int, default=3000, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="say where the draining goes")
    chosen = parser.parse_args(arguments)
    people_and_door()
    if chosen.profile:
        profile_draining(chosen.messages)
    compare_draining(chosen.messages, chosen.rounds)
    compare_doors(chosen.rounds)


def compare_draining(messages: int, rounds: int) -> None:
    drained, inserted = [], []
    for place in range(rounds):
        fill(messages, f"round {place}")
        moments, took = drain()
        drained.append(messages / took)
        inserted.append(messages / insert_again(moments))
    ratio = statistics.median(a / b for a, b in zip(drained, inserted, strict=True))
    head = ("messages a second", *(f"round {n + 1}" for n in range(rounds)), "median")
    rows = [
        [name, *(f"{value:.0f}" for value in values), f"{statistics.median(values):.0f}"]
        for name, values in (("pipeline.process", drained), ("the same rows, raw", inserted))
    ]
    title = f"Draining {messages} messages, one transaction a batch of 100; ratio {ratio:.2f}"
    print_table(title, head, rows)


def fill(messages: int, name: str) -> None:
    """Store envelopes as the door does: three of each customer, in the order of a busy day."""
    account = ChannelAccount.objects.select_related("channel").get(channel__slug=SLUG)
    connector = accounts.connect(account)
    customers = max(1, messages // MESSAGES_A_CASE)
    raw: list[RawEnvelope] = []
    for number in range(messages):
        customer = f"{name}, customer {number % customers}"
        # No two alike: what remembers texts must not look faster than it is.
        text = f"{TEXTS[number % customers % len(TEXTS)]} ({number})"
        body, headers = signed(text, key=f"{name}, {number}", sender=customer)
        lower = {key.lower(): value for key, value in headers.items()}
        raw += connector.receive(Request("POST", lower, {}, body)).envelopes
    now = datetime.now(UTC)
    for start in range(0, len(raw), 100):
        store.store(channel=account.channel, envelopes=raw[start : start + 100], now=now)


def drain() -> tuple[dict[datetime, list[int]], float]:
    """Process everything, each batch at a moment of its own; return those and the seconds."""
    start = datetime.now(UTC)
    moments: list[datetime] = []
    begun = time.perf_counter()
    # A limit of one ends after the first batch, however large that is.
    while pipeline.process(now=start + timedelta(milliseconds=len(moments)), limit=1):
        moments.append(start + timedelta(milliseconds=len(moments)))
    took = time.perf_counter() - begun
    assert not Envelope.objects.exclude(state=EnvelopeState.PROCESSED).exists()
    settled = Envelope.objects.filter(processed_at__in=moments)
    envelopes: dict[datetime, list[int]] = {moment: [] for moment in moments}
    for moment, pk in settled.values_list("processed_at", "pk"):
        assert moment is not None
        envelopes[moment].append(pk)
    return envelopes, took


def insert_again(moments: dict[datetime, list[int]]) -> float:
    """Empty the tables and write the very same rows back by bare SQL; return the seconds."""
    written = {moment: rows_of(moment) for moment in moments}
    tables = ", ".join(model._meta.db_table for model in WRITTEN if model is not Seen)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        Seen.objects.filter(seen_at__in=list(moments)).delete()
        begun = time.perf_counter()
        for moment, pks in moments.items():
            with transaction.atomic():
                for model, rows in written[moment].items():
                    # The names of tables and columns are the models' own, here and below.
                    insert = f"INSERT INTO {model._meta.db_table} VALUES %s"  # noqa: S608
                    execute_values(cursor, insert, rows, page_size=1000)
                cursor.execute(
                    "UPDATE channels_ingest_envelope SET state = 'processed', processed_at = %s"
                    " WHERE id = ANY(%s)",
                    [moment, pks],
                )
        return time.perf_counter() - begun


def rows_of(moment: datetime) -> dict[type[Model], Rows]:
    """What the batch of that moment has written, by table."""
    found = {}
    for model, dated_by in WRITTEN.items():
        select = f"SELECT * FROM {model._meta.db_table} WHERE {dated_by} = %s ORDER BY id"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(select, [moment])
            if rows := [tuple(map(writable, row)) for row in cursor.fetchall()]:
                found[model] = rows
    return found


def writable(value: Any) -> Any:
    """The value as the driver takes it back: it reads JSON as a dictionary."""
    return Json(value) if isinstance(value, dict) else value


def profile_draining(messages: int) -> None:
    fill(messages, "profile")
    profile = cProfile.Profile()
    profile.runcall(drain)
    for order in ("tottime", "cumulative"):
        pstats.Stats(profile).sort_stats(order).print_stats(30)
