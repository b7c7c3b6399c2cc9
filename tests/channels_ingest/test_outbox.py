"""The outbox: sent once, in order, retried where that is safe, in doubt where nobody knows."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from channels_ingest import api
from channels_ingest.connectors.base import PermanentFailure, TemporaryFailure
from channels_ingest.models import ChannelAccount
from tests.channels_ingest.desk import Desk, again, outcomes
from tests.channels_ingest.doors import NOON, Obedient
from tickets.actions import deliveries
from tickets.actions.replies import reply
from tickets.actor import SYSTEM
from tickets.case_numbers import format_number
from tickets.interchange import OutgoingFile, Sent
from tickets.models import Attempt, Channel, Conversation, History, Message, Ticket

pytestmark = pytest.mark.django_db


def test_reply_is_sent_with_all_that_a_connector_needs() -> None:
    desk = Desk()
    ticket = Ticket.objects.get()
    delivery = desk.answers("Good day", files=(OutgoingFile("a.txt", "text/plain", b"abc"),))

    made = desk.delivers()

    (sent,) = Obedient.sent
    assert made == 1
    assert (sent.text, sent.recipient, sent.thread) == ("Good day", "kim-0", "kim-0")
    assert sent.delivery_id == str(delivery.key)
    assert sent.case_number == format_number(ticket.number)
    assert (sent.in_reply_to, sent.references) == ("m-0", ("m-0",))
    assert [each.data for each in sent.files] == [b"abc"]
    assert not sent.automatic
    assert (again(delivery).state, again(delivery).external_id) == ("sent", "out-1")
    assert outcomes(delivery) == ["sent"]


def test_acknowledgement_alone_tells_where_the_case_can_be_asked_for() -> None:
    desk = Desk()
    number = format_number(Ticket.objects.get().number)
    desk.answers("Your number", automatic=True)
    desk.answers("Good day")

    desk.delivers()
    desk.delivers()

    assert sorted(sent.page for sent in Obedient.sent) == [
        "",
        f"http://testserver/support/case/?number={number}",
    ]


def test_outcome_raises_the_ticket_version_once() -> None:
    desk = Desk()
    desk.answers()
    before = Ticket.objects.get().version

    desk.delivers()

    assert Ticket.objects.get().version == before + 1


def test_second_run_sends_nothing() -> None:
    desk = Desk()
    desk.answers()
    desk.delivers()

    assert desk.delivers(hours=10) == 0
    assert len(Obedient.sent) == 1


def test_attempt_is_committed_before_the_vendor_is_called() -> None:
    desk = Desk()
    delivery = desk.answers()

    claimed = deliveries.claim(channels=Channel.objects.all(), now=NOON)

    assert claimed == delivery
    assert again(delivery).state == "started"
    assert outcomes(delivery) == [""]
    assert again(delivery).lease_until == NOON + deliveries.LEASE


def test_temporary_failure_is_retried_by_the_schedule_and_then_given_up() -> None:
    desk = Desk()
    Obedient.outcomes += [TemporaryFailure("unavailable", "HTTP 503")] * 3
    delivery = desk.answers()

    desk.delivers()
    first = again(delivery)
    early = desk.delivers(seconds=59)
    desk.delivers(seconds=1)
    second = again(delivery)
    desk.delivers(minutes=5)

    assert first.next_attempt_at == NOON + timedelta(minutes=1)
    assert early == 0
    assert second.next_attempt_at == NOON + timedelta(minutes=6)
    assert again(delivery).state == "failed"
    assert again(delivery).error == {"code": "unavailable", "detail": "HTTP 503"}
    assert outcomes(delivery) == ["retry", "retry", "failed"]
    assert History.objects.filter(code="delivery_failed").count() == 1


def test_short_wait_that_the_vendor_names_is_tried_once() -> None:
    desk = Desk()
    Obedient.outcomes += [TemporaryFailure("busy", retry_after=3)] * 2
    delivery = desk.answers()

    desk.delivers()
    first = again(delivery).next_attempt_at
    desk.delivers(seconds=3)

    assert first == NOON + timedelta(seconds=3)
    assert again(delivery).next_attempt_at == desk.now + timedelta(minutes=5)


def test_permanent_failure_is_not_repeated() -> None:
    desk = Desk()
    Obedient.outcomes.append(PermanentFailure("recipient_gone"))
    delivery = desk.answers()

    desk.delivers()

    assert again(delivery).state == "failed"
    assert desk.delivers(days=1) == 0
    assert not Channel.objects.get().is_paused


def test_channel_whose_other_side_is_gone_is_paused() -> None:
    desk = Desk(customers=2)
    Obedient.outcomes.append(PermanentFailure("gone"))
    desk.answers(customer=0)
    waiting = desk.answers(customer=1)

    desk.delivers()

    assert Channel.objects.get().is_paused
    assert ChannelAccount.objects.get().last_error["code"] == "gone"
    assert again(waiting).state == "queued"
    assert len(Obedient.sent) == 1


def test_later_reply_waits_for_the_earlier_one() -> None:
    desk = Desk()
    Obedient.outcomes.append(TemporaryFailure("busy"))
    desk.answers("one")
    desk.answers("two")

    desk.delivers()
    desk.delivers(minutes=1)

    assert [each.text for each in Obedient.sent] == ["one", "one", "two"]


def test_cancelled_reply_is_not_sent_and_cannot_be_confirmed() -> None:
    desk = Desk()
    delivery = desk.answers()
    deliveries.cancel(delivery=delivery, by=desk.by, now=desk.now)

    desk.delivers()

    assert Obedient.sent == []
    with pytest.raises(deliveries.NotPossible):
        deliveries.confirm(delivery=delivery, by=desk.by, now=desk.now)


def test_sent_reply_cannot_be_cancelled_or_sent_again() -> None:
    desk = Desk()
    delivery = desk.answers()
    desk.delivers()

    with pytest.raises(deliveries.NotPossible):
        deliveries.cancel(delivery=delivery, by=desk.by, now=desk.now)
    with pytest.raises(deliveries.NotPossible):
        deliveries.resend(delivery=delivery, by=desk.by, now=desk.now)


def test_paused_channel_sends_nothing_until_it_is_resumed() -> None:
    desk = Desk()
    delivery = desk.answers()
    api.pause(desk.channel)

    paused = desk.delivers()
    api.resume(desk.channel, now=desk.now)
    desk.delivers()

    assert paused == 0
    assert again(delivery).state == "sent"


def test_vendor_that_names_two_messages_alike_loses_neither() -> None:
    desk = Desk(customers=2)
    Obedient.outcomes += [Sent("same"), Sent("same")]
    first, second = desk.answers(customer=0), desk.answers(customer=1)

    desk.delivers()

    assert (again(first).state, again(first).external_id) == ("sent", "same")
    assert (again(second).state, again(second).external_id) == ("sent", "")


def test_reply_that_cannot_be_prepared_is_certainly_not_sent() -> None:
    desk = Desk()
    delivery = desk.answers("see file", files=(OutgoingFile("a.txt", "text/plain", b"gone"),))
    delivery.message.attachments.update(sha256="0" * 64)

    desk.delivers()

    assert Obedient.sent == []
    assert again(delivery).state == "queued"
    assert again(delivery).error["code"] == "internal"


def test_slow_channel_does_not_take_every_worker() -> None:
    desk = Desk(customers=deliveries.PER_CHANNEL + 1)
    for customer in range(deliveries.PER_CHANNEL + 1):
        desk.answers(customer=customer)

    channels = Channel.objects.all()
    claimed = [
        deliveries.claim(channels=channels, now=desk.now) for _ in range(deliveries.PER_CHANNEL + 1)
    ]

    assert sum(each is not None for each in claimed) == deliveries.PER_CHANNEL


@pytest.mark.django_db(transaction=True)
def test_four_workers_send_each_of_many_replies_once() -> None:
    desk = Desk(customers=12)
    for customer in range(12):
        desk.answers(f"to {customer}", customer=customer)
    start = threading.Barrier(4)

    def work(_: int) -> int:
        try:
            start.wait()
            return desk.delivers()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = sum(pool.map(work, range(4)))

    assert made + desk.delivers() == 12
    assert sorted(each.text for each in Obedient.sent) == sorted(f"to {n}" for n in range(12))
    assert Attempt.objects.filter(outcome="sent").count() == 12


def test_answer_carries_the_customers_last_subject_and_automatic_mail_none_of_their_words() -> None:
    desk = Desk()
    Message.objects.update(subject="退信 554")
    conversation = Conversation.objects.get()

    reply(conversation=conversation, text="Received", by=SYSTEM, now=NOON, automatic=True)
    desk.delivers()
    desk.answers("Good day")
    desk.delivers()

    assert [sent.subject for sent in Obedient.sent] == ["", "退信 554"]


def test_number_that_goes_out_has_the_prefix_of_the_installation(settings: Settings) -> None:
    settings.CASE_NUMBER_PREFIX = "HELP"
    desk = Desk()
    desk.answers()

    desk.delivers()

    assert Obedient.sent[-1].case_number.startswith("HELP-")
