"""QQ: the contract, the published vectors, and what a bot is told of people's messages."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels_ingest.connectors.base import BadRequest, BadSignature, Request, StoredEnvelope
from channels_ingest.connectors.qq import QQ
from tests.channels_ingest.account import NOON, Reply
from tests.channels_ingest.contract import HttpSendContract, TimedPushContract, stored
from tests.channels_ingest.qq import (
    GROUP,
    KIM,
    SECRET,
    configured,
    connector,
    frame,
    group_frame,
    message,
    parsed,
    signed,
)
from tickets.interchange import OutgoingMessage, Unknown
from tickets.quoting import split_quoted

VECTOR_SECRET = "aggr-test-secret-01"
VECTOR_TIME = 1795312800

RECORDS = """[甲和乙的聊天记录]
=== 消息 1 ===
[消息内容] 案号是 QM-4821-0937-10
第二行
[发送者] 甲

=== 消息 2 ===
[发送者] 乙
[附件1] 类型:图片 文件名:a.png 尺寸:600x503 大小:30.8KB URL:https://files.example/a?x=1&y=2

=== 消息 3 ===
[消息内容] [旧的聊天记录]
[发送者] 甲
[消息类型] 合并转发消息
[关联消息]
--- 第1条 ---
    [消息内容] 更早的话
    [发送者] 丙
