"""Reply windows, long replies, rates and broken accounts: what the outbox does about each."""

from datetime import timedelta

import pytest

from channels_ingest import accounts, api
from channels_ingest.connectors.base import Misconfigured, OutcomeUnknown, WindowClosed
from channels_ingest.models import ChannelAccount
from tests.channels_ingest.desk import Desk, again, outcomes
from tests.channels_ingest.doors import NOON, Obedient
from tickets.actions import deliveries
from tickets.actions.deliveries import NotPossible
from tickets.actions.intake import Arrival, receive
from tickets.actions.refusals import Refused
from tickets.actions.replies import ReplyRefused, reply
from tickets.interchange import IncomingMessage, OutgoingFile, Sender
from tickets.models import (
    Attempt,
    Channel,
    Conversation,
    Delivery,
    Direction,
    History,
    Identity,
    IdentityStatus,
    Message,
)

pytestmark = pytest.mark.django_db

AN_HOUR = (timedelta(hours=1), 4)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_vendor_that_closes_the_window_leaves_the_answer_waiting_for_the_customer() -> None:
    desk = Desk(window=AN_HOUR)
    Obedient.outcomes.append(WindowClosed("window_closed", "40034005"))
    delivery = desk.answers()

    desk.delivers()
    waited = again(delivery)
    conversation = Conversation.objects.get()
    desk.hears("还在吗", minutes=5)
    desk.delivers()

    assert (waited.state, waited.error["code"]) == ("waiting", "window_closed")
    assert conversation.replies_left == 0
    assert History.objects.filter(code="delivery_waits").count() == 1
    assert again(delivery).state == "sent"
    assert outcomes(delivery) == ["waiting", "sent"]


def test_answer_that_waited_answers_the_message_that_set_it_free() -> None:
    desk = Desk(window=AN_HOUR)
    Obedient.outcomes.append(WindowClosed("window_closed"))
    desk.answers()
    desk.delivers()

    desk.hears("还在吗", minutes=5)
    desk.delivers()

    newest = Message.objects.filter(direction=Direction.INBOUND).latest("pk").external_id
    assert [(sent.in_reply_to, sent.sequence) for sent in Obedient.sent] == [
        ("m-0", 1),
        (newest, 1),
    ]


def test_customer_who_writes_while_the_vendor_refuses_gets_the_answer_at_once() -> None:
    desk = Desk(window=AN_HOUR)
    delivery = desk.answers()
    claimed = deliveries.claim(channels=Channel.objects.all(), now=desk.now)
    assert claimed is not None
    desk.hears("还在吗", seconds=1)

    deliveries.record_waiting(delivery=claimed, error={"code": "window_closed"}, now=desk.now)
    desk.delivers()

    assert again(delivery).state == "sent"


def test_answers_to_one_message_are_counted_and_keep_their_count_over_retries() -> None:
    desk = Desk("idempotent", window=AN_HOUR)
    Obedient.outcomes.append(OutcomeUnknown("no_answer"))
    desk.answers("one")
    desk.answers("two")

    desk.delivers()
    desk.delivers(minutes=1)

    assert [(sent.text, sent.sequence) for sent in Obedient.sent] == [
        ("one", 1),
        ("one", 1),
        ("two", 2),
    ]


def test_window_that_closed_after_a_doubtful_attempt_leaves_the_decision_to_a_person() -> None:
    desk = Desk("idempotent", window=AN_HOUR)
    Obedient.outcomes += [OutcomeUnknown("no_answer"), WindowClosed("window_closed")]
    delivery = desk.answers()

    desk.delivers()
    desk.delivers(minutes=1)
    desk.hears("还在吗", minutes=1)

    assert desk.delivers() == 0
    assert again(delivery).state == "unknown"


def test_call_that_must_not_be_repeated_is_not_even_where_others_may_be() -> None:
    desk = Desk("idempotent")
    Obedient.outcomes.append(OutcomeUnknown("no_answer", resend=False))
    delivery = desk.answers()

    desk.delivers()

    assert desk.delivers(hours=10) == 0
    assert again(delivery).state == "unknown"


