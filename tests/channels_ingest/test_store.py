"""Storing: every key once, kept or told apart, in the order of arrival."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from channels_ingest.connectors.base import Accepted, RawEnvelope
from channels_ingest.models import Envelope
from channels_ingest.store import LARGE, LONGEST, store
from tests.channels_ingest.doors import NOON, http_door, obedient_channel, raw
from tickets import files
from tickets.models import Channel, Seen

pytestmark = pytest.mark.django_db


def keep(channel: Channel, *envelopes: RawEnvelope) -> list[Accepted]:
    return store(channel=channel, envelopes=envelopes, now=NOON)


def stored(accepted: Accepted) -> Envelope:
    assert accepted.envelope_id
    return Envelope.objects.get(pk=accepted.envelope_id)


def test_envelope_is_kept_verbatim() -> None:
    channel = obedient_channel()

    (accepted,) = keep(channel, raw("a", "\x00\xff hé", lane="topic"))

    envelope = stored(accepted)
    assert bytes(envelope.body or b"") == "\x00\xff hé".encode()
    assert (envelope.key, envelope.lane, envelope.state) == ("a", "topic", "new")
    assert envelope.received_at == NOON
    assert not accepted.is_duplicate


def test_repeat_changes_nothing_and_names_the_first() -> None:
    channel = obedient_channel()
    (first,) = keep(channel, raw("a"))

    (again,) = keep(channel, raw("a"))

    assert again == Accepted("a", first.envelope_id, is_duplicate=True)
    assert Envelope.objects.count() == 1


def test_repeat_within_one_batch_is_stored_once() -> None:
    channel = obedient_channel()

    first, second, other = keep(channel, raw("a"), raw("a"), raw("b"))

    assert [first.is_duplicate, second.is_duplicate, other.is_duplicate] == [False, True, False]
    assert second.envelope_id == first.envelope_id
    assert list(Envelope.objects.order_by("pk").values_list("key", flat=True)) == ["a", "b"]


def test_same_key_on_another_channel_is_another_envelope() -> None:
    here, there = obedient_channel("here"), obedient_channel("there")

    keep(here, raw("a"))
    (other,) = keep(there, raw("a"))

    assert not other.is_duplicate
    assert Envelope.objects.count() == 2


def test_same_key_with_other_content_is_kept_and_flagged_once() -> None:
    channel = obedient_channel()
    (first,) = keep(channel, raw("a", "one"))

    (conflict,) = keep(channel, raw("a", "two"))
    (repeat,) = keep(channel, raw("a", "two"))

    assert conflict.is_conflict
    assert conflict.envelope_id not in (None, first.envelope_id)
    assert stored(conflict).is_conflict
    assert repeat == Accepted("a", conflict.envelope_id, is_duplicate=True, is_conflict=True)
    assert Envelope.objects.count() == 2


def test_conflict_is_not_kept_where_the_sender_is_told() -> None:
    channel = http_door().channel
    keep(channel, raw("a", "one"))

    (conflict,) = keep(channel, raw("a", "two"))

    assert conflict.is_conflict
    assert not conflict.is_duplicate
    assert Envelope.objects.count() == 1


def test_empty_key_matches_nothing() -> None:
    channel = obedient_channel()

    first, second = keep(channel, raw("", "same"), raw("", "same"))

    assert first.envelope_id != second.envelope_id
    assert Envelope.objects.count() == 2
    assert not Seen.objects.exists()


def test_ledger_outlives_the_envelope() -> None:
    channel = obedient_channel()
    keep(channel, raw("a"))
    Envelope.objects.all().delete()

    (again,) = keep(channel, raw("a"))

    assert again == Accepted("a", None, is_duplicate=True)
    assert not Envelope.objects.exists()


def test_large_body_lies_in_the_file_store() -> None:
    channel = obedient_channel()

    (accepted,) = keep(channel, raw("a", "x" * (LARGE + 1)))

    envelope = stored(accepted)
    assert envelope.body is None
    assert files.read(envelope.body_sha256) == b"x" * (LARGE + 1)


@pytest.mark.parametrize("odd", ["k" * 2000, "a\0b", "half \ud800 pair"])
def test_key_that_no_column_holds_is_still_told_apart(odd: str) -> None:
    channel = obedient_channel()

    first, repeat, other = keep(channel, raw(odd), raw(odd), raw(f"{odd}!"))

    assert repeat.is_duplicate
    assert not other.is_duplicate
    assert all(len(each.key) <= LONGEST for each in Envelope.objects.all())
    assert first.key == odd


@pytest.mark.django_db(transaction=True)
def test_same_push_twenty_times_at_once_is_stored_once() -> None:
    channel = obedient_channel()
    start = threading.Barrier(20)

    def push(_: int) -> Accepted:
        try:
            start.wait()
            return keep(channel, raw("a"), raw("b"))[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        accepted = list(pool.map(push, range(20)))

    assert sum(not each.is_duplicate for each in accepted) == 1
    assert Envelope.objects.count() == 2
    assert len({each.envelope_id for each in accepted}) == 1


@pytest.mark.django_db(transaction=True)
def test_batches_that_share_keys_in_any_order_do_not_deadlock() -> None:
    channel = obedient_channel()
    names = [str(number) for number in range(40)]
    start = threading.Barrier(2)

    def push(order: list[str]) -> int:
        try:
            start.wait()
            return sum(not a.is_duplicate for a in keep(channel, *(raw(name) for name in order)))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        fresh = list(pool.map(push, (names, names[::-1])))

    assert sum(fresh) == Envelope.objects.count() == 40
