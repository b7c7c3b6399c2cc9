"""The pipeline: envelopes become messages, lane by lane, and a bad one stops nobody."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from channels_ingest import lanes, pipeline, trials
from channels_ingest.connectors.base import RawEnvelope
from channels_ingest.models import Envelope
from channels_ingest.store import LARGE, store
from tests.channels_ingest.doors import NOON, Obedient, drain, http_door, obedient_channel, raw
from tickets.models import Channel, Conversation, Message

pytestmark = pytest.mark.django_db


def keep(channel: Channel, *envelopes: RawEnvelope) -> None:
    store(channel=channel, envelopes=envelopes, now=NOON)


def texts() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("text", flat=True))


def states() -> dict[str, str]:
    return dict(Envelope.objects.values_list("key", "state"))


def test_envelopes_become_messages_in_order() -> None:
    channel = obedient_channel()
    keep(channel, raw("1", "one", "a"), raw("2", "two", "b"), raw("3", "three", "a"))

    handled = drain(NOON)

    assert handled == 3
    assert texts() == ["one", "two", "three"]
    assert Conversation.objects.count() == 2
    assert set(states().values()) == {"processed"}


def test_second_run_finds_nothing() -> None:
    keep(obedient_channel(), raw("1"))
    drain(NOON)

    assert drain(NOON) == 0
    assert len(texts()) == 1


def test_unreadable_envelope_is_dead_at_once_and_its_lane_goes_on() -> None:
    channel = obedient_channel()
    Obedient.parse_fails.add("2")
    keep(channel, raw("1", "one"), raw("2", "two"), raw("3", "three"))

    drain(NOON)

    dead = Envelope.objects.get(key="2")
    assert (dead.state, dead.error["code"]) == ("dead", "unreadable")
    assert "nonsense" in dead.error["detail"]
    assert texts() == ["one", "three"]


def test_dead_letter_is_replayed_after_the_cause_is_mended() -> None:
    channel = obedient_channel()
    Obedient.parse_fails.add("1")
    keep(channel, raw("1", "one"))
    drain(NOON)
    Obedient.parse_fails.clear()

    count = pipeline.replay(Envelope.objects.all())
    drain(NOON)

    assert count == 1
    assert texts() == ["one"]
    assert Envelope.objects.get().error == {}


def test_replay_touches_nothing_but_dead_letters() -> None:
    keep(obedient_channel(), raw("1", "one"))
    drain(NOON)

    assert pipeline.replay(Envelope.objects.all()) == 0
    assert states() == {"1": "processed"}


@pytest.mark.parametrize(("body", "reason"), [("?typing", "typing"), ("?", "empty")])
def test_envelope_without_a_message_is_ignored_with_a_reason(body: str, reason: str) -> None:
    keep(obedient_channel(), raw("1", body))

    drain(NOON)

    envelope = Envelope.objects.get()
    assert (envelope.state, envelope.reason) == ("ignored", reason)
    assert texts() == []


def test_large_body_is_read_from_the_file_store() -> None:
    keep(obedient_channel(), raw("1", "x" * (LARGE + 1)))

    drain(NOON)

    assert states() == {"1": "processed"}
    assert len(texts()) == 1


def test_lost_body_is_tried_again_with_its_lane_waiting_and_then_dead() -> None:
    channel = obedient_channel()
    keep(channel, raw("1", "one", "a"), raw("2", "two", "a"), raw("3", "three", "b"))
    Envelope.objects.filter(key="1").update(body=None, body_sha256="0" * 64)

    drain(NOON)
    first = Envelope.objects.get(key="1")
    meanwhile = texts()
    for minutes in range(1, 20):
        drain(NOON + timedelta(minutes=minutes))

    assert (first.state, first.attempts) == ("new", 1)
    assert (first.retry_at or NOON) > NOON
    assert meanwhile == ["three"]
    last = Envelope.objects.get(key="1")
    assert (last.state, last.attempts) == ("dead", trials.MOST_ATTEMPTS)
    assert texts() == ["three", "two"]


def test_odd_characters_in_ids_and_names_kill_nothing() -> None:
    door = http_door()
    door.post({"id": "m-1", "sender": {"id": "k", "name": "N" * 200}, "text": "a"})
    channel = obedient_channel()
    keep(channel, raw("half \ud800", "two", lane="x\0y"), raw("k" * 900, "three", lane="t" * 900))

    drain()

    assert set(states().values()) == {"processed"}
    assert sorted(texts()) == ["a", "three", "two"]


def test_cost_of_a_batch_does_not_grow_with_its_messages() -> None:
    channel = obedient_channel()
    keep(channel, *(raw(f"w{number}", "warm", f"w{number}") for number in range(3)))
    drain(NOON)

    def queries(count: int) -> int:
        keep(channel, *(raw(f"{count}-{n}", "hi", f"{count}-{n}") for n in range(count)))
        with CaptureQueriesContext(connection) as captured:
            pipeline.process(now=NOON, limit=count)
        return len(captured)

    assert queries(4) == queries(40)


@pytest.mark.django_db(transaction=True)
def test_lane_held_by_another_worker_is_passed_by() -> None:
    channel = obedient_channel()
    keep(channel, raw("1", "one", "a"), raw("2", "two", "b"), raw("3", "three", "a"))
    first = Envelope.objects.get(key="1").pk
    held, finished = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                assert lanes.hold([lanes.Waiting(first, (channel.pk, "a"), 0, None)])
                held.set()
                finished.wait(10)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    drain(NOON)
    meanwhile = texts()
    finished.set()
    holder.join()
    drain(NOON)

    assert meanwhile == ["two"]
    assert texts() == ["two", "one", "three"]


@pytest.mark.django_db(transaction=True)
def test_four_workers_keep_every_lane_in_order_and_every_message_once() -> None:
    channel = obedient_channel()
    keep(channel, *(raw(str(n), f"{n:03}", f"lane-{n % 7}") for n in range(140)))
    start = threading.Barrier(4)

    def work(_: int) -> int:
        try:
            start.wait()
            return drain(NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        handled = list(pool.map(work, range(4)))

    assert sum(handled) + drain(NOON) == 140
    assert len(texts()) == 140
    for conversation in Conversation.objects.all():
        in_order = list(conversation.messages.order_by("pk").values_list("text", flat=True))
        assert in_order == sorted(in_order)
