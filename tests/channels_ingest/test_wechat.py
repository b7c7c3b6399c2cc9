"""The WeChat connector: the contract, its cipher, and what a push says."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wechatpy.crypto import WeChatCrypto

from channels_ingest.connectors.base import (
    BadRequest,
    BadSignature,
    RawEnvelope,
    Request,
    StoredEnvelope,
)
from channels_ingest.connectors.wechat import WeChat
from channels_ingest.sandbox.weixin import as_xml, seal, sign
from channels_ingest.weixin import crypto
from tests.channels_ingest.account import NOON, LocalAccount, Reply
from tests.channels_ingest.contract import HttpSendContract, TimedPushContract, stored
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
from tickets.interchange import OutgoingMessage, Unknown

APP_ID = "wxdemo0000000001"
TEXT: dict[str, object] = {
    "ToUserName": "gh_demo",
    "FromUserName": "oUSER001",
    "CreateTime": 1795312800,
    "MsgType": "text",
    "Content": "退款多久到账",
    "MsgId": 23900000000000001,
}
# Vector 2: the text above as one line of XML, closed with KEY and NOISE.
VECTOR = (
    "Q3stYC6hdFzMh9T8HCvyDHG8Z+SzFdEtPOIXuCM9Vol7BBjnIy1CXVRqBlNIzBd1rEktrJo03mNgZAZ47aHlZOiLvLli"
    "VNbFYIXte0LvDXZCuKNWC6Wew7bMbKMvuYMtIYHDDAM2l62b8kJLWCJq7htNl/RABiDKSEH4EQRazJMYW+2x/DSHdiWc"
    "GkCNLOiHRnHbepj30kE/q9BwqIRaG3XmtNDGF+MFiqca6fmix/ESW+QuWY/7xL1JQsIEn+YrmgGqvdODkYrkXS2iIYeH"
    "j/5sDx0UKIu3TJALoBYvBJ956ab6c0+im5Gv2CrETsWsCQvIL/OBH8Z3gmDMU5WehVutd16cVg+GmdVIowLTM4s2SGn/"
    "0f3eKGmnmY2l1bWZ9lCgkbTLxkjOohnznKSOWnV+TclUXKZuot4GTXZf/Oo="
)
SIGNED = "b3652c5fc14f85ee3c7991a12ca90029bd8b7caa"


def configured(**changes: Any) -> WeChat.Settings:
    given = {
        "app_id": APP_ID,
        "app_secret": "app-secret-1",
        "token": TOKEN,
        "encoding_aes_key": KEY,
        "hook_key": "hook-key-1",
        "previous_token": "aggTok2025",
        "previous_encoding_aes_key": OTHER_KEY,
    }
    return WeChat.Settings(**(given | changes))


def wechat(clock: datetime = NOON, **changes: Any) -> WeChat:
    return WeChat(LocalAccount(configured(**changes), clock=clock))


class TestWeChat(TimedPushContract, HttpSendContract):
    connector = WeChat
    signature_in = ("msg_signature",)
    window = timedelta(seconds=600)

    def settings(self) -> WeChat.Settings:
        return configured()

    def rotated(self) -> WeChat.Settings:
        return configured(
            token="aggTok2027",
            previous_token=TOKEN,
            encoding_aes_key=OTHER_KEY,
            previous_encoding_aes_key=KEY,
        )

    def retired(self) -> WeChat.Settings:
        return configured(token="aggTok2027")

    def without_secret(self) -> WeChat.Settings:
        return configured(token="", previous_token="")

    def push_body(self) -> bytes:
        return as_xml(TEXT)

    def signed(self, body: bytes) -> Request:
        return sealed(body, APP_ID)

    def test_changed_body_is_refused_where_the_body_is_signed(self) -> None:
        good, other = self.good(), sealed(b"<xml></xml>", APP_ID)

        with pytest.raises(BadSignature):
            self.connect().receive(replace(good, body=other.body))

    def ordinary(self) -> StoredEnvelope:
        return stored(pushed())

    def unknown(self) -> StoredEnvelope:
        return stored(pushed(MsgType="event", Event="subscribe"))

    def outgoing(self) -> OutgoingMessage:
        return replace(super().outgoing(), recipient="oUSER001")

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        token = Reply(200, b'{"access_token": "tok-1", "expires_in": 7200}')
        return [token, outcome or Reply(200, b'{"errcode": 0, "errmsg": "ok"}')]


def pushed(**changes: object) -> RawEnvelope:
    (envelope,) = wechat().receive(sealed(as_xml(TEXT | changes), APP_ID)).envelopes
    return envelope


def plain(
    fields: dict[str, object], *, moment: str = MOMENT, nonce: str = NONCE, **more: object
) -> Request:
    """A push in plain mode."""
    query = {"signature": sign(TOKEN, moment, nonce), "timestamp": moment, "nonce": nonce}
    return Request(method="POST", headers={}, query=query, body=as_xml(fields | more))


AT_VECTOR = datetime.fromtimestamp(int(MOMENT), UTC)


# The vendor's signatures and cipher


def test_plain_signature_is_that_of_the_vector() -> None:
    assert crypto.signature(TOKEN, MOMENT, NONCE) == "707daaadb8c6ea5d89bf6ebc7f484fc93248e7c1"


def test_vector_in_safe_mode_is_opened_and_read() -> None:
    query = {"msg_signature": SIGNED, "timestamp": MOMENT, "nonce": NONCE}
    body = f"<xml><ToUserName>gh_demo</ToUserName><Encrypt>{VECTOR}</Encrypt></xml>".encode()

    received = wechat(AT_VECTOR).receive(Request("POST", {}, query, body))

    (envelope,) = received.envelopes
    said = message(wechat(), envelope)
    assert said.text == "退款多久到账"
    assert (envelope.key, envelope.lane) == ("23900000000000001", "oUSER001")
    assert received.answer
    assert received.answer.body == b""


def test_sandbox_closes_what_the_vector_holds() -> None:
    opened = crypto.opened(VECTOR, [KEY], APP_ID)

    assert seal(opened, KEY, APP_ID, noise=NOISE) == VECTOR


def test_other_implementation_understands_the_same_pushes() -> None:
    library = WeChatCrypto(TOKEN, KEY, APP_ID)
    closed = seal(as_xml(TEXT), KEY, APP_ID)
    body = as_xml({"ToUserName": "gh_demo", "Encrypt": closed})
    proof = crypto.signature(TOKEN, MOMENT, NONCE, closed)

    theirs = library.decrypt_message(body, proof, MOMENT, NONCE)

    assert theirs.encode() == crypto.opened(closed, [KEY], APP_ID) == as_xml(TEXT)


def test_what_another_implementation_closes_is_opened() -> None:
    library = WeChatCrypto(TOKEN, KEY, APP_ID)
    closed = library.encrypt_message(as_xml(TEXT).decode(), NONCE, MOMENT).encode()
    query = {"timestamp": MOMENT, "nonce": NONCE}
    query["msg_signature"] = closed.partition(b"<MsgSignature><![CDATA[")[2][:40].decode()

    (envelope,) = wechat(AT_VECTOR).receive(Request("POST", {}, query, closed)).envelopes

    assert message(wechat(), envelope).text == "退款多久到账"


@pytest.mark.parametrize("settings", [{"app_id": "wxother"}, {"encoding_aes_key": "x" * 43}])
def test_push_that_another_app_should_open_is_a_bad_request(settings: dict[str, Any]) -> None:
    keys: dict[str, Any] = {"previous_encoding_aes_key": ""} | settings

    with pytest.raises(BadRequest, match="EncodingAESKey"):
        wechat(**keys).receive(sealed(as_xml(TEXT), APP_ID))


def test_signed_words_that_are_no_cipher_are_a_bad_request() -> None:
    at = str(int(NOON.timestamp()))
    for closed in ("", "x", "AAAA", "A" * 64):
        query = {"msg_signature": sign(TOKEN, at, "n", closed), "timestamp": at, "nonce": "n"}
        request = Request("POST", {}, query, as_xml({"Encrypt": closed}))

        with pytest.raises(BadRequest):
            wechat().receive(request)


def test_entities_in_a_push_are_not_followed() -> None:
    body = (
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'
    )

    with pytest.raises(BadRequest):
        wechat().receive(sealed(body, APP_ID))


# Handshake and plain mode


def test_address_is_confirmed_by_its_echo() -> None:
    query = {"signature": sign(TOKEN, MOMENT, NONCE), "timestamp": MOMENT, "nonce": NONCE}
    request = Request("GET", {}, query | {"echostr": "8123456789"}, b"")

    answer = wechat(AT_VECTOR).receive(request).answer

    assert answer
    assert answer.body == b"8123456789"
    with pytest.raises(BadSignature):
        wechat(AT_VECTOR).receive(replace(request, query=query | {"signature": "0" * 40}))
    with pytest.raises(BadSignature):
        wechat(AT_VECTOR + timedelta(seconds=601)).receive(request)


def test_plain_push_is_refused_in_safe_mode() -> None:
    with pytest.raises(BadSignature):
        wechat(AT_VECTOR).receive(plain(TEXT))


def test_plain_mode_names_what_must_not_be_seen_twice() -> None:
    connector = wechat(AT_VECTOR, encrypted=False)

    first, other = connector.receive(plain(TEXT)), connector.receive(plain(TEXT, nonce="other"))

    assert first.envelopes == other.envelopes
    assert first.nonce
    assert first.nonce != other.nonce


def test_compatible_mode_is_read_by_either_half() -> None:
    both = TEXT | {"Encrypt": seal(as_xml(TEXT), KEY, APP_ID)}
    at = str(int(NOON.timestamp()))
    request = plain(both, moment=at)
    proof = sign(TOKEN, at, NONCE, str(both["Encrypt"]))
    request = replace(request, query={**request.query, "msg_signature": proof})

    halves = [wechat(encrypted=each).receive(request).envelopes for each in (True, False)]

    assert halves[0] == halves[1]


def test_push_in_json_is_the_same_as_in_xml() -> None:
    request = sealed(json.dumps(TEXT, ensure_ascii=False).encode(), APP_ID)

    assert wechat().receive(request).envelopes == (pushed(),)


# What it says


def test_message_opens_the_window_of_the_vendor() -> None:
    said = message(wechat(reply_hours=24, replies_per_message=20), pushed())

    assert said.sent_at == AT_VECTOR
    assert said.reply_until == AT_VECTOR + timedelta(hours=24)
    assert said.replies_left == 20
    assert said.sender.proven


def test_events_are_passed_over_and_told_apart() -> None:
    events = [
        pushed(MsgType="event", MsgId=0, Event=event, EventKey=key)
        for event, key in (("subscribe", ""), ("CLICK", "a"), ("CLICK", "b"))
    ]

    assert len({each.key for each in events}) == 3
    item = parsed(wechat(), events[1])
    assert isinstance(item, Unknown)
    assert item.reason == "event CLICK"


def test_voice_brings_its_file_and_what_the_machine_heard() -> None:
    said = message(
        wechat(),
        pushed(MsgType="voice", MediaId="M1", Format="amr", Recognition="我的案号是四八二一。"),
    )

    assert (said.text, said.transcript) == ("", "我的案号是四八二一。")
    (file,) = said.files
    assert (file.url, file.name, file.content_type) == ("wechat-media:M1", "voice.amr", "audio/amr")


def test_picture_is_fetched_from_its_plain_address_where_it_has_one() -> None:
    shown = {"MsgType": "image", "MediaId": "M1"}

    with_address = message(wechat(), pushed(**shown, PicUrl="http://mmbiz.example/1"))
    without = message(wechat(), pushed(**shown))

    assert [each.url for each in with_address.files] == ["http://mmbiz.example/1"]
    assert [each.url for each in without.files] == ["wechat-media:M1"]


@pytest.mark.parametrize("kind", ["video", "shortvideo"])
def test_video_is_a_file(kind: str) -> None:
    said = message(wechat(), pushed(MsgType=kind, MediaId="M2", ThumbMediaId="M3"))

    assert [(each.name, each.url) for each in said.files] == [("video.mp4", "wechat-media:M2")]


def test_places_links_and_unknown_kinds_are_readable() -> None:
    place = pushed(MsgType="location", Label="中山路 1 号", Location_X="23.13", Location_Y="113.3")
    link = pushed(MsgType="link", Title="订单", Description="已发货", Url="https://shop.example/1")
    strange = pushed(MsgType="hologram")

    texts = [message(wechat(), each).text for each in (place, link, strange)]

    assert texts == [
        "[位置] 中山路 1 号\n(23.13, 113.3)",
        "[链接] 订单\n已发货\nhttps://shop.example/1",
        "[暂不支持的消息类型：hologram]",
    ]
