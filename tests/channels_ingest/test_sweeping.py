"""The sweep: it finds what no wake-up told of, each duty once a round."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty

import pytest
from celery import current_app
from django.db import connection

from channels_ingest import api, rounds, sweeping, tasks
from channels_ingest.models import Envelope
from channels_ingest.store import store
from channels_ingest.waking import wake
from tests import factories
from tests.channels_ingest.desk import Desk
from tests.channels_ingest.doors import NOON, http_door, obedient_channel, raw
from tests.tickets import cast
from tests.waiting import wait_for
from tickets.actions import bulk, composing, deliveries, later
from tickets.models import Acknowledgement, Channel, Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

QUEUES = ("intake", "outbound", "sweep")


def taken_from_broker() -> list[str]:
    """The names of all tasks that wait in the broker, with their channel where they name one."""
    names = []
    with current_app.connection() as broker:
        for name in QUEUES:
            queue = broker.SimpleQueue(name)
            try:
                while True:
                    sent = queue.get_nowait()
                    sent.ack()
                    about = sent.payload[1].get("channel_id", "")
                    names.append(f"{sent.headers['task'].split('.')[-1]} {about}".strip())
            except Empty:
                queue.close()
    return names


def woken_by_sweep(now: datetime) -> set[str]:
    """What a sweep at `now` wakes."""
    _told()
    sweeping.sweep(now=now)
    return set(_told())


def _told() -> list[str]:
    """All nudges until now: they are published in order, so ours, the last, ends the wait."""
    wake("last")
    told: list[str] = []

    def all_told() -> bool:
        told.extend(taken_from_broker())
        return "last" in told

    wait_for(all_told, "the last nudge")
    return [name for name in told if name != "last"]


def test_quiet_desk_wakes_nobody() -> None:
    http_door()

    assert woken_by_sweep(NOON) == set()


def test_unread_envelope_wakes_the_pipeline() -> None:
    store(channel=http_door().channel, envelopes=[raw("a")], now=NOON)

    assert woken_by_sweep(NOON) == {"process_envelopes"}


def test_envelope_that_waits_to_be_tried_again_wakes_it_when_due() -> None:
    store(channel=http_door().channel, envelopes=[raw("a")], now=NOON)
    Envelope.objects.update(retry_at=NOON + timedelta(minutes=1))

    assert woken_by_sweep(NOON) == set()
    assert woken_by_sweep(NOON + timedelta(minutes=1)) == {"process_envelopes"}


def test_due_delivery_and_lost_attempt_wake_the_outbox() -> None:
    desk = Desk()
    desk.answers()
    Acknowledgement.objects.update(state="skipped")  # it would be another thing to deliver
    later = NOON + timedelta(seconds=30)
    lost = NOON + deliveries.LEASE + timedelta(seconds=1)

    assert "deliver" in woken_by_sweep(NOON)
    deliveries.claim(channels=Channel.objects.all(), now=NOON)
    assert "deliver" not in woken_by_sweep(later)
    assert "deliver" in woken_by_sweep(lost)


def test_due_pull_wakes_the_poller_of_that_channel() -> None:
    channel = obedient_channel()

    assert woken_by_sweep(NOON) == {f"pull_channel {channel.pk}"}
    api.pause(channel)
    assert woken_by_sweep(NOON + timedelta(minutes=1)) == set()


def test_case_that_has_gone_quiet_wakes_triage() -> None:
    cast.case()

    assert "triage_cases" not in woken_by_sweep(cast.NOON + timedelta(seconds=7))
    assert "triage_cases" in woken_by_sweep(cast.NOON + timedelta(seconds=12))


def test_second_beat_in_the_same_round_does_nothing() -> None:
    store(channel=http_door().channel, envelopes=[raw("a")], now=NOON)

    first, second = woken_by_sweep(NOON), woken_by_sweep(NOON + timedelta(seconds=1))

    assert (first, second) == ({"process_envelopes"}, set())


def test_duty_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(now: datetime) -> None:
        raise RuntimeError

    store(channel=http_door().channel, envelopes=[raw("a")], now=NOON)
    monkeypatch.setattr(sweeping, "DUTIES", {"fails": fails, **sweeping.DUTIES})

    assert woken_by_sweep(NOON) == {"process_envelopes"}


def test_stored_envelope_wakes_the_pipeline_at_once() -> None:
    _told()

    store(channel=http_door().channel, envelopes=[raw("a"), raw("b")], now=NOON)

    assert _told() == ["process_envelopes"]


def test_queued_reply_wakes_the_outbox_at_once() -> None:
    desk = Desk()
    _told()

    desk.answers()

    assert "deliver" in _told()


def test_of_many_at_once_one_takes_the_round() -> None:
    start = threading.Barrier(8)

    def take(_: int) -> bool:
        try:
            start.wait()
            return rounds.take("duty", every=timedelta(seconds=4), now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(8)))

    assert sum(taken) == 1
    assert not rounds.take("duty", every=timedelta(seconds=4), now=NOON + timedelta(seconds=3))
    assert rounds.take("duty", every=timedelta(seconds=4), now=NOON + timedelta(seconds=4))


def test_clock_set_back_does_not_keep_everybody_at_home() -> None:
    rounds.take("duty", every=timedelta(seconds=4), now=NOON)

    assert rounds.take("duty", every=timedelta(seconds=4), now=NOON - timedelta(hours=1))


def test_bulk_run_wakes_a_worker_when_it_begins_and_again_if_none_came() -> None:
    ada, case = factories.ada(), factories.ticket()
    chosen = Ticket.objects.filter(pk=case.pk)
    taken_from_broker()

    run = bulk.start(tickets=chosen, action="resolve", given={}, by=ada, now=NOON)

    wait_for(lambda: "run_bulk" in taken_from_broker(), "a worker is woken")
    assert "run_bulk" in woken_by_sweep(NOON)
    tasks.run_bulk(run_id=run.pk)
    assert Ticket.objects.get().is_closed
    assert "run_bulk" not in woken_by_sweep(NOON + timedelta(minutes=1))


def test_held_reply_wakes_nobody_and_one_for_later_is_sent_at_its_time() -> None:
    obedient_channel()
    ticket = cast.case(by="obedient", at=NOON)
    place, by = cast.only_conversation(ticket), cast.ada()
    composing.send(
        conversation=place, text="held", by=by, now=NOON, hold_until=NOON + timedelta(seconds=10)
    )
    due = NOON + timedelta(minutes=10)
    later.write_for_later(conversation=place, text="later", send_at=due, by=by, now=NOON)

    assert "deliver" not in woken_by_sweep(NOON + timedelta(seconds=5))
    sweeping.sweep(now=due)

    assert Message.objects.filter(text="later").exists()
