"""What a machine heard in a voice message helps to find the case, and never decides alone."""

from typing import Any

import pytest

from tests.tickets.cast import case, conversation_of, later, printed, says
from tickets.interchange import IncomingMessage, Sender
from tickets.models import Acknowledgement, Conversation, Message, Ticket

pytestmark = pytest.mark.django_db


def speaks(who: str, transcript: str, **fields: Any) -> tuple[Ticket, Message]:
    landing = says(who, "", transcript=transcript, **fields)
    assert landing.ticket is not None
    assert landing.message is not None
    return landing.ticket, landing.message


def test_spoken_number_leads_its_owner_to_the_case() -> None:
    ticket = case("kim")
    case("kim", "附件上传失败，提示错误 12", at=later(hours=30))

    joined, message = speaks("kim", f"你好 案号 {printed(ticket)} 怎么样了", at=later(hours=60))

    assert joined == ticket
    assert message.decision["rule"] == "weak_number"
    (evidence,) = message.decision["evidence"]
    assert evidence["source"] == "transcript"
    assert message.transcript[evidence["start"] : evidence["end"]] == evidence["text"]


def test_spoken_number_is_no_claim_whatever_is_said_before_it() -> None:
    ticket = case("kim")

    opened, message = speaks("stranger", f"我的案号是 {printed(ticket)}", by="mail")

    assert opened != ticket
    assert message.decision["rule"] == "new_ticket"
    assert message.decision["review"] == "weak_other"
    assert not Conversation.objects.filter(claim="pending").exists()


def test_written_number_counts_before_a_spoken_one() -> None:
    spoken = case("kim")
    written = case("kim", "附件上传失败，提示错误 12", at=later(hours=30))

    landing = says(
        "kim", printed(written), transcript=f"案号 {printed(spoken)}", at=later(hours=60)
    )

    assert landing.ticket == written
    assert landing.message is not None
    assert landing.message.decision["rule"] == "strong_number"


def test_misheard_number_opens_no_review() -> None:
    _opened, message = speaks("kim", "案号 QM 4821 0937 11")

    assert message.decision["review"] == ""


def test_whoever_speaks_anything_like_a_number_is_told_the_same() -> None:
    speaks("kim", "案号 QM 4821 0937 11")
    speaks("lin", f"案号 {printed(case('max'))}")

    told = Acknowledgement.objects.filter(identity__external_id__in=("kim", "lin"))
    assert list(told.values_list("quotes_a_number", flat=True)) == [True, True]


def test_case_that_began_by_voice_is_called_by_what_was_said() -> None:
    ticket, _message = speaks("kim", "附件一直上传失败，提示错误")

    assert ticket.subject == "附件一直上传失败，提示错误"
    assert ticket.language == "zh-hans"


def test_spoken_code_verifies_nobody() -> None:
    ticket = case("kim")
    claim = conversation_of(says("stranger", f"案号 {printed(ticket)}", by="mail"))

    speaks("stranger", "123456", by="mail", at=later(minutes=1))

    claim.refresh_from_db()
    assert claim.claim == "pending"


def test_spoken_text_that_no_database_holds_is_kept_without_the_rest() -> None:
    item = IncomingMessage("m-nul", Sender("kim"), "", later(), transcript="你好\0")

    landing = says("kim", "", transcript=item.transcript)

    assert landing.message is not None
    assert landing.message.transcript == "你好"
