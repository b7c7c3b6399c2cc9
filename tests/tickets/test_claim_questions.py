"""The question to a case's owner: whom it goes to, how often, and what an answer does."""

import re

import pytest

from tests.tickets.cast import (
    NOON,
    account,
    ada,
    agent,
    case,
    claim_on,
    codes,
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
from tickets.actions.identities import clear_compromised, mark_compromised
from tickets.actions.refusals import Refused
from tickets.actor import SYSTEM
from tickets.models import (
    ClaimQuestion,
    Conversation,
    Delivery,
    History,
    Identity,
    IdentityStatus,
    Message,
    Ticket,
)

pytestmark = pytest.mark.django_db


def ask(claim: Conversation, **at: float) -> ClaimQuestion:
    return claims.ask_owner(conversation=claim, by=SYSTEM, now=later(**at))


def code_in(text: str) -> str:
    (code,) = re.findall(r"(?<![\d-])\d{6}(?![\d-])", text)
    return str(code)


def question_text() -> str:
    return Message.objects.filter(automatic="question").latest("pk").text


@pytest.mark.parametrize(
    "written",
    [
        "{0}",
        " {0}\n",
        "验证码：{0}",
        "code {0}.",
        "{1}",
        "{0}\n\n> 2026年11月2日 客服 <a@b.example> 写道：\n> 案号 123456",
    ],
)
def test_code_is_read_as_people_type_it(written: str) -> None:
    claim = claim_on(case())
    ask(claim)
    code = code_in(question_text())
    wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    says("stranger", written.format(code, wide), by="mail", at=later(minutes=5))

    claim.refresh_from_db()
    assert claim.claim == "verified"


@pytest.mark.parametrize(
    "written", ["1234567", "我的单号是 {0}，而且我上周写过三封信都没有人理我，请尽快"]
)
def test_digits_in_other_words_are_no_try(written: str) -> None:
    claim = claim_on(case())
    ask(claim)

    says("stranger", written.format(code_in(question_text())), by="mail", at=later(minutes=5))

    assert ClaimQuestion.objects.get().tries_left == 5


def test_code_works_for_its_own_claim_only() -> None:
    ticket = case()
    claim, other = claim_on(ticket), claim_on(ticket, "other", by="phone")
    ask(claim)

    says("other", code_in(question_text()), by="phone", at=later(minutes=1))

    other.refresh_from_db()
    assert other.is_pending_claim
    assert ClaimQuestion.objects.get().tries_left == 5


def test_code_typed_in_an_open_place_of_a_private_channel_is_not_read() -> None:
    ticket = case()
    landing = says("stranger", f"案号 {printed(ticket)}", by="mail", is_public=True)
    claim = conversation_of(landing)
    ask(claim)
    assert not re.search(r"(?<![\d-])\d{6}(?![\d-])", question_text())

    says("stranger", "123456", by="mail", is_public=True, at=later(minutes=1))

    assert ClaimQuestion.objects.get().tries_left == 5


def test_code_typed_by_a_stolen_account_lets_the_message_in_and_verifies_nothing() -> None:
    claim = claim_on(case())
    ask(claim)
    mark_compromised(identity=claim.identity, by=ada(), now=later(minutes=1))

    landing = says("stranger", code_in(question_text()), by="mail", at=later(minutes=2))

    claim.refresh_from_db()
    assert landing.outcome == "new"
    assert claim.is_pending_claim


def test_stolen_claimer_is_not_even_asked_about() -> None:
    claim = claim_on(case())
    mark_compromised(identity=claim.identity, by=ada(), now=NOON)

    with pytest.raises(Refused, match="compromised"):
        ask(claim, minutes=1)
    with pytest.raises(Refused, match="compromised"):
        claims.verify(conversation=claim, by=ada(), now=later(minutes=2))


def test_rejected_claims_count_against_the_case_that_was_asked() -> None:
    ticket = case()
    question = ask(claim_on(ticket))
    claims.answer(question=question, yes=False, now=later(minutes=1))

    with pytest.raises(Refused, match="asked_enough"):
        ask(claim_on(ticket, "another"), minutes=2)


def test_merging_gives_no_further_questions() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    ask(claim_on(source))
    merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))

    with pytest.raises(Refused, match="asked_enough"):
        ask(claim_on(target, "another"), minutes=2)


@pytest.mark.parametrize("before_the_merge", [True, False])
def test_owner_of_a_merged_case_is_asked_and_joined_by_name_of_their_number(
    before_the_merge: bool,
) -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    claim = claim_on(source) if before_the_merge else None
    merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))
    claim = claim or claim_on(source, at=later(minutes=2))

    question = ask(claim, minutes=3)

    assert question.asked == account("kim")
    assert printed(source) in question_text()
    assert printed(target) not in question_text()
    claims.answer(question=question, yes=True, now=later(minutes=4))
    claim.refresh_from_db()
    assert claim.identity.contact == source.contact
    assert claim.ticket == target


def test_question_speaks_the_owners_language() -> None:
    claim = claim_on(case("kim", "I cannot log in to my mailbox"))

    ask(claim)

    assert "Was it you?" in question_text()


