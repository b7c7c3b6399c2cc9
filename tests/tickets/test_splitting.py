"""Splitting: a conversation, its words and its numbers get a case of their own."""

import pytest

from tests.tickets.cast import (
    ada,
    case,
    claim_on,
    later,
    only_conversation,
    says,
    standing,
)
from tickets.actions import claims, splitting
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.models import Alias, Conversation, Ticket

pytestmark = pytest.mark.django_db


def two_doors() -> tuple[Ticket, Conversation, Conversation]:
    """Kim's case with two conversations that are known to be hers."""
    ticket = case("kim")
    phone = claim_on(ticket, "kims phone", at=later(minutes=10))
    claims.verify(conversation=phone, by=ada(), now=later(minutes=11))
    return ticket, only_conversation(ticket, "kim"), phone


def split(conversation: Conversation) -> Ticket:
    return splitting.split(conversation=conversation, by=ada(), now=later(hours=1))


def test_each_case_waits_for_its_own_customer_only() -> None:
    ticket, first, phone = two_doors()
    reply(conversation=phone, text="请重试", by=ada(), now=later(minutes=20))
    says("kim", "网页还是打不开，收不到邮件", at=later(minutes=30))

    fresh = split(first)

    assert standing(fresh).waiting_since == later(minutes=0)
    assert standing(ticket).waiting_since is None
    assert standing(ticket).first_replied_at == later(minutes=20)
    assert standing(fresh).first_replied_at is None
    assert standing(fresh).last_activity_at == later(hours=1)


def test_number_that_a_conversation_was_given_leads_where_it_went() -> None:
    ticket, _first, phone = two_doors()
    phone.refresh_from_db()

    fresh = split(phone)

    landing = says("kims phone", f"QM{phone.claim_number} 补充", by="mail", at=later(hours=2))
    assert landing.ticket == fresh != ticket
    assert Alias.objects.get(number=ticket.number).ticket == ticket


def test_owners_words_are_not_split_from_a_claim() -> None:
    ticket = case("kim")
    claim_on(ticket)

    with pytest.raises(Refused, match="only_conversation"):
        split(only_conversation(ticket, "kim"))


def test_claim_is_decided_and_not_split() -> None:
    with pytest.raises(Refused, match="claim"):
        split(claim_on(case("kim")))


def test_new_case_is_called_after_its_own_first_words() -> None:
    ticket = case("kim", "附件传不上去")
    claim = claim_on(ticket)

    fresh = claims.reject(conversation=claim, by=ada(), now=later(hours=1))

    assert "有进展吗" in fresh.subject
    assert ticket.subject not in fresh.subject


def test_rejected_claimer_learns_nothing_from_the_name_or_language_of_their_case() -> None:
    ticket = case("kim", "お世話になっております。ログインできません。")
    claim = claim_on(ticket)
    claim.messages.update(text="", subject="")

    fresh = claims.reject(conversation=claim, by=ada(), now=later(hours=1))

    assert fresh.subject == ""
    assert (ticket.language, fresh.language) == ("ja", "zh-hans")


def test_split_off_case_answers_to_its_number_and_team() -> None:
    ticket, _first, phone = two_doors()

    fresh = split(phone)

    assert fresh.number != ticket.number
    assert Alias.objects.get(number=fresh.number).origin == "own"
    assert fresh.team == ticket.team
    assert fresh.contact == ticket.contact
