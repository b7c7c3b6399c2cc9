"""Acknowledgements: one a case, after a quiet moment, the same whatever exists."""

import re

import pytest

from tests.tickets.cast import (
    ada,
    case,
    claim_on,
    conversation_of,
    door,
    last_sent,
    later,
    only_conversation,
    printed,
    says,
    standing,
)
from tickets.actions import claims, lifecycle, merging
from tickets.actions.acknowledgements import send_due
from tickets.actions.identities import mark_compromised
from tickets.case_numbers import format_number
from tickets.models import Acknowledgement, ClaimQuestion, Delivery, Message, Ticket

pytestmark = pytest.mark.django_db

UNKNOWN, INVALID = "QM-1111-1111-38", "QM-1111-1111-39"


def sent() -> list[str]:
    """The texts of all acknowledgements, oldest first."""
    found = Message.objects.filter(automatic="acknowledgement").order_by("pk")
    return list(found.values_list("text", flat=True))


def skipped() -> str:
    owed = Acknowledgement.objects.get()
    assert owed.state == "skipped"
    return owed.reason


def test_new_case_is_acknowledged_with_its_number_through_its_channel() -> None:
    ticket = case()

    assert send_due(now=later(seconds=8)) == 1

    (text,) = sent()
    assert printed(ticket) in text
    delivery = Delivery.objects.get()
    assert delivery.recipient == only_conversation(ticket).identity
    assert delivery.channel == only_conversation(ticket).channel


def test_acknowledgement_is_sent_once() -> None:
    case()
    send_due(now=later(seconds=8))

    assert send_due(now=later(seconds=9)) == 0
    says("kim", "还有一件事", at=later(minutes=1))
    assert send_due(now=later(minutes=5)) == 0

    assert len(sent()) == 1


def test_burst_is_acknowledged_once_when_it_is_over() -> None:
    for second in (0, 5, 10):
        says("kim", f"第{second}句，收不到邮件", at=later(seconds=second))

    assert send_due(now=later(seconds=17)) == 0
    assert send_due(now=later(seconds=18)) == 1
    assert Ticket.objects.count() == len(sent()) == 1


def test_burst_without_end_is_acknowledged_after_half_a_minute() -> None:
    for second in range(0, 40, 5):
        says("kim", f"第{second}句，收不到邮件", at=later(seconds=second))
        if second < 30:
            assert send_due(now=later(seconds=second)) == 0

    assert send_due(now=later(seconds=35)) == 1


def test_acknowledgement_changes_no_clock_and_no_state() -> None:
    ticket = case()

    send_due(now=later(seconds=8))

    after = standing(ticket)
    for field in ("state", "waiting_since", "first_replied_at", "last_activity_at"):
        assert getattr(after, field) == getattr(ticket, field), field


@pytest.mark.parametrize(
    ("text", "words"),
    [("收不到邮件", "案号|case number"), ("I cannot log in", "case number")],
)
def test_acknowledgement_holds_nothing_that_the_customer_wrote(text: str, words: str) -> None:
    case(text=f"{text} <b>evil</b> http://spam.example", subject="Buy now")

    send_due(now=later(seconds=8))

    assert re.search(words, sent()[0])
    for part in (text, "evil", "spam.example", "Buy now"):
        assert part not in sent()[0]


@pytest.mark.parametrize("automatic", ["auto_reply", "bounce", "list"])
def test_machine_gets_no_acknowledgement(automatic: str) -> None:
    says("robot", "Out of office", automatic=automatic)

    assert send_due(now=later(minutes=1)) == 0
    assert sent() == []


def test_two_machines_that_answer_each_other_stop_after_five_a_day() -> None:
    for n in range(7):
        says("robot", f"Order {n} was shipped", thread=f"t{n}", at=later(minutes=n))
        send_due(now=later(minutes=n, seconds=30))

    assert len(sent()) == 5
    assert set(
        Acknowledgement.objects.filter(state="skipped").values_list("reason", flat=True)
    ) == {"loop"}


def test_day_after_the_loop_a_new_case_is_acknowledged_again() -> None:
    for n in range(6):
        says("kim", f"第{n}个问题，收不到邮件", thread=f"t{n}")
    send_due(now=later(minutes=1))

    says("kim", "发票怎么开", thread="t9", at=later(hours=25))

    assert send_due(now=later(hours=26)) == 1


@pytest.mark.parametrize(("left", "count"), [(0, 0), (1, 0), (2, 1)])
def test_last_of_few_replies_is_kept_for_a_person(left: int, count: int) -> None:
    door("chat", capabilities={"few_replies": True})
    says("kim", "收不到邮件", replies_left=left)

    assert send_due(now=later(minutes=1)) == count