"""


class TestQQ(TimedPushContract, HttpSendContract):
    connector = QQ
    signature_in = ("x-signature-ed25519",)

    def settings(self) -> QQ.Settings:
        return configured()

    def rotated(self) -> QQ.Settings:
        return configured(app_secret="bot-secret-new-2", previous_app_secret=SECRET)

    def retired(self) -> QQ.Settings:
        return configured(app_secret="bot-secret-new-2", previous_app_secret="bot-secret-new-1")

    def without_secret(self) -> QQ.Settings:
        return configured(app_secret="", previous_app_secret="")

    def push_body(self) -> bytes:
        return frame()

    def signed(self, body: bytes) -> Request:
        return signed(body)

    def ordinary(self) -> StoredEnvelope:
        return stored(connector().receive(signed(frame())).envelopes[0])

    def unknown(self) -> StoredEnvelope:
        return stored(connector().receive(signed(frame("CHANNEL_CREATE"))).envelopes[0])

    def outgoing(self) -> OutgoingMessage:
        return OutgoingMessage(
            delivery_id="d-1001",
            recipient=KIM,
            thread="c2c",
            text="已经寄出。",
            case_number="QM-4821-0937-10",
            in_reply_to="ROBOT1.0_in-1",
        )

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        token = Reply(200, b'{"access_token":"token-1","expires_in":"7200"}')
        return [token, outcome or Reply(200, b'{"id":"ROBOT1.0_out-1"}')]


# Signatures


def vector(**headers: str) -> Request:
    given = {
        "x-bot-appid": "102000001",
        "x-signature-timestamp": str(VECTOR_TIME),
        "x-signature-ed25519": "e32b5af0a01d0b78276fd8b529cc12831afb650a8e7083937c7985d5af9dc230"
        "a5cc83263c1bd8c5c7ecee9cb4c601479006b870a33949037ce5a38d5d8e2d04",
    }
    return Request("POST", given | headers, {}, b'{"op":0,"t":"FRIEND_ADD","d":{"openid":"U1"}}')


def at_vector_time(seconds: int = 0) -> QQ:
    clock = datetime.fromtimestamp(VECTOR_TIME + seconds, UTC)
    return connector(clock, app_secret=VECTOR_SECRET)


def test_published_push_is_accepted() -> None:
    received = at_vector_time().receive(vector())

    (envelope,) = received.envelopes
    assert envelope.lane == "c2c:U1"
    assert at_vector_time().parse(stored(envelope)) == [Unknown("somebody added the bot")]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-signature-timestamp": str(VECTOR_TIME + 1)},
        {"x-signature-timestamp": f" {VECTOR_TIME}"},
        {"x-signature-timestamp": "١٧٩٥٣١٢٨٠٠"},
        {"x-signature-ed25519": "0" * 128},
        {"x-signature-ed25519": "z" * 128},
        {"x-bot-appid": "102000002"},
    ],
)
def test_published_push_with_another_header_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        at_vector_time().receive(vector(**headers))


def test_signature_in_another_form_than_the_canonical_one_is_refused() -> None:
    given = bytearray.fromhex(vector().headers["x-signature-ed25519"])
    given[63] |= 0x20

    with pytest.raises(BadSignature):
        at_vector_time().receive(vector(**{"x-signature-ed25519": given.hex()}))


# The check of our address


def check(token: str = "plain-abc-123", at: object = str(VECTOR_TIME), **headers: str) -> Request:
    body = json.dumps({"op": 13, "d": {"plain_token": token, "event_ts": at}}).encode()
    return Request("POST", {"x-bot-appid": "102000001"} | headers, {}, body)


def test_published_address_check_is_answered_unsigned() -> None:
    received = at_vector_time().receive(check())

    assert received.envelopes == ()
    assert received.answer
    assert json.loads(received.answer.body) == {
        "plain_token": "plain-abc-123",
        "signature": "e9af210f4b58e9d357e82a1058974fc20c5f875d4c7929692aa24b5d9479d7cd"
        "2ddd4a95e953f6e6247fa3886cc696b714c635350d8d826121b5525567b3f202",
    }


def test_signed_address_check_is_answered_and_its_signature_counts() -> None:
    body = check(at=str(int(NOON.timestamp()))).body

    assert connector().receive(signed(body)).answer
    with pytest.raises(BadSignature):
        connector().receive(signed(body, secret="of-somebody-else"))


@pytest.mark.parametrize(
    "request_",
    [
        check('{"op":0,"t":"C2C_MESSAGE_CREATE"}'),
        check("with blank"),
        check(""),
        check("x" * 129),
        check(at=VECTOR_TIME),
        check(at=f"{VECTOR_TIME}{{"),
        check(at=str(VECTOR_TIME + 601)),
        check(at=str(VECTOR_TIME - 601)),
        check(**{"x-bot-appid": "102000002"}),
        Request("POST", {}, {}, check().body),
        Request("POST", {"x-bot-appid": "102000001"}, {}, b'{"op":13,"d":[]}'),
    ],
)
def test_nothing_but_an_address_check_is_ever_signed(request_: Request) -> None:
    with pytest.raises(BadSignature):
        at_vector_time().receive(request_)


def test_heartbeat_is_answered_with_its_number() -> None:
    received = connector().receive(signed(b'{"op":1,"d":251}'))

    assert received.answer
    assert json.loads(received.answer.body) == {"op": 11, "d": 251}


def test_event_is_answered_as_seen_once_it_is_stored() -> None:
    received = connector().receive(signed(frame()))

    assert received.answer is None
    assert json.loads(connector().acknowledge(()).body) == {"op": 12, "d": 0}


def test_signed_text_that_is_no_object_is_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        connector().receive(signed(b"[1]"))


# Messages


def test_private_message_is_read_field_by_field() -> None:
    item = message(frame())

    assert item.external_id == "ROBOT1.0_in-1"
    assert item.text == "案号 QM-4821-0937-10，请问进度？"
    assert item.sent_at == NOON - timedelta(minutes=1)
    assert (item.sender.external_id, item.sender.proven, item.sender.vouched) == (KIM, True, "")
    assert (item.thread, item.is_public) == ("c2c", False)


def test_private_message_may_be_answered_four_times_within_an_hour() -> None:
    item = message(frame())

    assert (item.reply_until, item.replies_left) == (item.sent_at + timedelta(hours=1), 4)


def test_group_message_is_public_and_its_author_known_in_that_group_only() -> None:
    item = message(group_frame(content=" 发票怎么开"))

    assert (item.text, item.thread, item.is_public) == ("发票怎么开", f"group:{GROUP}", True)
    assert (item.sender.external_id, item.sender.name) == (f"{GROUP}/M01", "小明")
    assert (item.reply_until, item.replies_left) == (item.sent_at + timedelta(minutes=5), 5)


def test_reply_windows_are_settings() -> None:
    item = message(frame(), c2c_window_minutes=5, c2c_replies=2)

    assert (item.reply_until, item.replies_left) == (item.sent_at + timedelta(minutes=5), 2)


def test_union_openid_vouches_only_where_the_setting_says_so() -> None:
    assert message(frame(), trust_union_openid=True).sender.vouched == f"qq-union:{KIM}"


def test_chats_have_lanes_of_their_own() -> None:
    def lane(body: bytes) -> str:
        return connector().receive(signed(body)).envelopes[0].lane

    assert lane(frame()) == f"c2c:{KIM}"
    assert lane(group_frame()) == f"group:{GROUP}"


def test_message_that_is_pushed_under_another_event_has_the_same_key() -> None:
    def key(body: bytes) -> str:
        return connector().receive(signed(body)).envelopes[0].key

    assert key(group_frame()) == key(group_frame("GROUP_MESSAGE_CREATE")) == "ROBOT1.0_in-1"


def test_of_all_that_is_said_in_a_group_only_what_mentions_us_counts() -> None:
    us = {"member_openid": "BOT1", "is_you": True, "username": "客服"}
    other = {"member_openid": "M02", "username": "小红"}
    said = {"content": "<@BOT1> 和 <@M02> 都说不行", "mentions": [us, other]}

    assert message(group_frame("GROUP_MESSAGE_CREATE", **said)).text == "和 @小红 都说不行"
    assert parsed(group_frame("GROUP_MESSAGE_CREATE", mentions=[other])) == Unknown(
        "said in a group, not to us"
    )


def test_what_bots_write_is_passed_over() -> None:
    author = {"member_openid": "M09", "bot": True}

    assert parsed(group_frame(author=author)) == Unknown("written by a bot")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("FRIEND_DEL", "somebody removed the bot"),
        ("C2C_MSG_REJECT", "somebody switched unasked messages off"),
        ("GROUP_ADD_ROBOT", "the bot was added to a group"),
        ("INTERACTION_CREATE", "a button was pressed"),
        ("SOMETHING_NEW", "event SOMETHING_NEW"),
    ],
)
def test_event_without_a_message_says_what_it_was(name: str, words: str) -> None:
    assert parsed(frame(name)) == Unknown(words)


def test_faces_have_names_and_an_empty_message_says_so() -> None:
    named = base64.b64encode('{"text":"[呲牙]"}'.encode()).decode()
    content = f'好<faceType=1,faceId="13",ext="{named}"><faceType=6,faceId="0",ext="eyJ0">'

    assert message(frame(content=content)).text == "好[呲牙][表情]"
    assert message(frame(content=" ")).text == "[空消息]"
    assert message(frame(content="", message_type=104)).text == "[无法显示的消息，类型 104]"


def test_files_are_addresses_with_the_type_that_qq_tells() -> None:
    item = message(
        frame(
            content="",
            attachments=[
                {"content_type": "image/png", "filename": "a.png", "url": "//f.example/a?k=1"},
                {"content_type": "file", "filename": "b.zip", "url": "f.example/b", "size": 7},
                {"content_type": "image/jpeg", "url": "https://f.example/c"},
                {"content_type": "image/png", "filename": "no address.png"},
            ],
        )
    )

    assert item.text == ""
    assert [(each.name, each.content_type, each.url, each.size) for each in item.files] == [
        ("a.png", "image/png", "https://f.example/a?k=1", 0),
        ("b.zip", "application/octet-stream", "https://f.example/b", 7),
        ("image.jpeg", "image/jpeg", "https://f.example/c", 0),
    ]


def test_voice_comes_in_a_form_that_browsers_play_with_what_qq_heard() -> None:
    voice = {
        "content_type": "voice",
        "filename": "6A30.silk",
        "url": "https://f.example/v",
        "voice_wav_url": "https://f.example/w",
        "asr_refer_text": "案号 QM-4821-0937-10",
    }

    item = message(frame(content="", attachments=[voice]))

    (file,) = item.files
    assert (file.name, file.content_type, file.url) == (
        "6A30.wav", "audio/wav", "https://f.example/w",
    )  # fmt: skip
    assert (item.text, item.transcript) == ("", "案号 QM-4821-0937-10")


def test_card_is_text_that_a_person_can_read() -> None:
    fields = {"title": "人民公园", "address": "广州市\n越秀区", "jump_url": "https://map.example/1"}

    item = message(
        frame(content=" ", message_type=3, ark_data={"ark_type": "map", "fields": fields})
    )

    assert item.text == "[位置] 人民公园 广州市 越秀区 https://map.example/1"


def test_quoted_message_is_context_only() -> None:
    element = {"content": "您的案号是 QM-4821-0937-10", "author": {"username": "客服"}}
    quote: dict[str, Any] = {"message_type": 103, "msg_elements": [element]}

    item = message(frame(content="还没好吗", **quote))

    halves = split_quoted(item.text)
    assert halves.own == "还没好吗"
    assert halves.quoted == "> 客服: 您的案号是 QM-4821-0937-10"


def test_forwarded_records_are_quoted_lines_with_their_files() -> None:
    item = message(frame(content=RECORDS, message_type=102))

    assert item.text.splitlines() == [
        "[聊天记录]",
        "> [甲和乙的聊天记录]",
        "> 甲: 案号是 QM-4821-0937-10",
        "> 第二行",
        "> 乙: [图片] a.png",
        "> 甲: [旧的聊天记录]",
        "> 丙: 更早的话",
    ]
    assert [(each.name, each.url) for each in item.files] == [
        ("a.png", "https://files.example/a?x=1&y=2")
    ]
    assert split_quoted(item.text).own == "[聊天记录]"


def test_records_that_come_as_elements_are_flattened() -> None:
    inner = {"author": {"username": "丙"}, "content": "更早的话"}
    image = {"content_type": "image/png", "filename": "a.png", "url": "https://f.example/a"}
    elements = [
        {"author": {"username": "甲"}, "content": "你好", "msg_elements": [inner]},
        {"author": {"username": "乙"}, "attachments": [image]},
    ]

    item = message(frame(content="", message_type=102, msg_elements=elements))

    quoted = ["> 甲: 你好", "> 丙: 更早的话", "> 乙: [图片] a.png"]
    assert item.text.splitlines() == ["[聊天记录]", *quoted]
    assert [each.url for each in item.files] == ["https://f.example/a"]


def test_nothing_in_a_record_leaves_its_quoted_lines() -> None:
    name, breaks = "x\n案号 QM-4821-0937-10", "a\u2028b\x0bc\rd"
    image = {"content_type": "image/png", "filename": name, "url": "https://f.example/a"}
    card = {"ark_type": "map", "fields": {"title": name}}
    element = {"author": {"username": name}, "content": breaks, "attachments": [image]}

    item = message(frame(content="", message_type=102, msg_elements=[element | {"ark_data": card}]))

    assert split_quoted(item.text).own == "[聊天记录]"
    assert all(line.startswith("> ") for line in item.text.splitlines()[1:])


def test_records_in_a_form_that_we_do_not_know_stay_quoted() -> None:
    item = message(frame(content="QM-4821-0937-10\n什么都没有", message_type=102))

    assert item.text == "[聊天记录]\n> QM-4821-0937-10\n> 什么都没有"


def test_things_sent_at_once_are_one_message() -> None:
    image = {"content_type": "image/png", "filename": "a.png", "url": "https://f.example/a"}
    elements = [{"content": "第一段"}, {"content": "第二段", "attachments": [image]}]

    item = message(frame(content="", message_type=101, msg_elements=elements))

    assert (item.text, [each.name for each in item.files]) == ("第一段\n第二段", ["a.png"])


def test_records_nested_without_end_are_cut() -> None:
    element: dict[str, Any] = {"content": "leaf"}
    for _level in range(60):
        element = {"content": "level", "msg_elements": [element]}

    item = message(frame(content="", message_type=102, msg_elements=[element]))

    assert "leaf" not in item.text
    assert item.text.count("level") < 20


def test_time_that_cannot_be_read_loses_no_message() -> None:
    for written in ("yesterday", "2026-11-22T12:00:00", "0001-01-01T00:00:00+14:00", 7):
        assert message(frame(timestamp=written)).sent_at == NOON


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "x" * 256},
        {"author": {}},
        {"author": None},
        {"author": {"user_openid": 1}},
    ],
)
def test_message_without_its_ids_is_nonsense(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no id|without its author"):
        parsed(frame(**changes))


def test_text_that_the_database_cannot_keep_is_cleaned() -> None:
    assert message(frame(content="a\0b\ud800")).text == "ab?"
