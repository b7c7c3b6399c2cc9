"""Claims: who quotes a number is not believed until somebody who may know says so."""

import re
from datetime import timedelta

import pytest

from tests.tickets.cast import (
    NOON,
    ada,
    agent,
    case,
    claim_on,
    conversation_of,
    door,
    last_sent,
    later,
    printed,
    says,
    standing,
)
from tickets.actions import claims, lifecycle, merging, undoing
from tickets.actions.acknowledgements import send_due
from tickets.actions.identities import mark_compromised
from tickets.actions.refusals import Refused
from tickets.actions.replies import ReplyRefused, reply
from tickets.actor import SYSTEM, Actor
from tickets.models import (
    Acknowledgement,
    Alias,
    ClaimQuestion,
    Conversation,
    History,
    Identity,
    Message,
    Move,
    Ticket,
)

pytestmark = pytest.mark.django_db


def test_claim_changes_nothing_for_the_owner() -> None:
    ticket = case()
    before = standing(ticket)

    claim_on(ticket, at=later(hours=1))

    after = standing(ticket)
    for field in ("state", "subject", "waiting_since", "last_activity_at", "contact_id", "review"):
        assert getattr(after, field) == getattr(before, field), field


def test_claim_has_a_clock_and_a_number_of_its_own() -> None:
    ticket = case()

    claim = claim_on(ticket, at=later(hours=1))

    assert claim.claim_waiting_since == later(hours=1)
    assert Alias.objects.get(number=claim.claim_number).ticket == ticket
    assert claim.claim_number != ticket.number


def test_claim_stands_on_a_closed_case_without_reopening_it() -> None:
    ticket = case()
    lifecycle.resolve(ticket=ticket, by=ada(), now=later(hours=1))

    claim = claim_on(ticket, at=later(hours=2))

    assert claim.is_pending_claim
    assert standing(ticket).is_closed


def test_further_words_of_the_claimer_stay_in_the_claim() -> None:
    ticket = case()
    claim = claim_on(ticket)

    landing = says("stranger", "还在吗，请尽快", by="mail", at=later(minutes=5))

    assert conversation_of(landing) == claim
    assert landing.message is not None
    assert landing.message.decision["rule"] == "current_conversation"


def test_agent_verifies_and_the_identity_joins_the_contact() -> None:
    ticket = case()
    claim = claim_on(ticket)

    claims.verify(conversation=claim, by=ada(), now=later(hours=1))

    claim.refresh_from_db()
    assert claim.claim == "verified"
    assert claim.identity.contact == ticket.contact
    assert claim.identity.is_verified
    assert Alias.objects.get(number=claim.claim_number).ticket == ticket
    entry = History.objects.get(ticket=ticket, code="claim_verified")
    assert entry.actor_user == agent("ada")
    assert entry.data["how"] == "agent"


def test_verified_claimer_is_the_owner_from_then_on() -> None:
    ticket = case()
    claims.verify(conversation=claim_on(ticket), by=ada(), now=later(hours=1))

    landing = says("stranger", f"{printed(ticket)} 又坏了", by="mail", at=later(days=3))

    assert landing.ticket == ticket
    assert conversation_of(landing).claim == "verified"


def test_verified_claim_wakes_a_closed_case() -> None:
    ticket = case()
    lifecycle.resolve(ticket=ticket, by=ada(), now=later(hours=1))
    claim = claim_on(ticket, at=later(hours=2))

    claims.verify(conversation=claim, by=ada(), now=later(hours=3))

    after = standing(ticket)
    assert after.state == "open"
    assert after.waiting_since == later(hours=2)


def test_rejected_claim_becomes_a_case_under_the_number_it_was_given() -> None:
    ticket = case()
    claim = claim_on(ticket)

    fresh = claims.reject(conversation=claim, by=ada(), now=later(hours=1))

    claim.refresh_from_db()
    assert fresh.number == claim.claim_number
    assert claim.ticket == fresh
    assert claim.claim == "rejected"
    assert fresh.contact == claim.identity.contact != ticket.contact
    assert Alias.objects.get(number=fresh.number).ticket == fresh
    assert Message.objects.filter(conversation__ticket=ticket).count() == 1


def test_rejection_can_be_undone() -> None:
    ticket = case()
    claim = claim_on(ticket)
    claims.reject(conversation=claim, by=ada(), now=later(hours=1))

    undoing.undo(move=Move.objects.get(), by=ada(), now=later(hours=2))

    claim.refresh_from_db()
    assert claim.ticket == ticket
    assert claim.is_pending_claim
    landing = says("kim", f"QM{claim.claim_number}", at=later(hours=3))
    assert landing.ticket == ticket


