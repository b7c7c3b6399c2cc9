"""The WeCom connector: the contract, its callbacks, and what customers send."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

from channels_ingest.connectors.base import (
    BadRequest,
    BadSignature,
    Connector,
    Cursor,
    Fetched,
    RawEnvelope,
    Received,
    Request,
    StoredEnvelope,
)
from channels_ingest.connectors.wecom import WeCom
from channels_ingest.sandbox.wecom import CORP_ID, Corporation
from channels_ingest.sandbox.weixin import DEMO_SECRET, as_xml, seal
from channels_ingest.wecom import messages
from channels_ingest.weixin import crypto
from tests.channels_ingest.account import NOON, LocalAccount, Reply, Script, session
from tests.channels_ingest.contract import (
    HttpSendContract,
    PullContract,
    TimedPushContract,
    Trouble,
    http_trouble,
    stored,
)
from tests.channels_ingest.weixin import (
    KEY,
    MOMENT,
    NOISE,
    NONCE,
    OTHER_KEY,
    TOKEN,
    message,
    parsed,
    sealed,
)
from tickets.interchange import OutgoingMessage, Receipt, Unknown
from tickets.quoting import split_quoted

ECHO = "Q3stYC6hdFzMh9T8HCvyDKf5xMjJx7zzxVVf3LTgHJVlNhPO6k303SCpVsVBcAvYIXYJlmT3SJrFDNlNJJ5Ghw=="
ECHO_SIGNED = "e3fc61fd51ae8b62ab839431062a74f0cafd0af2"
CALLBACK = (
    "Q3stYC6hdFzMh9T8HCvyDJJe5MuZ7J4OV6X0j7kZVFB2YJzKi+TOQ1gYKSYNKUWkHTrO7Q6lnsri2clvs8PHubVlXIuO"
    "iVW5InZ1TZHTxVB9AFlXy7J1zq7cInnxuPj9zI9Jjbf2OeWR+javO0L2LZhg0kgP/6M3g72oclPjpuGJx+0QCTXZzvGz"
    "lrQMYX5jdtlxUKxn22kegigUKLTRCoIsGwolojC1EfZHWZi4eGLue/Ps19VK7UIVviREvLtbIInR9xkcN8YIU2Kmncoy"
    "c1kgyzgpVrjWRWeZ23OxJbtaELK876f6VaZITEKR7BBVI4hkTX/MV+blbkk/SAYVsr4nQb6RiJ71xrptJTWVLVcRnKvr"
    "ptxs7Fuatp7U7JleT8ET+FBcFGr6xt2mlu/IPyOmlinZrHjv3AUoE549uiI="
)
CALLBACK_SIGNED = "718db077322ef1781b5913a89236d66896f1e6f7"
TOLD: dict[str, object] = {
    "ToUserName": CORP_ID,
    "CreateTime": 1795312800,
    "MsgType": "event",
    "Event": "kf_msg_or_event",
    "Token": "ENCtok1",
    "OpenKfId": "wkKF001",
}
ITEM: dict[str, Any] = {
    "msgid": "m-001",
    "open_kfid": "wkKF001",
    "external_userid": "wmU9",
    "send_time": 1795312801,
    "origin": 3,
    "msgtype": "text",
    "text": {"content": "怎么改地址"},
}
AT_VECTOR = datetime.fromtimestamp(int(MOMENT), UTC)


def configured(**changes: Any) -> WeCom.Settings:
    given = {
        "corp_id": CORP_ID,
        "secret": DEMO_SECRET,
        "token": TOKEN,
        "encoding_aes_key": KEY,
        "hook_key": "hook-key-1",
        "previous_token": "aggTok2025",
        "previous_encoding_aes_key": OTHER_KEY,
    }
    return WeCom.Settings(**(given | changes))


def wecom(clock: datetime = NOON, **changes: Any) -> WeCom:
    return WeCom(LocalAccount(configured(**changes), clock=clock))


class TestWeCom(TimedPushContract, PullContract, HttpSendContract):
    connector = WeCom
    signature_in = ("msg_signature",)
    window = timedelta(seconds=600)

    def settings(self) -> WeCom.Settings:
        return configured()

    def rotated(self) -> WeCom.Settings:
        return configured(
            token="aggTok2027",
            previous_token=TOKEN,
            encoding_aes_key=OTHER_KEY,
            previous_encoding_aes_key=KEY,
        )

    def retired(self) -> WeCom.Settings:
        return configured(token="aggTok2027")

    def without_secret(self) -> WeCom.Settings:
        return configured(token="", previous_token="")

    def push_body(self) -> bytes:
        return as_xml(TOLD)

    def signed(self, body: bytes) -> Request:
        return sealed(body, CORP_ID)

    # A callback carries no message, so "accepted" shows in the pull that it sets off.

    def assert_accepted(self, connector: Connector, request: Request) -> None:
        received = connector.receive(request)

        assert received.pull_now
        assert received.envelopes == ()

    def test_good_signature_is_accepted(self) -> None:
        self.assert_accepted(self.connect(), self.good())

    def test_previous_secret_is_accepted_during_rotation(self) -> None:
        self.assert_accepted(self.connect(self.rotated()), self.good())

    def test_push_at_the_edge_of_the_window_is_accepted(self) -> None:
        for span in (self.window, -self.window):
            self.assert_accepted(wecom(NOON + span), self.good())

    def test_changed_body_is_refused_where_the_body_is_signed(self) -> None:
        good, other = self.good(), sealed(b"<xml></xml>", CORP_ID)

        with pytest.raises(BadSignature):
            self.connect().receive(replace(good, body=other.body))

    def ordinary(self) -> StoredEnvelope:
        return stored(told())

    def unknown(self) -> StoredEnvelope:
        return stored(event("enter_session", scene="", welcome_code="W1"))

    def cursor_before(self) -> Cursor:
        return {"since": 0, "accounts": {"wkKF001": {"cursor": "", "asked_at": 0}}}

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        if trouble:
            token = Reply(200, b'{"access_token": "tok-1", "expires_in": 7200}')
            http = session(Script(token, http_trouble(trouble)))
            return list(self.connect(http=http).fetch(cursor))
        with Corporation(clock=lambda: NOON) as vendor:
            vendor.say("wmU9", "怎么改地址")
            account = LocalAccount(configured(host=vendor.url), http=session())
            return list(WeCom(account).fetch(cursor))

    def outgoing(self) -> OutgoingMessage:
        return replace(super().outgoing(), recipient="wmU9", thread="wkKF001")

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        token = Reply(200, b'{"access_token": "tok-1", "expires_in": 7200}')
        state = Reply(200, b'{"errcode": 0, "service_state": 1}')
        return [token, state, outcome or Reply(200, b'{"errcode": 0, "msgid": "d-1"}')]


def told(**changes: Any) -> RawEnvelope:
    return messages.envelope_of(ITEM | changes)


def event(kind: str, **more: Any) -> RawEnvelope:
    ids = {"open_kfid": "wkKF001", "external_userid": "wmU9"}
    item = {"msgid": "m-002", "send_time": 1795312900, "origin": 4, "msgtype": "event"}
    return messages.envelope_of(item | {"event": {"event_type": kind, **ids, **more}})


# Callbacks


def received(closed: str, proof: str, method: str = "POST") -> Received:
    query = {"msg_signature": proof, "timestamp": MOMENT, "nonce": NONCE}
    body = b""
    if method == "GET":
        query["echostr"] = closed
    else:
        body = as_xml({"ToUserName": CORP_ID, "Encrypt": closed, "AgentID": ""})
    return wecom(AT_VECTOR).receive(Request(method, {}, query, body))


def test_address_is_confirmed_by_the_opened_echo() -> None:
    answer = received(ECHO, ECHO_SIGNED, "GET").answer

    assert answer
    assert answer.body == b"1234567890123456789"
    with pytest.raises(BadSignature):
        received(ECHO, "0" * 40, "GET")


def test_callback_of_the_vector_says_where_to_look_and_with_which_word() -> None:
    got = received(CALLBACK, CALLBACK_SIGNED)

    assert got.hint == {
        "open_kfid": "wkKF001",
        "token": "ENCtok1",
        "told_at": AT_VECTOR.timestamp(),
    }
    assert got.answer
    assert got.answer.body == b"success"


def test_sandbox_closes_what_the_vectors_hold() -> None:
    for closed in (ECHO, CALLBACK):
        opened = crypto.opened(closed, [KEY], CORP_ID)

        assert seal(opened, KEY, CORP_ID, noise=NOISE) == closed


def test_other_implementation_understands_the_same_callback() -> None:
    library = WeChatCrypto(TOKEN, KEY, CORP_ID)

    theirs = library.check_signature(ECHO_SIGNED, MOMENT, NONCE, ECHO)

    assert theirs.encode() == crypto.opened(ECHO, [KEY], CORP_ID)


def test_other_event_of_the_app_sets_off_nothing() -> None:
    got = wecom().receive(sealed(as_xml({"MsgType": "event", "Event": "subscribe"}), CORP_ID))

    assert not got.pull_now
    assert got.answer
    assert got.answer.status == 200


def test_callback_for_another_corporation_is_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        wecom(corp_id="wwother").receive(sealed(as_xml(TOLD), CORP_ID))


# What customers send


def test_message_is_one_of_its_chat_and_opens_the_window() -> None:
    envelope = told()
    said = message(wecom(), envelope)

    assert (envelope.key, envelope.lane) == ("m-001", "wkKF001:wmU9")
    assert (said.sender.external_id, said.thread, said.text) == ("wmU9", "wkKF001", "怎么改地址")
    assert said.sent_at == datetime.fromtimestamp(1795312801, UTC)
    assert said.reply_until == said.sent_at + timedelta(hours=48)
    assert said.replies_left == 5


@pytest.mark.parametrize(
    ("kind", "name"),
    [("image", "image.jpg"), ("voice", "voice.amr"), ("video", "video.mp4"), ("file", "file")],
)
def test_file_is_named_by_its_media_id(kind: str, name: str) -> None:
    said = message(wecom(), told(msgtype=kind, **{kind: {"media_id": "M1"}}))

    assert [(each.name, each.url) for each in said.files] == [(name, "wecom-media:M1")]
    assert said.text == ""


MENU = {
    "head_content": "解决了吗？",
    "list": [{"type": "click", "click": {"id": "1", "content": "是"}}],
    "tail_content": "谢谢",
}


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        (
            "location",
            {"latitude": 23.1, "longitude": 113.3, "name": "仓库", "address": "中山路"},
            "[位置] 仓库\n中山路\n(23.1, 113.3)",
        ),
        (
            "link",
            {"title": "订单", "desc": "已发货", "url": "https://shop.example/1"},
            "[链接] 订单\n已发货\nhttps://shop.example/1",
        ),
        ("business_card", {"userid": "ada"}, "[名片] ada"),
        ("miniprogram", {"title": "订单详情", "appid": "wx1"}, "[小程序] 订单详情"),
        ("channels_shop_order", {"order_id": "S1"}, "[视频号订单] S1"),
        ("msgmenu", MENU, "[菜单] 解决了吗？\n- 是\n谢谢"),
        ("hologram", {}, "[暂不支持的消息类型：hologram]"),
    ],
)
def test_whatever_a_person_sends_is_readable(kind: str, body: dict[str, Any], text: str) -> None:
    assert message(wecom(), told(msgtype=kind, **{kind: body})).text == text


def record(name: str, kind: str, body: dict[str, Any], *, bare: bool = False) -> dict[str, Any]:
    content = body if bare else {"msgtype": kind, kind: body}
    return {"sender_name": name, "msgtype": kind, "msg_content": json.dumps(content)}


def test_forwarded_chat_is_quoted_and_its_files_come_along() -> None:
    inner = {"title": "更早", "item": [record("Lin", "text", {"content": "案号 QM-4821-0937-10"})]}
    items = [
        record("Kim", "text", {"content": "第一行\n第二行"}),
        record("Lin", "image", {"media_id": "M1"}, bare=True),
        record("Kim", "merged_msg", inner),
        {"sender_name": "Kim", "msgtype": "text", "msg_content": {"text": {"content": "完"}}},
    ]

    said = message(wecom(), told(msgtype="merged_msg", merged_msg={"title": "群聊", "item": items}))

    assert said.text.splitlines() == [
        "[聊天记录] 群聊",
        "> Kim: 第一行",
        "> 第二行",
        "> Lin: [图片]",
        "> Lin: 案号 QM-4821-0937-10",
        "> Kim: 完",
    ]
    assert "QM-4821" not in split_quoted(said.text).own
    assert [each.url for each in said.files] == ["wecom-media:M1"]


def test_recall_takes_back_the_message_it_names() -> None:
    said = message(wecom(), event("user_recall_msg", recall_msgid="m-001"))

    assert (said.action, said.target_id, said.external_id) == ("recall", "m-001", "m-002")
    assert (said.sender.external_id, said.thread) == ("wmU9", "wkKF001")


@pytest.mark.parametrize(
    ("number", "reason"), [(4, "window_closed"), (10, "recipient_gone"), (0, "refused")]
)
def test_later_failure_is_a_receipt_with_its_reason(number: int, reason: str) -> None:
    item = parsed(wecom(), event("msg_send_fail", fail_msgid="d-1", fail_type=number))

    assert isinstance(item, Receipt)
    assert (item.external_id, item.state, item.reason) == ("d-1", "failed", reason)


def test_colleagues_and_events_are_passed_over_with_a_reason() -> None:
    colleague = parsed(wecom(), told(origin=5))
    status = parsed(wecom(), event("session_status_change", change_type=3))

    assert isinstance(colleague, Unknown)
    assert colleague.reason == "written by a colleague in WeCom"
    assert isinstance(status, Unknown)
    assert status.reason == "event session_status_change"


def test_message_without_an_id_is_known_by_its_content() -> None:
    first, second = messages.envelope_of(ITEM | {"msgid": ""}), messages.envelope_of(ITEM)

    assert first.key.startswith("body:")
    assert first.key != second.key