def test_window_is_of_the_chat_so_an_earlier_case_in_it_can_be_answered_again() -> None:
    desk = Desk(window=AN_HOUR)
    earlier = desk.conversations[0]
    desk.now += timedelta(hours=2)
    waiting = desk.answers("for the first case")
    assert again(waiting).state == "waiting"

    desk.hears("另外一个问题：发票怎么开？", hours=30)

    assert Conversation.objects.count() == 2
    earlier.refresh_from_db()
    assert earlier.takes_replies(desk.now)
    assert again(waiting).state == "queued"


def test_long_reply_leaves_in_parts_and_in_order() -> None:
    desk = Desk(text_limit=10, splits=True)
    message = reply(
        conversation=desk.conversations[0], text="first one. second one.", by=desk.by, now=NOON
    )

    desk.delivers()

    assert [sent.text for sent in Obedient.sent] == ["first one.", "second", "one."]
    assert len({sent.delivery_id for sent in Obedient.sent}) == 3
    assert set(message.deliveries.values_list("state", flat=True)) == {"sent"}


def test_part_in_doubt_holds_back_the_parts_behind_it() -> None:
    desk = Desk(text_limit=10, splits=True)
    Obedient.outcomes.append(OutcomeUnknown("no_answer"))
    reply(conversation=desk.conversations[0], text="first one. second one.", by=desk.by, now=NOON)

    desk.delivers()
    held = states()
    doubtful = Delivery.objects.get(state="unknown")
    deliveries.confirm(delivery=doubtful, by=desk.by, now=desk.now)
    desk.delivers()

    assert held == ["unknown", "queued", "queued"]
    assert states() == ["sent", "sent", "sent"]


def test_parts_for_which_no_reply_is_left_wait_for_the_customer() -> None:
    desk = Desk(text_limit=10, splits=True, window=(timedelta(hours=1), 1))
    desk.hears("hello again", seconds=1)
    reply(conversation=desk.conversations[0], text="first one. secondly.", by=desk.by, now=desk.now)

    desk.delivers()
    before = states()
    desk.hears("go on", minutes=1)
    desk.delivers()

    assert before == ["sent", "waiting"]
    assert states() == ["sent", "sent"]


def test_file_that_travels_alone_is_a_part_of_its_own() -> None:
    desk = Desk(files_apart=True)
    reply(
        conversation=desk.conversations[0],
        text="see the file",
        by=desk.by,
        now=NOON,
        files=(OutgoingFile("a.txt", "text/plain", b"abc"),),
    )

    desk.delivers()

    assert [(sent.text, len(sent.files)) for sent in Obedient.sent] == [
        ("see the file", 0),
        ("", 1),
    ]


def test_reply_longer_than_a_channel_takes_is_refused_where_it_cannot_be_cut() -> None:
    desk = Desk(text_limit=8, text_unit="bytes")

    with pytest.raises(ReplyRefused) as caught:
        desk.answers("邮件收到")

    assert (caught.value.code, caught.value.data) == ("too_long", {"limit": 8})


def test_read_only_channel_takes_no_reply() -> None:
    desk = Desk(writes=False)

    with pytest.raises(ReplyRefused) as caught:
        desk.answers("hello")

    assert caught.value.code == "read_only"
    assert not Delivery.objects.exists()


def test_broken_account_holds_replies_until_it_is_mended() -> None:
    desk = Desk()
    Obedient.outcomes.append(Misconfigured("bad_credentials", "40125"))
    delivery = desk.answers()

    desk.delivers()
    held, account = again(delivery), ChannelAccount.objects.get()
    api.change_channel(desk.channel, values={"word": "mended"}, now=desk.now)
    desk.delivers()

    assert (held.state, held.error["code"]) == ("queued", "bad_credentials")
    assert account.send_error == {"code": "bad_credentials", "detail": "40125"}
    assert again(delivery).state == "sent"
    assert ChannelAccount.objects.get().send_error == {}