def test_decided_claim_cannot_be_decided_again() -> None:
    claim = claim_on(case())
    claims.verify(conversation=claim, by=ada(), now=later(hours=1))

    with pytest.raises(Refused, match="not_pending"):
        claims.reject(conversation=claim, by=ada(), now=later(hours=2))


def test_owner_is_asked_once_things_are_quiet_and_answers_by_link() -> None:
    ticket = case()
    claim = claim_on(ticket)
    send_due(now=later(seconds=9))

    asked = last_sent(Conversation.objects.get(ticket=ticket, identity__external_id="kim"))
    token = re.search(r"/support/claims/([^/]+)/", asked.text)
    assert token is not None
    question = claims.question_of(token.group(1), now=later(hours=1))
    claims.answer(question=question, yes=True, now=later(hours=1))

    claim.refresh_from_db()
    assert claim.claim == "verified"
    assert History.objects.get(code="claim_verified").actor_identity == question.asked


def test_owner_who_says_no_rejects() -> None:
    ticket = case()
    claim = claim_on(ticket)
    question = claims.ask_owner(conversation=claim, by=SYSTEM, now=later(minutes=1))

    claims.answer(question=question, yes=False, now=later(minutes=2))

    claim.refresh_from_db()
    assert claim.claim == "rejected"
    assert claim.ticket != ticket


def test_answered_question_takes_no_second_answer() -> None:
    claim = claim_on(case())
    question = claims.ask_owner(conversation=claim, by=SYSTEM, now=later(minutes=1))
    claims.answer(question=question, yes=True, now=later(minutes=2))

    with pytest.raises(Refused, match="link_dead"):
        claims.answer(question=question, yes=False, now=later(minutes=3))


def test_link_is_dead_after_a_day_and_when_forged() -> None:
    claim = claim_on(case())
    question = claims.ask_owner(conversation=claim, by=SYSTEM, now=NOON)
    token = claims.question_link(question).rstrip("/").rsplit("/", 1)[1]

    with pytest.raises(Refused, match="link_dead"):
        claims.question_of(token, now=later(hours=24))
    with pytest.raises(Refused, match="link_dead"):
        claims.question_of(token[:-1] + "!", now=later(hours=1))


def code_in(ticket: Ticket) -> str:
    asked = last_sent(Conversation.objects.get(ticket=ticket, identity__external_id="kim"))
    found = re.search(r"(?<!\d)\d{6}(?!\d)", asked.text)
    assert found is not None
    return found.group()


def test_code_typed_in_the_claimers_private_conversation_verifies() -> None:
    ticket = case()
    claim = claim_on(ticket)
    claims.ask_owner(conversation=claim, by=SYSTEM, now=NOON)

    says("stranger", code_in(ticket), by="mail", at=later(minutes=5))

    claim.refresh_from_db()
    assert claim.claim == "verified"
    assert History.objects.get(code="claim_verified").data["how"] == "code"


def test_code_is_dead_after_a_quarter_of_an_hour() -> None:
    ticket = case()
    claim = claim_on(ticket)
    claims.ask_owner(conversation=claim, by=SYSTEM, now=NOON)

    says("stranger", code_in(ticket), by="mail", at=later(minutes=15))

    claim.refresh_from_db()
    assert claim.is_pending_claim


def test_five_wrong_codes_kill_the_right_one() -> None:
    ticket = case()
    claim = claim_on(ticket)
    claims.ask_owner(conversation=claim, by=SYSTEM, now=NOON)
    right = code_in(ticket)
    wrong = "000000" if right != "000000" else "111111"

    for minute in range(5):
        says("stranger", wrong, by="mail", at=later(minutes=minute))
    says("stranger", right, by="mail", at=later(minutes=6))

    claim.refresh_from_db()
    assert claim.is_pending_claim


def test_public_claim_gets_no_code() -> None:
    ticket = case()
    door("forum", is_public=True)
    claim = claim_on(ticket, by="forum")
    claims.ask_owner(conversation=claim, by=SYSTEM, now=NOON)

    asked = last_sent(Conversation.objects.get(ticket=ticket, identity__external_id="kim"))
    assert not re.search(r"(?<!\d)\d{6}(?!\d)", asked.text)
    says("stranger", "123456", by="forum", at=later(minutes=1))
    assert ClaimQuestion.objects.get().tries_left == 5