def test_question_that_an_agent_sends_is_nobodys_answer() -> None:
    ticket = case()

    claims.ask_owner(conversation=claim_on(ticket), by=ada(), now=later(minutes=1))

    assert Message.objects.get(automatic="question").author is None
    assert standing(ticket).first_replied_at is None
    assert standing(ticket).waiting_since == ticket.waiting_since
    assert History.objects.get(code="owner_asked").actor_user == agent("ada")


def test_question_that_cannot_be_sent_was_not_asked() -> None:
    door("chat", capabilities={"text_limit": 20})
    claim = claim_on(case())

    with pytest.raises(Refused, match="too_long"):
        ask(claim)

    assert not ClaimQuestion.objects.exists()
    assert not History.objects.filter(code="owner_asked").exists()


def test_owner_is_asked_where_they_wrote_last_and_can_be_reached_now() -> None:
    ticket = case("kim", reply_until=later(hours=1))
    phone = claim_on(ticket, "kims phone", at=later(minutes=1))
    claims.verify(conversation=phone, by=ada(), now=later(minutes=2))
    says("kim", "还是收不到", at=later(minutes=3), reply_until=later(hours=1))
    claim = claim_on(ticket, at=later(minutes=4))

    assert ask(claim, minutes=30).asked == account("kim")
    assert ask(claim, hours=2).asked == account("kims phone")


def test_nobody_is_asked_in_public() -> None:
    door("forum", is_public=True)

    with pytest.raises(Refused, match="nobody_to_ask"):
        ask(claim_on(case("kim", by="forum")))


def test_unverified_identity_that_opened_the_case_is_asked() -> None:
    ticket = case("kim")
    Identity.objects.update(status=IdentityStatus.UNVERIFIED)

    assert ask(claim_on(ticket)).asked == account("kim")


def test_unverified_identity_that_came_later_is_not_asked() -> None:
    door("forum", is_public=True)
    ticket = case("kim", by="forum")
    phone = claim_on(ticket, "kims phone")
    claims.verify(conversation=phone, by=ada(), now=later(minutes=1))
    mark_compromised(identity=account("kims phone"), by=ada(), now=later(minutes=2))
    clear_compromised(identity=account("kims phone"), by=ada(), now=later(minutes=3))

    with pytest.raises(Refused, match="nobody_to_ask"):
        ask(claim_on(ticket, "another", by="web"), minutes=4)


def test_link_to_a_claim_decided_meanwhile_decides_nothing() -> None:
    ticket = case()
    question = ask(claim_on(ticket))
    claims.verify(conversation=question.conversation, by=ada(), now=later(minutes=1))

    with pytest.raises(Refused, match="not_pending"):
        claims.answer(question=question, yes=False, now=later(minutes=2))

    assert question.conversation.ticket == ticket


def test_link_is_good_until_the_last_minute_and_code_too() -> None:
    claim = claim_on(case())
    question = ask(claim)
    text = last_sent(only_conversation(claim.ticket, "kim")).text
    token = re.findall(r"/support/claims/([^/]+)/", text)[0]

    assert claims.question_of(token, now=later(hours=23, minutes=59)) == question
    says("stranger", code_in(text), by="mail", at=later(minutes=14, seconds=59))
    claim.refresh_from_db()
    assert claim.claim == "verified"


def test_claim_and_question_raise_the_version_once() -> None:
    ticket = case()
    claim = claim_on(ticket)
    before = standing(ticket).version

    ask(claim)

    assert standing(ticket).version == before + 1
    assert Message.objects.get(automatic="question").version == before + 1
    assert Delivery.objects.get(message__automatic="question").state == "queued"


def other_case_of_the_claimer(claim: Conversation) -> Ticket:
    landing = says("stranger", "发票怎么开，要专票", by="mail", thread="other", at=later(minutes=2))
    assert landing.ticket is not None
    assert landing.ticket.contact == claim.identity.contact
    return landing.ticket


def test_other_cases_of_a_verified_claimer_come_along_and_say_so() -> None:
    ticket = case()
    claim = claim_on(ticket)
    other = other_case_of_the_claimer(claim)

    claims.verify(conversation=claim, by=ada(), now=later(hours=1))

    assert standing(other).contact == ticket.contact
    assert codes(other)[-1] == "contact_joined"
    entry = History.objects.get(code="contact_joined")
    assert (entry.actor_user, entry.version) == (agent("ada"), standing(other).version)
    assert standing(other).version == other.version + 1


def test_cases_of_a_contact_with_another_identity_stay() -> None:
    ticket = case()
    claim = claim_on(ticket)
    other = other_case_of_the_claimer(claim)
    Identity.objects.create(
        contact=claim.identity.contact, channel=door("web"), external_id="w", created_at=NOON
    )

    claims.verify(conversation=claim, by=ada(), now=later(hours=1))

    assert standing(other).contact == other.contact
    assert "contact_joined" not in codes(other)


def test_verified_claim_that_was_answered_wakes_nobody() -> None:
    ticket = case()
    lifecycle.resolve(ticket=ticket, by=ada(), now=later(hours=1))
    claim = claim_on(ticket, at=later(hours=2))
    Conversation.objects.filter(pk=claim.pk).update(claim_waiting_since=None)

    claims.verify(conversation=claim, by=ada(), now=later(hours=3))

    assert standing(ticket).is_closed
