"""Numbers promised, mistyped and put right lead where they should."""

import pytest

from tests.tickets.arriving import message_of, sent
from tests.tickets.cast import ada, case, later, printed, says
from tickets.actions import claims, lifecycle
from tickets.actions.numbers import reserve
from tickets.case_numbers import format_number
from tickets.interchange import Sender
from tickets.models import (
    Alias,
    Conversation,
    Link,
    Message,
    Move,
    Ticket,
)

pytestmark = pytest.mark.django_db


# Numbers promised at the door


def test_promised_number_becomes_the_new_tickets_own() -> None:
    (number,) = reserve()

    landing = says("kim", "收不到邮件", reserved_number=number)

    assert landing.number == number
    assert Alias.objects.get(number=number).ticket_id == landing.ticket_id


def test_promised_number_becomes_an_alias_of_the_case_joined() -> None:
    ticket = case()
    (number,) = reserve()

    says("kim", "还是不行", reserved_number=number)

    alias = Alias.objects.get(number=number)
    assert (alias.ticket_id, alias.origin) == (ticket.pk, "reserved")


def test_promised_number_becomes_the_claims_own() -> None:
    ticket = case()
    (number,) = reserve()

    says("new", f"案号{printed(ticket)}", by="web", reserved_number=number)

    assert Conversation.objects.get(claim="pending").claim_number == number
    assert Alias.objects.get(number=number).ticket_id == ticket.pk


def test_alias_quoted_later_leads_to_the_case() -> None:
    ticket = case()
    (number,) = reserve()
    says("kim", "还是不行", reserved_number=number)

    landing = says("kim", f"案号{format_number(number)}", at=later(days=3))

    assert landing.number == ticket.number


# Numbers typed wrongly


def typo_of(ticket: Ticket) -> str:
    digits = ticket.number[:4] + str((int(ticket.number[4]) + 1) % 10) + ticket.number[5:]
    return format_number(digits)


def test_near_miss_is_offered_among_ones_own_cases() -> None:
    ticket = case()

    landing = says("kim", f"案号{typo_of(ticket)}", at=later(days=2))

    link = Link.objects.get(kind="near_miss")
    assert (link.ticket_id, link.other_id) == (landing.ticket_id, ticket.pk)


def test_near_miss_of_anothers_case_is_not_offered() -> None:
    ticket = case()

    says("eve", f"案号{typo_of(ticket)}")

    assert not Link.objects.filter(kind="near_miss").exists()


def test_correction_moves_the_conversation_and_can_be_undone() -> None:
    ticket = case()
    wrong = says("kim", f"案号{typo_of(ticket)}", at=later(days=2))

    landing = says("kim", f"打错了，{printed(ticket)}", at=later(days=2, minutes=1))

    move = Move.objects.get(kind="correction")
    assert landing.number == ticket.number
    assert (move.source_id, move.target_id) == (wrong.ticket_id, ticket.pk)
    assert move.conversations == [message_of(wrong).conversation_id]
    assert message_of(wrong).conversation_id == message_of(landing).conversation_id


def test_number_of_the_corrected_ticket_leads_to_the_case_and_needs_no_look() -> None:
    ticket = case()
    wrong = says("kim", f"案号{typo_of(ticket)}", at=later(days=2))
    says("kim", f"打错了，{printed(ticket)}", at=later(days=2, minutes=1))

    landing = says("kim", f"案号{format_number(wrong.number)}", at=later(days=9))

    assert landing.number == ticket.number
    assert message_of(landing).decision["review"] == ""


def test_newcomers_correction_is_a_claim_and_nothing_more() -> None:
    ticket = case()
    says("eve", f"案号{typo_of(ticket)}", by="web")

    says("eve", f"打错了，{printed(ticket)}", by="web", at=later(minutes=1))
    landing = says("eve", f"案号{printed(ticket)}", by="web", at=later(days=3))

    (conversation,) = Conversation.objects.filter(identity__external_id="eve")
    assert (conversation.ticket_id, conversation.claim) == (ticket.pk, "pending")
    assert message_of(landing).conversation_id == conversation.pk