def test_reply_of_an_account_that_nobody_mends_fails_after_a_day() -> None:
    desk = Desk()
    Obedient.outcomes += [Misconfigured("bad_credentials")] * 3
    delivery = desk.answers()

    desk.delivers()
    desk.delivers(hours=12)
    waiting = again(delivery).state
    desk.delivers(hours=13)

    assert waiting == "queued"
    assert again(delivery).state == "failed"


def test_channel_keeps_to_its_rate_and_goes_on_a_minute_later() -> None:
    desk = Desk(customers=5, sends_per_minute=2)
    for customer in range(5):
        desk.answers(f"to {customer}", customer)

    made = [desk.delivers(), desk.delivers(seconds=30), desk.delivers(seconds=31)]

    assert made == [2, 0, 2]


def test_long_queue_of_one_channel_does_not_hold_up_another() -> None:
    desk = Desk(customers=6)
    for customer in range(6):
        desk.answers(f"to {customer}", customer)
    other = Channel.objects.create(slug="other", kind="obedient", label="Other")
    accounts.keep(other, accounts.check("obedient", {}), now=NOON)
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(channel=other)

    claimed = [deliveries.claim(channels=Channel.objects.all(), now=NOON) for _ in range(2)]

    assert {each.channel for each in claimed if each} == {desk.channel, other}


def second_place(desk: Desk, *, status: str = IdentityStatus.VERIFIED) -> Conversation:
    """Another conversation of the same customer on the same case, by another channel."""
    ticket = desk.conversations[0].ticket
    other = Channel.objects.create(slug="mail", kind="obedient", label="Mail")
    accounts.keep(other, accounts.check("obedient", {}), now=desk.now)
    item = IncomingMessage("x-1", Sender("kim@mail"), f"案号 {ticket.number}", sent_at=desk.now)
    receive([Arrival(other, item)], now=desk.now)
    place = Conversation.objects.get(channel=other)
    Identity.objects.filter(pk=place.identity_id).update(contact=ticket.contact, status=status)
    Conversation.objects.filter(pk=place.pk).update(claim="", claim_number="")
    return Conversation.objects.get(pk=place.pk)


def test_waiting_answer_can_leave_through_another_proven_place_of_the_customer() -> None:
    desk = Desk(window=AN_HOUR)
    desk.now += timedelta(hours=2)
    Obedient.window.clear()
    waiting = desk.answers("your answer")
    place = second_place(desk)

    deliveries.redirect(delivery=waiting, to=place, by=desk.by, now=desk.now)
    desk.delivers()

    assert again(waiting).state == "cancelled"
    assert [(sent.text, sent.recipient) for sent in Obedient.sent] == [("your answer", "kim@mail")]
    assert History.objects.filter(code="delivery_redirected").count() == 1


def test_waiting_answer_does_not_leave_by_an_unproven_identity() -> None:
    desk = Desk(window=AN_HOUR)
    desk.now += timedelta(hours=2)
    Obedient.window.clear()
    waiting = desk.answers("your answer")
    place = second_place(desk, status=IdentityStatus.UNVERIFIED)

    with pytest.raises(Refused) as caught:
        deliveries.redirect(delivery=waiting, to=place, by=desk.by, now=desk.now)

    assert caught.value.code == "not_their_place"
    assert again(waiting).state == "waiting"
    assert Message.objects.filter(direction=Direction.OUTBOUND).count() == 1


def test_answer_on_its_way_cannot_be_redirected() -> None:
    desk = Desk()
    sent = desk.answers("your answer")
    place = second_place(desk)

    with pytest.raises(NotPossible):
        deliveries.redirect(delivery=sent, to=place, by=desk.by, now=desk.now)

    assert Attempt.objects.count() == 0
