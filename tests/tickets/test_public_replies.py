"""What is said where anybody can read it holds nobody's data and nothing of the private talk."""

from typing import Any

import pytest
from pytest_django import Settings

from tests.tickets.arriving import message_of
from tests.tickets.cast import (
    account,
    ada,
    bea,
    case,
    conversation_of,
    door,
    later,
    only_conversation,
    printed,
    says,
)
from tickets.actions.acknowledgements import send_due
from tickets.actions.notes import add_note
from tickets.actions.replies import ReplyRefused, reply
from tickets.interchange import IncomingFile, OutgoingFile, Sender
from tickets.models import Conversation, Message, Ticket

pytestmark = pytest.mark.django_db

SECRET = "推送证书在昨天夜里过期了请重新登录"


@pytest.fixture
def post() -> Conversation:
    """A public post of Kim's."""
    door("forum", is_public=True)
    return only_conversation(case("kim", "规则保存不了，刷新后就没了", by="forum"))


def answer(conversation: Conversation, text: str, **fields: Any) -> Message:
    return reply(conversation=conversation, text=text, by=ada(), now=later(hours=1), **fields)


def refused(conversation: Conversation, text: str, **fields: Any) -> tuple[object, object]:
    with pytest.raises(ReplyRefused) as stop:
        answer(conversation, text, **fields)
    assert stop.value.code == "exposes"
    return stop.value.data["kinds"], stop.value.data["passages"]


def private_talk(post: Conversation, text: str = SECRET, **fields: Any) -> Ticket:
    """Kim writes privately about the same case, too."""
    ticket = post.ticket
    sender = Sender("kim-mail", vouched="kim")
    post.identity.vouched = "kim"
    post.identity.save()
    landing = says("", f"{printed(ticket)} {text}", by="mail", sender=sender, **fields)
    assert landing.ticket == ticket
    return ticket


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我们会打 138 1234 0192 给您", "phone"),
        ("请写到 kim@example.com", "email"),
        ("身份证 11010519491231002X 已核对", "id_card"),
        ("已退到 6222 0202 0011 2230", "bank_card"),
    ],
)
def test_public_reply_with_personal_data_is_refused(
    post: Conversation, text: str, kind: str
) -> None:
    kinds, passages = refused(post, text)

    assert kinds == [kind]
    assert str(passages[0]) in text  # type: ignore[index]  # a list
    assert not post.messages.filter(direction="outbound").exists()


def test_public_reply_with_a_case_number_is_refused(post: Conversation) -> None:
    number = printed(post.ticket)

    assert refused(post, f"您的案号是 {number}") == (["case_number"], [number])


def test_public_reply_with_the_link_to_a_case_page_is_refused(
    post: Conversation, settings: Settings
) -> None:
    kinds, _passages = refused(post, f"{settings.PUBLIC_URL}/support/case/abc:def/")

    assert kinds == ["link"]


def test_harmless_public_reply_goes_out_as_public(post: Conversation) -> None:
    assert answer(post, "请升级到最新版本再试一次。").is_public


def test_private_reply_may_say_it_all(post: Conversation) -> None:
    private_talk(post)
    private = only_conversation(post.ticket, "kim-mail")

    assert answer(private, f"{SECRET}，案号 {printed(post.ticket)}，电话 13812340192").pk


def test_what_the_house_publishes_may_be_said(post: Conversation, settings: Settings) -> None:
    settings.PUBLIC_ALLOWED = ["400-820-8820", "help@house.example"]

    assert answer(post, "请拨 400 820 8820 或写到 help@house.example").pk


def test_words_of_the_private_talk_are_refused_in_public(post: Conversation) -> None:
    private_talk(post)

    kinds, passages = refused(post, f"原因是这样的：{SECRET}。")

    assert kinds == ["private"]
    assert passages


def test_words_of_a_note_are_refused_in_public(post: Conversation) -> None:
    add_note(ticket=post.ticket, text=SECRET, by=bea(), now=later(minutes=5))

    assert refused(post, SECRET)[0] == ["private"]


def test_what_a_machine_heard_in_private_is_refused_in_public(post: Conversation) -> None:
    private_talk(post, "", transcript=SECRET)

    assert refused(post, SECRET)[0] == ["private"]


def test_words_that_stand_in_public_already_may_be_repeated(post: Conversation) -> None:
    private_talk(post)
    says("kim", SECRET, by="forum", at=later(minutes=30))

    assert answer(post, SECRET).pk


def test_file_of_the_private_talk_is_refused_in_public(post: Conversation) -> None:
    log = b"a private log"
    private_talk(post, files=(IncomingFile("trace.txt", "text/plain", log),))

    kinds, passages = refused(post, "请看", files=[OutgoingFile("x.txt", "text/plain", log)])

    assert (kinds, passages) == (["private"], ["trace.txt"])


def test_one_public_post_makes_its_conversation_public() -> None:
    """A place may be open although its channel as a whole is not: a group beside private chats."""
    private = says("kim", "在吗，收不到邮件")
    group = says("kim", "附件上传失败，错误 12", thread="group", is_public=True)

    assert answer(conversation_of(private), "请打 13812340192").pk
    assert refused(conversation_of(group), "请打 13812340192")[0] == ["phone"]


def test_public_acknowledgement_still_names_the_number_that_it_gives(post: Conversation) -> None:
    send_due(now=later(minutes=1))

    told = Message.objects.get(automatic="acknowledgement")
    assert printed(post.ticket) in told.text
    assert account("kim").conversations.get() == told.conversation


@pytest.mark.parametrize(
    ("text", "exposes"),
    [
        ("请打 13812340192，或写 kim@example.com", ["phone", "email"]),
        ("规则保存不了", []),
    ],
)
def test_public_post_is_flagged_with_what_it_shows(text: str, exposes: list[str]) -> None:
    door("forum", is_public=True)

    landing = says("kim", text, by="forum")

    assert landing.message is not None
    assert landing.message.exposes == exposes


def test_private_message_is_never_flagged() -> None:
    landing = says("kim", "请打 13812340192")

    assert landing.message is not None
    assert landing.message.exposes == []


def test_what_a_public_post_shows_is_masked_in_the_subject() -> None:
    door("forum", is_public=True)

    ticket = case("kim", "收不到邮件，请打 138 1234 0192 找我", by="forum")

    assert ticket.subject == "收不到邮件，请打 •••• 找我"


def test_post_is_judged_anew_after_an_edit() -> None:
    door("forum", is_public=True)
    landing = says("kim", "请打 13812340192", by="forum", external_id="p1")

    says("kim", "请私信我", by="forum", external_id="e1", action="edit", target_id="p1")

    assert message_of(landing).exposes == []