def test_at_most_one_question_an_hour_and_three_a_day() -> None:
    ticket = case()
    for n in range(3):
        claim = claim_on(ticket, f"s{n}", at=later(hours=2 * n))
        claims.ask_owner(conversation=claim, by=SYSTEM, now=later(hours=2 * n))
        with pytest.raises(Refused, match="asked_enough"):
            claims.ask_owner(conversation=claim, by=SYSTEM, now=later(hours=2 * n, minutes=59))

    with pytest.raises(Refused, match="asked_enough"):
        claims.ask_owner(conversation=claim, by=SYSTEM, now=later(hours=20))


def test_stolen_account_is_not_asked_and_verifies_nothing() -> None:
    ticket = case()
    claim = claim_on(ticket)
    question = claims.ask_owner(conversation=claim, by=SYSTEM, now=NOON)
    kim = Identity.objects.get(external_id="kim")
    mark_compromised(identity=kim, by=ada(), now=later(minutes=1))

    with pytest.raises(Refused, match="link_dead"):
        claims.answer(question=question, yes=True, now=later(minutes=2))
    with pytest.raises(Refused, match="nobody_to_ask"):
        claims.ask_owner(conversation=claim, by=SYSTEM, now=later(hours=2))
    says("stranger", "123456", by="mail", at=later(minutes=3))
    claim.refresh_from_db()
    assert claim.is_pending_claim


@pytest.mark.parametrize(
    ("secret", "answer"),
    [
        ("我的备用手机是 13800001234，请联系", "您的手机 13800001234 对吗"),
        ("报价单发给 lin.x@example.org 被退回", "是发给 lin.x@example.org 的吗"),
        ("发送带附件的邮件被退回，提示服务器错误", "您说的发送带附件的邮件被退回已经处理"),
        ("the quarterly contract was rejected twice", "About: the quarterly contract was rejected"),
    ],
)
def test_nothing_of_the_case_goes_to_the_claimer(secret: str, answer: str) -> None:
    claim = claim_on(case(text=secret))

    with pytest.raises(ReplyRefused, match="quotes_case") as refused:
        reply(conversation=claim, text=answer, by=ada(), now=later(minutes=1))

    assert refused.value.data["passage"]


def test_claimer_may_be_answered_in_their_own_words() -> None:
    ticket = case()
    claim = claim_on(ticket)

    message = reply(
        conversation=claim,
        text=f"您好，案号 {printed(ticket)} 我们需要先核实您的身份。",
        by=ada(),
        now=later(minutes=1),
    )

    claim.refresh_from_db()
    assert message.conversation == claim
    assert claim.claim_waiting_since is None
    assert standing(ticket).first_replied_at is None


def test_note_on_the_case_is_as_secret_as_its_messages() -> None:
    from tickets.actions.notes import add_note

    ticket = case()
    claim = claim_on(ticket)
    add_note(ticket=ticket, text="客户是远山设计的管理员账户", by=ada(), now=later(minutes=1))

    with pytest.raises(ReplyRefused, match="quotes_case"):
        reply(conversation=claim, text="您是远山设计的管理员账户吗", by=ada(), now=later(minutes=2))


def test_acknowledgement_is_the_same_whether_or_not_the_number_exists() -> None:
    ticket = case()
    claim = claim_on(ticket)
    unknown = says("other", "案号 QM-1111-1111-38，有进展吗", by="mail")
    invalid = says("third", "案号 QM-1111-1111-39，有进展吗", by="mail")
    send_due(now=later(seconds=9))

    texts = set()
    for conversation in (claim, conversation_of(unknown), conversation_of(invalid)):
        owed = Acknowledgement.objects.get(conversation=conversation)
        text = last_sent(conversation).text
        assert owed.number[:4] in text
        texts.add(re.sub(r"QM-[\d-]+", "QM", text))
    assert len(texts) == 1


def test_claim_on_a_merged_number_stands_on_the_survivor() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))

    claim = claim_on(source, at=later(minutes=2))

    assert claim.ticket == target
    assert claim.via_number == source.number


def test_customer_actor_of_a_link_is_the_asked_identity() -> None:
    claim = claim_on(case())
    question = claims.ask_owner(conversation=claim, by=SYSTEM, now=NOON)

    claims.answer(question=question, yes=True, now=NOON + timedelta(minutes=1))

    entry = History.objects.get(code="claim_verified")
    assert Actor.customer(question.asked).as_fields()["actor_kind"] == entry.actor_kind
