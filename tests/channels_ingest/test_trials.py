"""Envelopes that end their worker: known by the mark that it left, tried alone, given up."""

from datetime import datetime, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_ingest import pipeline, trials
from channels_ingest.models import Envelope
from channels_ingest.store import store
from tests.channels_ingest.doors import NOON, Obedient, drain, obedient_channel, raw
from tickets.models import Message

pytestmark = pytest.mark.django_db

ENDS = (SystemExit, SoftTimeLimitExceeded)  # it dies; it hangs until its task is stopped


def texts() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("text", flat=True))


def envelope(key: str) -> Envelope:
    return Envelope.objects.get(key=key)


def ends(now: datetime) -> None:
    """A worker takes up what is due and does not live to tell of it."""
    with pytest.raises(ENDS):
        drain(now)


@pytest.fixture(params=ENDS)
def poisoned(request: pytest.FixtureRequest) -> None:
    """A deadly envelope, one behind it in its lane, and one in another lane."""
    channel = obedient_channel()
    Obedient.parse_ends["1"] = request.param
    envelopes = [raw("1", "one", "a"), raw("2", "two", "a"), raw("3", "three", "b")]
    store(channel=channel, envelopes=envelopes, now=NOON)


def test_envelopes_of_a_batch_that_died_wait_before_they_are_tried_again(poisoned: None) -> None:
    ends(NOON)

    assert drain(NOON) == 0
    assert {each.attempts for each in Envelope.objects.all()} == {1}
    assert {each.state for each in Envelope.objects.all()} == {"new"}


def test_after_a_death_the_suspect_is_tried_alone_and_takes_nobody_with_it(poisoned: None) -> None:
    ends(NOON)
    ends(NOON + timedelta(seconds=6))

    drain(NOON + timedelta(seconds=6))

    assert texts() == ["three"]
    assert (envelope("1").attempts, envelope("2").attempts) == (2, 1)


def test_envelope_that_ended_every_worker_is_dead_and_its_lane_goes_on(poisoned: None) -> None:
    for minutes in range(trials.MOST_ATTEMPTS):
        ends(NOON + timedelta(minutes=2 * minutes))

    drain(NOON + timedelta(minutes=20))

    dead = envelope("1")
    assert (dead.state, dead.attempts) == ("dead", trials.MOST_ATTEMPTS)
    assert dead.error["code"] == "killed_worker"
    assert sorted(texts()) == ["three", "two"]


def test_dead_letter_that_ended_workers_is_replayed_after_the_cause_is_mended(
    poisoned: None,
) -> None:
    for minutes in range(trials.MOST_ATTEMPTS):
        ends(NOON + timedelta(minutes=2 * minutes))
    drain(NOON + timedelta(minutes=20))
    Obedient.parse_ends.clear()

    pipeline.replay(Envelope.objects.all())
    drain(NOON + timedelta(minutes=21))

    assert sorted(texts()) == ["one", "three", "two"]
    assert envelope("1").error == {}


def test_fresh_envelopes_go_on_while_a_suspect_waits(poisoned: None) -> None:
    ends(NOON)
    late = raw("4", "four", "c")
    store(channel=envelope("1").channel, envelopes=[late], now=NOON)

    drain(NOON)

    assert texts() == ["four"]


def test_long_lane_that_waits_hides_no_other_lane() -> None:
    channel = obedient_channel()
    long_lane = [raw(f"w{n}", "waits", "a") for n in range(210)]
    store(channel=channel, envelopes=[*long_lane, raw("1", "one", "b")], now=NOON)
    Envelope.objects.filter(key="w0").update(attempts=1, retry_at=NOON + timedelta(minutes=1))

    drain(NOON)

    assert texts() == ["one"]


def test_failure_that_was_caught_leaves_those_behind_it_unmarked() -> None:
    channel = obedient_channel()
    store(channel=channel, envelopes=[raw("1", "one", "a"), raw("2", "two", "a")], now=NOON)
    Envelope.objects.filter(key="1").update(body=None, body_sha256="0" * 64)

    drain(NOON)

    assert (envelope("1").attempts, envelope("1").error["code"]) == (1, "internal")
    assert (envelope("2").attempts, envelope("2").retry_at, envelope("2").error) == (0, None, {})


def test_mark_costs_one_update_for_the_whole_batch() -> None:
    channel = obedient_channel()
    store(channel=channel, envelopes=[raw(f"{n}", "hi", f"{n}") for n in range(20)], now=NOON)

    with CaptureQueriesContext(connection) as captured:
        drain(NOON)

    updates = [q["sql"] for q in captured if q["sql"].startswith('UPDATE "channels_ingest_envel')]
    assert len(updates) == 2