def test_rejected_newcomer_with_a_corrected_number_gets_a_case_of_their_own() -> None:
    ticket = case()
    says("eve", f"案号{typo_of(ticket)}", by="web")
    says("eve", f"打错了，{printed(ticket)}", by="web", at=later(minutes=1))
    conversation = Conversation.objects.get(claim="pending")

    own = claims.reject(conversation=conversation, by=ada(), now=later(minutes=5))

    assert own.pk != ticket.pk
    assert Message.objects.filter(conversation__ticket=own).count() == 2


def test_ticket_that_an_agent_touched_stays_when_the_number_is_corrected() -> None:
    ticket = case()
    wrong = says("kim", f"案号{typo_of(ticket)}", at=later(days=2))
    assert wrong.ticket is not None
    lifecycle.tag(ticket=wrong.ticket, tag="seen", by=ada(), now=later(days=2))

    says("kim", f"打错了，{printed(ticket)}", at=later(days=2, minutes=1))

    assert not Move.objects.exists()


# Suggestions


def test_same_problem_at_another_door_is_suggested_with_the_reason() -> None:
    ticket = case("kim", "给客户的报价单被退信 554", sender=Sender("kim", vouched="u"))

    landing = says("k", "发给客户的报价退信，代码554", by="mail", sender=Sender("k", vouched="u"))

    link = Link.objects.get(kind="duplicate")
    assert (link.ticket_id, link.other_id) == (landing.ticket_id, ticket.pk)
    assert link.reason["same_contact"]
    assert "mail_flow" in link.reason["topics"]
    assert link.reason["codes"] == ["554"]


def test_same_problem_in_another_language_is_suggested() -> None:
    ticket = case("kim", "给客户的报价单被退信 554", sender=Sender("kim", vouched="u"))

    says("k", "Mail to my client bounces with 554", by="mail", sender=Sender("k", vouched="u"))

    assert Link.objects.get(kind="duplicate").other_id == ticket.pk


def test_declared_source_is_suggestion_enough() -> None:
    case("kim", "企业域名验证失败", sender=Sender("kim", vouched="u"))

    says("k", "我在官网提交过了，麻烦看看", by="mail", sender=Sender("k", vouched="u"))

    assert Link.objects.get(kind="duplicate").reason["declared"] == "web_form"


@pytest.mark.parametrize(
    ("text", "vouched", "days"),
    [
        ("日历提醒不响", "u", 0),
        ("发给客户的报价退信，554", "other", 0),
        ("发给客户的报价退信，554", "u", 31),
    ],
)
def test_other_problem_person_or_month_is_not_suggested(text: str, vouched: str, days: int) -> None:
    case("kim", "给客户的报价单被退信 554", sender=Sender("kim", vouched="u"))

    says("k", text, by="mail", sender=Sender("k", vouched=vouched), at=later(days=days))

    assert not Link.objects.filter(kind="duplicate").exists()


# Whole decisions


def test_decision_is_stored_with_rule_and_evidence() -> None:
    ticket = case()

    landing = says("kim", f"已通过官网渠道提交，案号{printed(ticket)}", at=later(days=2))

    decision = message_of(landing).decision
    assert (decision["rule"], decision["declared"]) == ("strong_number", "web_form")
    assert decision["numbers"] == {"strong": [ticket.number]}
    assert printed(ticket) in decision["evidence"][0]["text"]


def test_answer_to_a_delivered_message_joins_its_case() -> None:
    delivery = sent("out-7")
    assert delivery.message.conversation is not None

    landing = says(
        "kim", "好的，发票呢", at=later(days=5), in_reply_to=("nothing", "out-7"), thread="other"
    )

    assert landing.ticket_id == delivery.message.conversation.ticket_id
    assert message_of(landing).decision["rule"] == "reply_link"


def test_threads_are_told_apart() -> None:
    first = says("kim", "收不到邮件", thread="a")

    assert says("kim", "还是不行", thread="b", at=later(minutes=1)).number != first.number
    assert says("kim", "还是不行", thread="a", at=later(minutes=2)).number == first.number


def test_follow_up_of_a_case_closed_long_ago_knows_it() -> None:
    ticket = case()
    lifecycle.resolve(ticket=ticket, by=ada(), now=later(days=1))

    landing = says("kim", f"案号{printed(ticket)}，又坏了", at=later(days=40))

    assert landing.number != ticket.number
    assert Ticket.objects.get(number=landing.number).follows_id == ticket.pk
