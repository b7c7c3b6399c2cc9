"""Comments and mentions of a Weibo that keeps the vendor's rules on a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_ingest.connectors.base import FetchFailure, PermanentFailure
from channels_ingest.sandbox.weibo import ACCOUNT, Microblog
from tests.channels_ingest.account import NOON
from tests.channels_ingest.microblog import KIM, Desk, outgoing
from tickets.interchange import IncomingMessage

LIN = 2400000003


@pytest.fixture
def vendor() -> Iterator[Microblog]:
    with Microblog(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(vendor: Microblog) -> Desk:
    desk = Desk(vendor)
    desk.pull()
    return desk


def only(messages: list[IncomingMessage]) -> IncomingMessage:
    (message,) = messages
    return message


def test_first_look_takes_no_history(vendor: Microblog) -> None:
    vendor.comment(KIM, "很久以前")
    desk = Desk(vendor)

    assert desk.keys() == []
    new = vendor.comment(LIN, "现在")
    assert desk.keys() == [f"comment:{new['id']}"]
    assert desk.keys() == []


def test_comment_becomes_a_public_message_of_its_post(vendor: Microblog, desk: Desk) -> None:
    comment = vendor.comment(KIM, "快递没更新 QM-4821-0937-10", name="小金")

    message = only(desk.messages())

    status = comment["status"]["id"]
    assert message.external_id == f"comment:{comment['id']}"
    assert (message.thread, message.is_public) == (f"status:{status}", True)
    assert (message.sender.external_id, message.sender.name) == (str(KIM), "小金")
    assert message.subject == "有问题请私信或评论"
    assert desk.connector.link_to(message.external_id, message.thread).endswith(f"/{status}")


def test_post_that_names_us_comes_with_what_it_passes_on_as_a_quotation(
    vendor: Microblog, desk: Desk
) -> None:
    post = vendor.post(KIM, "@客服 我的也是")
    post["retweeted_status"] = {
        "id": 1,
        "text": "案号 QM-4821-0937-10\n没人理",
        "user": {"id": LIN, "screen_name": "小林"},
    }

    message = only(desk.messages())

    assert message.external_id == f"status:{post['id']}"
    assert message.thread == f"status:{post['id']}"
    assert message.text.splitlines() == [
        "@客服 我的也是",
        "> 小林: 案号 QM-4821-0937-10",
        "> 没人理",
    ]


def test_comment_that_stands_in_two_lists_is_one_envelope(vendor: Microblog, desk: Desk) -> None:
    vendor.comment(KIM, "@客服 快递没更新", mention=True)

    first, second = desk.pull()

    assert first == second


def test_own_comment_is_passed_over(vendor: Microblog, desk: Desk) -> None:
    vendor.comment(ACCOUNT, "您好")

    assert desk.messages() == []


def test_comment_with_a_lower_id_that_comes_late_is_found(vendor: Microblog, desk: Desk) -> None:
    first = vendor.comment(KIM, "一")
    vendor.comment(KIM, "三")
    desk.pull()

    late = vendor.comment(LIN, "二", number=first["id"] + 3)

    assert desk.keys() == [f"comment:{late['id']}"]
    assert desk.keys() == []


def test_long_absence_loses_nothing_and_keeps_the_order(vendor: Microblog, desk: Desk) -> None:
    made = [vendor.comment(KIM, f"评论 {number}") for number in range(120)]

    assert desk.keys() == [f"comment:{each['id']}" for each in made]


def test_more_than_one_look_can_hold_comes_all_the_same(vendor: Microblog, desk: Desk) -> None:
    made = {f"comment:{vendor.comment(KIM, f'评论 {number}')['id']}" for number in range(1060)}

    assert set(desk.keys()) == made
    assert desk.keys() == []


def test_lists_that_the_app_has_no_right_to_can_be_left_out(vendor: Microblog) -> None:
    desk = Desk(vendor, public_lists=("comments/to_me",))

    desk.pull()

    assert {call.path for call in vendor.calls} == {"/2/comments/to_me.json"}


def test_commercial_addresses_end_in_biz(vendor: Microblog) -> None:
    Desk(vendor, public_suffix="/biz.json").pull()

    assert vendor.calls[0].path == "/2/comments/to_me/biz.json"


def test_without_a_public_token_nothing_is_asked(vendor: Microblog) -> None:
    assert Desk(vendor, public_token="").pull() == []
    assert vendor.calls == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 403, "body": '{"error_code": 21327, "error": "x"}'}, "bad_credentials"),
        ({"status": 403, "body": '{"error_code": "10014", "error": "x"}'}, "not_allowed"),
        ({"status": 400, "body": '{"error_code": 10011, "error": "x"}'}, "unavailable"),
        ({"status": 200, "body": '{"error_code": 10023, "error": "x"}'}, "limited"),
        ({"status": 200, "body": "[]"}, "refused"),
        ({"status": 200, "body": '{"comments": [{}]}'}, "refused"),
        ({"drop": True}, "no_answer"),
    ],
)
def test_failed_look_names_the_remedy(
    vendor: Microblog, desk: Desk, fault: dict[str, Any], code: str
) -> None:
    vendor.fail(**fault)

    with pytest.raises(FetchFailure) as caught:
        desk.pull()

    assert caught.value.code == code


def test_answer_to_a_comment_stands_below_it(vendor: Microblog, desk: Desk) -> None:
    comment = vendor.comment(KIM, "快递没更新")
    message = only(desk.messages())

    sent = desk.connector.send(
        outgoing(thread=message.thread, in_reply_to=message.external_id, is_public=True)
    )

    (ours,) = [each for each in vendor.comments.values() if each["user"]["id"] == ACCOUNT]
    assert ours["reply_comment"]["id"] == comment["id"]
    assert ours["text"] == outgoing().text
    assert sent.external_id == f"comment:{ours['id']}"


def test_reply_to_our_comment_points_to_it(vendor: Microblog, desk: Desk) -> None:
    post = vendor.post(KIM, "@客服 快递没更新")
    sent = desk.connector.send(outgoing(thread=f"status:{post['id']}"))
    number = int(sent.external_id.removeprefix("comment:"))

    vendor.comment(KIM, "谢谢", status=post["id"], reply_to=number, mention=True)
    messages = desk.messages()

    assert messages[0].in_reply_to == (sent.external_id,)
    assert messages[0].thread == messages[1].thread == f"status:{post['id']}"


def test_same_words_twice_in_a_row_are_refused(vendor: Microblog, desk: Desk) -> None:
    post = vendor.post(KIM, "@客服")
    desk.connector.send(outgoing(thread=f"status:{post['id']}"))

    with pytest.raises(PermanentFailure, match="content_refused"):
        desk.connector.send(outgoing(thread=f"status:{post['id']}"))


def test_comment_over_the_limit_is_too_long(vendor: Microblog, desk: Desk) -> None:
    post = vendor.post(KIM, "@客服")

    with pytest.raises(PermanentFailure, match="too_long"):
        desk.connector.send(outgoing(thread=f"status:{post['id']}", text="长" * 141))


def test_answer_to_a_deleted_comment_finds_it_gone(vendor: Microblog, desk: Desk) -> None:
    comment = vendor.comment(KIM, "快递没更新")
    message = only(desk.messages())
    vendor.delete(comment["id"])

    with pytest.raises(PermanentFailure, match="recipient_gone"):
        desk.connector.send(outgoing(thread=message.thread, in_reply_to=message.external_id))


def test_both_sides_of_every_chat_can_be_drawn(vendor: Microblog, desk: Desk) -> None:
    vendor.inject(sender=KIM, text="快递没更新")
    desk.connector.send(outgoing())
    vendor.inject(sender=KIM, text="公开问一下", thread=f"status:{vendor.our_status}")

    messages = vendor.inspect()["messages"]

    assert [(each["direction"], each["thread"][:3]) for each in messages[-3:]] == [
        ("in", "dm:"),
        ("out", "dm:"),
        ("in", "sta"),
    ]


def test_conversation_without_an_address_cannot_be_answered(desk: Desk) -> None:
    for thread in ("", "../", "status:x"):
        with pytest.raises(PermanentFailure, match="recipient"):
            desk.connector.send(outgoing(thread=thread))
