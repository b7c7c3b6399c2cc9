"""A lead is called by the customer's words, by people, by rules and by clocks; and sent away."""

import pytest

from tests.tickets.cast import ada, case, claim_on, codes, later, says, standing
from tickets.actions import merging, undoing
from tickets.actions.escalating import calm, escalate
from tickets.actions.routing import save_alarm

pytestmark = pytest.mark.django_db


def test_threat_calls_the_lead_at_once_and_says_why() -> None:
    ticket = case(text="再不处理我就打12315")

    assert ticket.escalated_at == later()
    assert ticket.escalation == {"source": "words", "words": ["12315"]}
    told = ticket.history.get(code="threatened")
    assert (told.actor_kind, told.data["words"]) == ("system", ["12315"])


def test_later_message_of_the_case_calls_too() -> None:
    ticket = case()

    says("kim", "我要曝光你们", at=later(minutes=5))

    assert standing(ticket).escalated_at == later(minutes=5)


@pytest.mark.parametrize(
    "text",
    ["收不到信\n> 我要打12315", "照片曝光过度", "收不到信"],
)
def test_quotes_and_harmless_words_call_nobody(text: str) -> None:
    assert case(text=text).escalated_at is None


def test_claim_does_not_call_on_somebody_elses_case() -> None:
    ticket = case()
    claim = claim_on(ticket)

    says("stranger", "我要打12315", by="mail", at=later(minutes=1))

    assert claim.is_pending_claim
    assert standing(ticket).escalated_at is None


def test_machine_calls_nobody() -> None:
    ticket = case()

    says("kim", "工信部备案通知", automatic="auto_reply", at=later(minutes=1))

    assert standing(ticket).escalated_at is None


def test_lead_says_that_it_is_looked_after_and_a_new_threat_calls_again() -> None:
    ticket = case(text="再不处理我就打12315")

    calm(ticket=ticket, by=ada(), now=later(minutes=1))
    assert (standing(ticket).escalated_at, standing(ticket).escalation) == (None, {})
    says("kim", "法庭见", at=later(minutes=2))

    assert standing(ticket).escalated_at == later(minutes=2)
    assert codes(ticket)[-3:] == ["threatened", "calmed", "threatened"]


def test_agent_calls_the_lead_once() -> None:
    ticket = case()

    escalate(ticket=ticket, by=ada(), now=later(minutes=1))
    escalate(ticket=ticket, by=ada(), now=later(minutes=2))

    assert standing(ticket).escalated_at == later(minutes=1)
    assert codes(ticket).count("escalated") == 1


def test_call_goes_along_with_a_merge_and_back_with_its_undo() -> None:
    angry, calm_one = case(text="再不处理我就打12315"), case("bob", "附件传不上去")

    move = merging.merge(source=angry, target=calm_one, by=ada(), now=later(minutes=1))
    assert standing(calm_one).escalated_at == later()
    assert standing(calm_one).escalation["words"] == ["12315"]
    undoing.undo(move=move, by=ada(), now=later(minutes=2))

    assert standing(calm_one).escalated_at is None
    assert standing(angry).escalated_at == later()


def test_edited_list_counts() -> None:
    save_alarm(words=["退款"], exceptions=["不要退款"])

    assert case("kim", "我要退款").escalation["words"] == ["退款"]
    assert case("bob", "不要退款，只要能登录").escalated_at is None
    assert case("eve", "我要打12315").escalated_at is None
