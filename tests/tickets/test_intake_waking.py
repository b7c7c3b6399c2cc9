"""What a new message wakes: acknowledgements, answers that waited, tickets put aside."""

from typing import Any

import pytest

from tests.tickets.cast import ada, case, door, later, printed, says, standing
from tickets.actions import lifecycle, replies
from tickets.actions.acknowledgements import send_due
from tickets.models import (
    Acknowledgement,
    Conversation,
    Delivery,
    DeliveryState,
    History,
    State,
)

pytestmark = pytest.mark.django_db


# Acknowledgements


def owed() -> Acknowledgement:
    return Acknowledgement.objects.get()


def test_new_case_owes_an_acknowledgement_after_a_quiet_moment() -> None:
    ticket = case()

    assert (owed().ticket_id, owed().number) == (ticket.pk, ticket.number)
    assert (owed().state, owed().due_at) == ("due", later(seconds=8))


def test_burst_puts_the_acknowledgement_off_but_not_for_ever() -> None:
    case()
    for seconds in (6, 12, 18, 24):
        says("kim", "还有", at=later(seconds=seconds))

    assert owed().due_at == later(seconds=30)


def test_further_messages_owe_nothing_more() -> None:
    case()
    Acknowledgement.objects.update(state="sent")

    says("kim", "还有", at=later(hours=1))

    assert Acknowledgement.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"automatic": "list"}, "automatic"), ({"text": "hello"}, "")],
)
def test_machines_are_owed_nothing(fields: dict[str, Any], reason: str) -> None:
    says("kim", fields.pop("text", "newsletter"), **fields)

    assert owed().reason == reason


def test_channel_that_does_not_acknowledge_owes_nothing() -> None:
    door("board", capabilities={"acknowledges": False})

    says("kim", "hello", by="board")

    assert owed().reason == "channel"
    assert send_due(now=later(minutes=1)) == 0
    assert owed().state == "skipped"


def test_quoting_anything_like_a_number_is_remembered_for_the_answer() -> None:
    says("kim", "案号QM-1111-2222-33")

    assert owed().quotes_a_number


def test_claim_is_owed_one_with_its_own_number() -> None:
    ticket = case()
    says("new", f"案号{printed(ticket)}", by="web")

    claim = Conversation.objects.get(claim="pending")
    answer = Acknowledgement.objects.get(conversation=claim)
    assert answer.number == claim.claim_number != ticket.number


# What a message wakes


def test_answer_that_waited_for_the_customer_leaves() -> None:
    case(reply_until=later(minutes=1))
    conversation = Conversation.objects.get()
    message = replies.reply(conversation=conversation, text="late", by=ada(), now=later(minutes=5))
    assert Delivery.objects.get(message=message).state == DeliveryState.WAITING

    says("kim", "在吗", at=later(minutes=9), reply_until=later(minutes=60))

    delivery = Delivery.objects.get(message=message)
    assert (delivery.state, delivery.next_attempt_at) == (DeliveryState.QUEUED, later(minutes=9))


def test_message_opens_a_pending_ticket() -> None:
    ticket = case()
    lifecycle.wait_for_customer(ticket=ticket, by=ada(), now=later(minutes=1))

    says("kim", "这是截图", at=later(minutes=2))

    assert standing(ticket).state == State.OPEN
    assert History.objects.filter(ticket=ticket, code="woken").exists()


def test_claim_changes_nothing_for_the_owner() -> None:
    ticket = case()
    lifecycle.wait_for_customer(ticket=ticket, by=ada(), now=later(minutes=1))
    before = standing(ticket)

    says("new", f"案号{printed(ticket)}", by="web", at=later(minutes=2))

    after = standing(ticket)
    assert (after.state, after.subject) == (before.state, before.subject)
    assert after.last_activity_at == before.last_activity_at
    assert Conversation.objects.get(claim="pending").claim_waiting_since == later(minutes=2)


@pytest.mark.parametrize("text", ["把联系地址发我", "案号{}，进展？"])
def test_bounce_with_a_number_does_not_make_its_sender_a_participant(text: str) -> None:
    ticket = case()
    bounced = says("eve", f"退信：{printed(ticket)}", by="mail", automatic="bounce")
    assert bounced.ticket_id == ticket.pk

    landing = says("eve", text.format(printed(ticket)), by="mail", at=later(minutes=1))

    assert landing.ticket_id != ticket.pk


def test_bounces_of_one_machine_do_not_follow_each_other() -> None:
    ticket = case()
    daemon = "mailer-daemon@mx.example"
    says(daemon, f"Undelivered mail: {printed(ticket)}", by="mail")

    landing = says(daemon, "Undelivered mail, no number", by="mail", at=later(minutes=1))

    assert landing.number != ticket.number


def test_subject_is_the_first_paragraph_that_says_something() -> None:
    landing = says("kim", "你好\n\n附件发不出去，退信 554\n\n邮箱：kim@mail.example")

    assert landing.ticket is not None
    assert landing.ticket.subject == "附件发不出去，退信 554"
