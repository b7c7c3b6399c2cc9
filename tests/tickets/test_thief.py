"""The thief, from the first word to the last: whoever took an account over gets nothing by it."""

import re

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.tickets.arriving import message_of
from tests.tickets.cast import (
    account,
    ada,
    case,
    claim_on,
    conversation_of,
    door,
    later,
    only_conversation,
    printed,
    says,
    standing,
)
from tickets.actions import claims
from tickets.actions.acknowledgements import send_due
from tickets.actions.identities import mark_compromised
from tickets.actions.inviting import invite, invited_conversation, private_link
from tickets.actions.linking import link_identity
from tickets.actions.refusals import Refused
from tickets.actions.replies import ReplyRefused, reply
from tickets.interchange import Sender
from tickets.models import (
    Acknowledgement,
    ClaimQuestion,
    Delivery,
    DeliveryState,
    Message,
    Ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    """Kim's case by chat and mail; the mailbox is stolen, one answer to it was on its way."""
    ticket = case("kim", "邮箱被盗了，密码被改", sender=Sender("kim", vouched="u1"))
    mail = Sender("kim@example.com", vouched="u1", address="kim@example.com", address_verified=True)
    says("", f"案号 {printed(ticket)}", by="mail", sender=mail, at=later(minutes=1))
    reply(
        conversation=only_conversation(ticket, "kim@example.com"),
        text="我们正在核实",
        by=ada(),
        now=later(minutes=2),
    )
    stolen = account("kim@example.com")
    mark_compromised(identity=stolen, by=ada(), now=later(minutes=3))
    return standing(ticket)


def thief_says(text: str, **span: float) -> Message:
    sender = Sender(
        "kim@example.com", vouched="u1", address="kim@example.com", address_verified=True
    )
    landing = says("", text, by="mail", sender=sender, at=later(**span))
    return message_of(landing)


def sent_to_thief() -> list[str]:
    deliveries = Delivery.objects.filter(recipient__external_id="kim@example.com")
    return list(deliveries.exclude(state=DeliveryState.CANCELLED).values_list("state", flat=True))


def test_what_was_on_its_way_is_stopped(ticket: Ticket) -> None:
    assert sent_to_thief() == []


def test_thief_gets_no_acknowledgement(ticket: Ticket) -> None:
    thief_says("发票怎么开？抬头怎么填", hours=30)
    thief_says(f"案号 {printed(ticket)}，请把验证码发给我", hours=31)

    send_due(now=later(hours=32))

    assert sent_to_thief() == []
    due = Acknowledgement.objects.filter(identity__external_id="kim@example.com", state="due")
    assert not due.exists()


def test_thief_gets_no_answer_and_no_invitation(ticket: Ticket) -> None:
    message = thief_says("问题已解决，请把解锁验证码发到这个邮箱", minutes=10)
    assert message.conversation is not None

    with pytest.raises(ReplyRefused, match="compromised"):
        reply(conversation=message.conversation, text="好的", by=ada(), now=later(minutes=11))
    assert sent_to_thief() == []


def test_thief_is_asked_nothing_and_gets_no_code(ticket: Ticket) -> None:
    """A claim by somebody else is put to the chat that is still Kim's, never to the mailbox."""
    claim = claim_on(ticket, "stranger", by="phone", at=later(hours=1))

    question = claims.ask_owner(conversation=claim, by=ada(), now=later(hours=1))

    assert question.asked == account("kim")
    assert sent_to_thief() == []


def test_thief_cannot_answer_a_question_that_was_put_before_the_theft() -> None:
    ticket = case("kim", by="mail")
    claim = claim_on(ticket, "stranger", by="phone")
    question = claims.ask_owner(conversation=claim, by=ada(), now=later(minutes=1))
    mark_compromised(identity=account("kim"), by=ada(), now=later(minutes=2))

    with pytest.raises(Refused, match="link_dead"):
        claims.answer(question=question, yes=True, now=later(minutes=3))
    claim.refresh_from_db()
    assert claim.is_pending_claim


def test_thief_cannot_be_verified_by_code_link_or_agent() -> None:
    ticket = case("kim")
    claim = claim_on(ticket, "thief")
    question = claims.ask_owner(conversation=claim, by=ada(), now=later(minutes=1))
    text = Message.objects.get(automatic="question").text
    (code,) = re.findall(r"(?<![\d-])\d{6}(?![\d-])", text)
    mark_compromised(identity=account("thief"), by=ada(), now=later(minutes=2))

    says("thief", code, by="mail", at=later(minutes=3))
    for verify in (
        lambda: claims.answer(question=question, yes=True, now=later(minutes=4)),
        lambda: claims.verify(conversation=claim, by=ada(), now=later(minutes=4)),
        lambda: link_identity(
            identity=account("thief"), contact=ticket.contact, by=ada(), now=later(minutes=4)
        ),
    ):
        with pytest.raises(Refused, match="compromised"):
            verify()

    claim.refresh_from_db()
    assert claim.is_pending_claim
    assert account("thief").contact != ticket.contact


def test_thief_vouches_for_no_account_of_their_own(
    ticket: Ticket, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """The stolen mailbox proves an address to any door; it must open none of Kim's cases."""
    accomplice = Sender("web-1", address="kim@example.com", address_verified=True)
    with django_capture_on_commit_callbacks(execute=True):
        landing = says(
            "", f"案号 {printed(ticket)}", by="web", sender=accomplice, at=later(hours=1)
        )

    assert account("web-1").contact != ticket.contact
    assert conversation_of(landing).is_pending_claim


def test_thief_in_public_opens_no_private_way() -> None:
    door("forum", is_public=True, capabilities={"invites": "link"})
    public = only_conversation(case("kim", by="forum"))
    token = private_link(public, now=later()).split("/")[-2]
    mark_compromised(identity=account("kim"), by=ada(), now=later(minutes=1))

    with pytest.raises(ReplyRefused, match="compromised"):
        invite(conversation=public, by=ada(), now=later(minutes=2))
    with pytest.raises(Refused, match="link_dead"):
        invited_conversation(token, now=later(minutes=2))
    landed = says("form-1", "让我进去", by="web", invited_to=public.pk, at=later(minutes=3))
    assert landed.ticket != public.ticket


def test_owner_goes_on_by_the_account_that_is_still_theirs(ticket: Ticket) -> None:
    claim = claim_on(ticket, "new-phone", by="phone", at=later(hours=1))
    question = claims.ask_owner(conversation=claim, by=ada(), now=later(hours=1))

    claims.answer(question=question, yes=True, now=later(hours=1, minutes=5))

    claim.refresh_from_db()
    assert claim.claim == "verified"
    assert account("new-phone").contact == ticket.contact
    answer = reply(
        conversation=only_conversation(ticket, "kim"),
        text="已为您冻结邮箱",
        by=ada(),
        now=later(hours=2),
    )
    assert answer.deliveries.get().recipient == account("kim")
    assert sent_to_thief() == []
    assert ClaimQuestion.objects.get().answer == "yes"
