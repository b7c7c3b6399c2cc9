"""The composer keeps a case secret from whoever only quoted its number."""

import pytest

from tests.tickets.cast import (
    account,
    ada,
    case,
    claim_on,
    later,
    only_conversation,
    printed,
    says,
)
from tickets.actions import claims, lifecycle, merging
from tickets.actions.acknowledgements import send_due
from tickets.actions.notes import add_note
from tickets.actions.replies import ReplyRefused, reply
from tickets.interchange import OutgoingFile
from tickets.models import Conversation, Identity, Message

pytestmark = pytest.mark.django_db

SECRET = "远山设计的管理员账户被锁定了"


def tell(claim: Conversation, text: str, **more: object) -> Message:
    return reply(conversation=claim, text=text, by=ada(), now=later(hours=5), **more)  # type: ignore[arg-type]


def may_be_told(claim: Conversation, text: str, **more: object) -> bool:
    return tell(claim, text, **more).deliveries.filter(state="queued").exists()


def refusal(claim: Conversation, text: str, **more: object) -> object:
    with pytest.raises(ReplyRefused, match="quotes_case") as refused:
        tell(claim, text, **more)
    return refused.value.data["passage"]


def test_answer_to_the_owner_is_not_repeated_to_the_claimer() -> None:
    ticket = case()
    claim = claim_on(ticket)
    reply(conversation=only_conversation(ticket, "kim"), text=SECRET, by=ada(), now=later(hours=1))

    assert str(refusal(claim, f"您好，{SECRET}")) in SECRET


def test_what_other_customers_are_told_as_well_is_no_secret() -> None:
    usual = "请在设置页里打开 IMAP 服务，然后重新登录客户端"
    for who in ("kim", "lin"):
        ticket = case(who)
        reply(conversation=only_conversation(ticket), text=usual, by=ada(), now=later(hours=1))
    claim = claim_on(ticket)

    assert may_be_told(claim, usual)


def test_what_the_owner_was_told_in_another_case_is_still_a_secret() -> None:
    first = case("kim")
    second = says("kim", "发票怎么开", at=later(days=3)).ticket
    assert second is not None
    assert second != first
    for ticket in (first, second):
        reply(conversation=only_conversation(ticket), text=SECRET, by=ada(), now=later(days=4))

    refusal(claim_on(first), SECRET)


def test_earlier_wording_of_an_edited_message_is_a_secret() -> None:
    ticket = case(text=SECRET, external_id="m-1")
    says("kim", "没事了", external_id="m-1", action="edit", target_id="m-1", at=later(minutes=1))

    refusal(claim_on(ticket), SECRET)


def test_note_on_a_merged_case_is_a_secret() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    add_note(ticket=source, text=SECRET, by=ada(), now=later(minutes=1))
    merging.merge(source=source, target=target, by=ada(), now=later(minutes=2))

    refusal(claim_on(target), SECRET)


def test_name_of_the_case_is_a_secret() -> None:
    ticket = case()
    lifecycle.set_subject(ticket=ticket, subject=SECRET, by=ada(), now=later(minutes=1))

    refusal(claim_on(ticket), SECRET)


def test_owners_addresses_and_phones_are_secrets() -> None:
    ticket = case("kim")
    Identity.objects.filter(external_id="kim").update(
        address="kim.x@example.org", phone="13800001234"
    )
    claim = claim_on(ticket)

    assert refusal(claim, "是 kim.x@example.org 吗") == "kim.x@example.org"
    assert refusal(claim, "尾号是 138-0000-1234 吗") == "138-0000-1234"


def test_claimers_own_address_is_none() -> None:
    claim = claim_on(case(text="也请抄送 max@example.org"), "max@example.org")

    assert may_be_told(claim, "我们会写信到 max@example.org")


def test_file_of_the_case_is_not_passed_on() -> None:
    ticket = case()
    claim = claim_on(ticket)
    file = OutgoingFile("合同.pdf", "application/pdf", b"contract")
    add_note(ticket=ticket, text="见附件", by=ada(), now=later(hours=1), files=[file])
    renamed = OutgoingFile("x.pdf", "application/pdf", b"contract")

    assert refusal(claim, "请看", files=[renamed]) == "合同.pdf"
    assert may_be_told(claim, "请看", files=[OutgoingFile("y.pdf", "application/pdf", b"manual")])


@pytest.mark.parametrize("written", ["{0}", "{1}", "QM{1}", "qm {1}"])
def test_numbers_that_the_claimer_knows_may_be_written_in_any_way(written: str) -> None:
    ticket = case()
    says("kim", f"案号 {printed(ticket)}，请处理", at=later(minutes=1))
    landing = says("stranger", f"案号 QM{ticket.number}", by="mail")
    claim = Conversation.objects.get(messages=landing.message_id)

    said = written.format(printed(ticket), ticket.number)

    assert may_be_told(claim, f"案号 {said} 我们正在核实")


def test_verified_owner_may_be_told_everything() -> None:
    ticket = case(text=SECRET)
    claim = claim_on(ticket)
    claims.verify(conversation=claim, by=ada(), now=later(hours=1))

    assert may_be_told(claim, SECRET)
    assert account("stranger").contact == ticket.contact


def test_our_own_acknowledgement_is_no_secret() -> None:
    ticket = case()
    send_due(now=later(minutes=1))
    told = Message.objects.get(automatic="acknowledgement").text.splitlines()[1]

    assert may_be_told(claim_on(ticket, at=later(hours=1)), told)
