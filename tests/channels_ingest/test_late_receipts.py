"""Receipts that overtake our own note of the sending are kept until it is there."""

from datetime import timedelta

import pytest

from channels_ingest.models import Envelope
from channels_ingest.store import store
from tests.channels_ingest.desk import Desk, again
from tests.channels_ingest.doors import NOON, drain, raw
from tickets.actions import deliveries
from tickets.models import Channel, Delivery, Message

pytestmark = pytest.mark.django_db

REASON = "receipt_for_nothing_of_ours"


def receipt_comes(desk: Desk) -> None:
    """The vendor tells of `out-9`; behind that, in the same lane, the customer writes."""
    envelopes = [raw("r", "!out-9", "kim-0"), raw("m-9", "thank you", "kim-0")]
    store(channel=desk.channel, envelopes=envelopes, now=NOON)
    drain(NOON)


def receipt() -> Envelope:
    return Envelope.objects.get(key="r")


def being_sent(desk: Desk) -> Delivery:
    desk.answers()
    delivery = deliveries.claim(channels=Channel.objects.all(), now=NOON)
    assert delivery is not None
    return delivery


def test_receipt_before_our_note_of_the_sending_counts_once_that_is_there() -> None:
    desk = Desk()
    delivery = being_sent(desk)
    receipt_comes(desk)
    at_first = receipt().state
    deliveries.record_sent(delivery=delivery, external_id="out-9", now=NOON)

    drain(NOON + timedelta(seconds=6))

    assert at_first == "new"
    assert again(delivery).state == "delivered"
    assert (receipt().state, receipt().error) == ("processed", {})


def test_receipt_that_waits_holds_up_nobody_in_its_lane() -> None:
    desk = Desk()
    being_sent(desk)

    receipt_comes(desk)

    assert receipt().state == "new"
    assert Message.objects.filter(text="thank you").exists()


def test_receipt_for_nothing_of_ours_is_ignored_after_a_while_with_its_reason() -> None:
    desk = Desk()
    being_sent(desk)
    receipt_comes(desk)

    for seconds in (6, 17, 38):
        drain(NOON + timedelta(seconds=seconds))
    meanwhile = receipt().state
    drain(NOON + timedelta(seconds=80))

    assert meanwhile == "new"
    assert (receipt().state, receipt().reason) == ("ignored", REASON)


def test_receipt_is_ignored_at_once_where_nothing_is_being_sent() -> None:
    desk = Desk()

    receipt_comes(desk)

    assert (receipt().state, receipt().reason) == ("ignored", REASON)


def test_receipt_is_ignored_at_once_where_only_another_channel_sends() -> None:
    desk = Desk()
    being_sent(desk)
    Delivery.objects.update(channel=Channel.objects.create(slug="other", kind="obedient"))

    receipt_comes(desk)

    assert receipt().state == "ignored"