def test_closed_reply_window_gets_no_late_acknowledgement() -> None:
    says("kim", "收不到邮件", reply_until=later(seconds=5))

    assert send_due(now=later(seconds=8)) == 0
    assert skipped() == "window"


def test_channel_that_must_not_answer_by_itself_does_not() -> None:
    door("chat", capabilities={"acknowledges": False})
    case()

    assert send_due(now=later(minutes=1)) == 0
    assert skipped() == "channel"


def test_channel_too_narrow_for_the_words_gets_none() -> None:
    door("chat", capabilities={"text_limit": 10})
    case()

    assert send_due(now=later(minutes=1)) == 0
    assert skipped() == "too_long"


def test_public_acknowledgement_says_no_more_than_a_number() -> None:
    door("forum", is_public=True)
    ticket = case(by="forum", text="我的手机 13800001234")

    send_due(now=later(seconds=8))

    (text,) = sent()
    assert printed(ticket) in text
    assert "http" not in text
    assert re.findall(r"\d{5,}", text) == []


def test_stolen_claimer_gets_neither_answer_nor_question() -> None:
    claim = claim_on(case())
    mark_compromised(identity=claim.identity, by=ada(), now=later(seconds=2))

    send_due(now=later(minutes=1))

    assert not claim.messages.filter(direction="outbound").exists()
    assert not ClaimQuestion.objects.exists()


def test_claim_is_acknowledged_with_its_own_number_and_the_owner_is_asked() -> None:
    ticket = case()
    send_due(now=later(minutes=1))
    claim = claim_on(ticket, at=later(hours=1))

    send_due(now=later(hours=1, seconds=8))

    told = last_sent(claim).text
    assert format_number(claim.claim_number) in told
    assert printed(ticket) not in told
    assert ClaimQuestion.objects.get().asked.external_id == "kim"


def test_nobody_to_ask_holds_up_no_acknowledgement() -> None:
    door("forum", is_public=True)
    claim_on(case(by="forum"))

    assert send_due(now=later(minutes=1)) == 2
    assert not ClaimQuestion.objects.exists()


@pytest.mark.parametrize("fate", ["open", "closed", "merged", "foreign"])
def test_what_a_sender_is_told_does_not_depend_on_what_exists(fate: str) -> None:
    text = "お世話になっております。ログインできません。" if fate == "foreign" else "收不到邮件"
    ticket = case("kim", text)
    if fate == "closed":
        lifecycle.resolve(ticket=ticket, by=ada(), now=later(minutes=1))
    if fate == "merged":
        other = case("lin", "附件传不上去")
        merging.merge(source=ticket, target=other, by=ada(), now=later(minutes=1))
    send_due(now=later(hours=1))
    numbers = (printed(ticket), UNKNOWN, INVALID)
    landings = [
        says(f"stranger {n}", f"案号 {number}，有进展吗", by="mail", at=later(hours=2))
        for n, number in enumerate(numbers)
    ]

    send_due(now=later(hours=2, seconds=8))

    told = []
    for landing in landings:
        conversation = conversation_of(landing)
        number = Acknowledgement.objects.get(conversation=conversation).number
        text = last_sent(conversation).text
        assert format_number(number) in text
        told.append(text.replace(format_number(number), "QM"))
    assert told[0] == told[1] == told[2]


def test_whoever_quotes_no_number_is_told_nothing_of_confirming() -> None:
    case("kim")
    says("lin", f"案号 {UNKNOWN}，有进展吗")

    send_due(now=later(seconds=8))

    plain, with_number = sent()
    assert plain.count("\n") < with_number.count("\n")


def test_one_that_waits_in_a_merged_case_is_still_sent() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    merging.merge(source=source, target=target, by=ada(), now=later(seconds=3))

    assert send_due(now=later(seconds=8)) == 2
    assert printed(source) in last_sent(only_conversation(target, "kim")).text


def test_more_than_one_portion_is_sent_in_turn() -> None:
    for n in range(3):
        case(f"k{n}")

    assert send_due(now=later(seconds=8), limit=2) == 2
    assert send_due(now=later(seconds=8), limit=2) == 1


def test_question_of_a_public_claim_holds_no_code() -> None:
    door("forum", is_public=True)
    ticket = case()
    claim = claim_on(ticket, by="forum")

    send_due(now=later(minutes=1))

    question = Message.objects.get(automatic="question")
    assert question.conversation == only_conversation(ticket, "kim")
    assert re.findall(r"(?<![\d-])\d{6}(?![\d-])", question.text) == []
    token = question.text.partition("/support/claims/")[2].partition("/")[0]
    asked = claims.question_of(token, now=later(minutes=2))
    assert asked == ClaimQuestion.objects.get(conversation=claim)
