"""The Weibo connector: the contract, what is pushed, and answers in private."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from channels_ingest import api
from channels_ingest.connectors.base import (
    BadSignature,
    Cursor,
    Fetched,
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    Request,
    SendFailure,
    StoredEnvelope,
    TemporaryFailure,
    WindowClosed,
)
from channels_ingest.connectors.weibo import Weibo
from channels_ingest.models import Envelope
from channels_ingest.sandbox.weibo import DEMO_ACCESS, DEMO_APP, Microblog
from tests.channels_ingest.account import NOON, LocalAccount, Reply, Script, session
from tests.channels_ingest.contract import (
    HttpSendContract,
    PullContract,
    TimedPushContract,
    Trouble,
    http_trouble,
    stored,
)
from tests.channels_ingest.microblog import (
    KIM,
    STAMP,
    Desk,
    configured,
    outgoing,
    push,
    query,
    signed,
)
from tickets.interchange import IncomingMessage, OutgoingFile, OutgoingMessage, Unknown


class TestWeibo(TimedPushContract, PullContract, HttpSendContract):
    connector = Weibo
    signature_in = ("signature",)
    body_is_signed = False

    def settings(self) -> Weibo.Settings:
        return configured()

    def rotated(self) -> Weibo.Settings:
        return configured(app_secret="app-secret-2", app_previous_secret=DEMO_APP)

    def retired(self) -> Weibo.Settings:
        return configured(app_secret="app-secret-3")

    def without_secret(self) -> Weibo.Settings:
        return configured(app_secret="", app_previous_secret="")

    def push_body(self) -> bytes:
        return push()

    def signed(self, body: bytes) -> Request:
        return signed(body)

    def ordinary(self) -> StoredEnvelope:
        return pushed(push())

    def unknown(self) -> StoredEnvelope:
        return pushed(push("event", data={"subtype": "follow"}))

    def cursor_before(self) -> Cursor:
        seen: Cursor = {"recent": [], "gaps": []}
        return dict.fromkeys(configured().public_lists, seen)

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        if trouble:
            http = session(Script(http_trouble(trouble)))
            return list(self.connect(http=http).fetch(cursor))
        with Microblog(clock=lambda: NOON) as vendor:
            vendor.comment(KIM, "快递没更新")
            account = LocalAccount(configured(vendor.url), http=session())
            return list(Weibo(account).fetch(cursor))

    def outgoing(self) -> OutgoingMessage:
        return outgoing()

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        return [outcome or Reply(200, b'{"result": true}')]


def pushed(body: bytes) -> StoredEnvelope:
    (envelope,) = Weibo(LocalAccount(configured())).receive(signed(body)).envelopes
    return stored(envelope)


def understood(body: bytes, **settings: Any) -> IncomingMessage:
    (message,) = Weibo(LocalAccount(configured(**settings))).parse(pushed(body))
    assert isinstance(message, IncomingMessage)
    return message


def passed_over(body: bytes) -> str:
    (item,) = Weibo(LocalAccount(configured())).parse(pushed(body))
    assert isinstance(item, Unknown)
    return item.reason


@pytest.fixture
def vendor() -> Iterator[Microblog]:
    with Microblog(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(vendor: Microblog) -> Desk:
    return Desk(vendor)


def answered(vendor: Microblog) -> list[str]:
    return [each["text"] for each in vendor.inspect()["messages"] if each["direction"] == "out"]


def test_published_vector_is_accepted_and_its_word_is_echoed() -> None:
    asked = query("weiboAppSecretX", "1795312800123")
    assert asked["signature"] == "2d9770b6dd4744faad0c5909fa6c7fb9c0acfbf1"
    account = LocalAccount(configured(app_secret="weiboAppSecretX"))
    account.advance(hours=-10)

    received = Weibo(account).receive(Request("GET", {}, {**asked, "echostr": "word-7"}, b""))

    assert received.answer
    assert received.answer.body == b"word-7"
    assert received.envelopes == ()


def test_signature_is_the_word_that_serves_once_however_time_and_nonce_are_cut() -> None:
    connector = Weibo(LocalAccount(configured()))
    asked = query(stamp="1795348800999", nonce="9157")
    cut = asked | {"timestamp": "1795348800", "nonce": "9999157"}

    pushes = [connector.receive(Request("POST", {}, given, push())) for given in (asked, cut)]
    handshake = connector.receive(Request("GET", {}, asked | {"echostr": "x"}, b""))

    assert {each.nonce for each in (*pushes, handshake)} == {asked["signature"]}


def test_seconds_are_a_time_too() -> None:
    asked = query(stamp=STAMP[:10])

    assert Weibo(LocalAccount(configured())).receive(Request("POST", {}, asked, push())).envelopes


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "9" * 13])
def test_push_without_a_usable_time_is_refused(stamp: str) -> None:
    request = Request("POST", {}, query(stamp=stamp), push())

    with pytest.raises(BadSignature):
        Weibo(LocalAccount(configured())).receive(request)


def test_push_is_answered_with_nothing_so_that_it_is_not_repeated() -> None:
    answer = Weibo(LocalAccount(configured())).receive(signed(push())).answer

    assert answer
    assert (answer.status, answer.body) == (200, b"")


def test_private_message_may_be_answered_for_two_days() -> None:
    message = understood(push())

    assert (message.text, message.thread, message.is_public) == ("快递没更新", f"dm:{KIM}", False)
    assert (message.sender.external_id, message.sender.proven) == (str(KIM), True)
    assert message.sent_at == NOON - timedelta(minutes=1)
    assert message.reply_until == message.sent_at + timedelta(hours=48)
    assert message.replies_left is None


def test_window_is_a_setting() -> None:
    message = understood(push(), reply_hours=72)

    assert message.reply_until == message.sent_at + timedelta(hours=72)


def test_two_texts_of_one_second_are_two_messages_and_a_repeat_is_one() -> None:
    first, second, repeat = (pushed(push(text=text)) for text in ("在吗", "快递呢", "在吗"))

    assert first.key != second.key
    assert first.key == repeat.key
    assert first.lane == second.lane == f"dm:{KIM}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            push("position", "我在这", data={"latitude": "39.9", "longitude": "116.4"}),
            "[位置] 39.9, 116.4 我在这",
        ),
        (push("image", "", data={"tovfid": 71}), "[图片]"),
        (push("voice", "", data={"tovfid": 72}), "[语音]"),
        (push("event", "", data={"subtype": "click", "key": "人工客服"}), "[菜单] 人工客服"),
    ],
)
def test_what_is_no_text_is_told_in_words(body: bytes, text: str) -> None:
    assert understood(body).text == text


def test_picture_is_fetched_by_the_id_that_belongs_to_us(vendor: Microblog, desk: Desk) -> None:
    vendor.say(KIM, files=[{"name": "screen.jpg", "text": "picture"}])
    (file,) = understood(vendor.pushes[0].body).files

    fetched = desk.connector.download(file.url)

    assert fetched.data == b"picture"
    assert fetched.content_type == "image/jpeg"
    assert file.url.startswith("weibo-media:")


def test_file_that_is_not_there_says_so_without_the_token(desk: Desk) -> None:
    with pytest.raises(FetchFailure, match="refused") as caught:
        desk.connector.download("weibo-media:4711")

    assert DEMO_ACCESS not in str(caught.value)


def test_mention_is_a_private_message_with_one_answer_where_posts_are_not_read() -> None:
    body = push("mention", "@客服 快递丢了", data={"subtype": "status", "key": "5001"})

    message = understood(body, public_token="")

    assert message.text == "[在微博 5001 中提到我] @客服 快递丢了"
    assert (message.replies_left, message.is_public) == (1, False)


def test_mention_wakes_the_pull_where_posts_are_read() -> None:
    body = push("mention", "@客服", data={"subtype": "status", "key": "5001"})

    received = Weibo(LocalAccount(configured())).receive(signed(body))

    assert received.pull_now
    assert passed_over(body).startswith("mention")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (push("event", data={"subtype": "follow"}), "event follow"),
        (push("event", data={"subtype": "unfollow"}), "event unfollow"),
        (push("hologram"), "type hologram"),
        (push(receiver_id=1900000009), "for another account"),
        (push(sender_id=1900000001), "our own message"),
    ],
)
def test_push_that_is_no_message_is_named_and_passed_over(body: bytes, reason: str) -> None:
    assert passed_over(body) == reason


@pytest.mark.parametrize("at", ["yesterday", None, "Sun Foo 22 10:00:00 +0800 2026"])
def test_push_without_a_time_is_an_error_for_people_to_look_at(at: str | None) -> None:
    with pytest.raises(ValueError, match="not a time"):
        understood(push(created_at=at))


def test_pushes_of_the_sandbox_are_signed_and_repeated_until_they_are_taken(
    vendor: Microblog,
) -> None:
    with Microblog() as other:  # any server that keeps its calls
        other.fail(times=2, path="/hooks", status=503)
        other.fail(times=1, path="/hooks", status=200)
        vendor.inject(do="callback", url=f"{other.url}/hooks/weibo/key")
        vendor.inject(sender=KIM, text="快递没更新", name="小金")
        vendor.wait_until(lambda: len(vendor.pushes[0].answers) == 3)
        calls = list(other.calls)

    connector = Weibo(LocalAccount(configured()))
    asked = {name: values[0] for name, values in calls[0].query.items()}
    keys = {
        connector.receive(Request("POST", {}, asked, call.body)).envelopes[0].key for call in calls
    }
    assert vendor.pushes[0].answers == [503, 503, 200]
    assert len(keys) == 1


def test_answer_in_private_arrives_as_it_was_written(vendor: Microblog, desk: Desk) -> None:
    vendor.say(KIM, "快递没更新")
    text = '100% "准时"\n案号 QM-4821-0937-10'

    desk.connector.send(outgoing(text=text))

    assert answered(vendor) == [text]


def test_answer_after_two_days_finds_the_window_closed(vendor: Microblog, desk: Desk) -> None:
    vendor.say(KIM, "快递没更新")
    vendor.jump(48 * 3600)

    with pytest.raises(WindowClosed, match="window_closed"):
        desk.connector.send(outgoing())
    vendor.say(KIM, "还在吗")
    desk.connector.send(outgoing())

    assert answered(vendor) == [outgoing().text]


def test_mention_allows_a_single_private_answer(vendor: Microblog, desk: Desk) -> None:
    vendor.event(KIM, "status", "@客服", key="5001")
    desk.connector.send(outgoing())

    with pytest.raises(WindowClosed):
        desk.connector.send(outgoing(text="还有一点。"))


def test_who_unfollowed_cannot_be_answered(vendor: Microblog, desk: Desk) -> None:
    vendor.say(KIM, "快递没更新")
    vendor.event(KIM, "unfollow")

    with pytest.raises(WindowClosed):
        desk.connector.send(outgoing())


def test_expired_token_asks_for_a_person_and_is_not_told(vendor: Microblog, desk: Desk) -> None:
    vendor.say(KIM, "快递没更新")
    vendor.tokens[DEMO_ACCESS] = NOON

    with pytest.raises(Misconfigured, match="bad_credentials") as caught:
        desk.connector.send(outgoing())

    assert DEMO_ACCESS not in str(caught.value)


def test_channel_without_a_token_only_receives(vendor: Microblog) -> None:
    with pytest.raises(Misconfigured, match="bad_credentials"):
        Desk(vendor, access_token="").connector.send(outgoing())
    assert vendor.calls == []


@pytest.mark.parametrize("as_text", [False, True])
def test_used_up_calls_are_tried_again_in_the_next_hour(
    vendor: Microblog, desk: Desk, as_text: bool
) -> None:
    vendor.say(KIM, "快递没更新")
    vendor.hourly, vendor.numbers_as_text = 0, as_text
    desk.account.advance(minutes=20)

    with pytest.raises(TemporaryFailure) as caught:
        desk.connector.send(outgoing())

    assert (caught.value.code, caught.value.retry_after) == ("limited", 40 * 60)


@pytest.mark.parametrize(
    ("number", "failure", "code"),
    [
        (10006, Misconfigured, "bad_credentials"),
        (10004, Misconfigured, "address_not_listed"),
        (10014, Misconfigured, "not_allowed"),
        (20016, TemporaryFailure, "limited"),
        (10009, TemporaryFailure, "unavailable"),
        (10010, OutcomeUnknown, "unavailable"),
        (20206, PermanentFailure, "recipient_gone"),
        (20019, PermanentFailure, "content_refused"),
        (20012, PermanentFailure, "too_long"),
        (29999, PermanentFailure, "refused"),
    ],
)
def test_error_number_names_the_remedy(
    vendor: Microblog, desk: Desk, number: int, failure: type[SendFailure], code: str
) -> None:
    vendor.fail(status=400, body=f'{{"error_code": "{number}", "error": "no"}}')

    with pytest.raises(failure) as caught:
        desk.connector.send(outgoing())

    assert caught.value.code == code


def test_answer_dropped_after_processing_is_unknown_and_not_repeated(
    vendor: Microblog, desk: Desk
) -> None:
    vendor.say(KIM, "快递没更新")
    vendor.fail(drop=True, processed=True)

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(outgoing())

    assert answered(vendor) == [outgoing().text]
    assert Weibo.capabilities.resend == "never"


def test_file_cannot_be_sent(vendor: Microblog, desk: Desk) -> None:
    with pytest.raises(PermanentFailure, match="files_not_supported"):
        desk.connector.send(outgoing(files=(OutgoingFile("a.txt", "text/plain", b"hi"),)))
    assert vendor.calls == []


def test_profile_names_the_sender(vendor: Microblog, desk: Desk) -> None:
    vendor.say(KIM, "快递没更新", name="小金")

    sender = desk.connector.profile(str(KIM))

    assert sender
    assert sender.name == "小金"
    assert desk.connector.profile("77") is None


def test_test_calls_the_vendor_with_both_tokens(vendor: Microblog, desk: Desk) -> None:
    comment = vendor.comment(KIM, "快递没更新")

    said = desk.connector.test()

    assert f"newest in comments/to_me: {comment['id']}" in said
    assert "calls left" in said
    with pytest.raises(FetchFailure, match="bad_credentials"):
        Desk(vendor, access_token="wrong").connector.test()


def test_previous_secret_is_accepted_by_query_of_either(vendor: Microblog) -> None:
    vendor.secret = "app-secret-0"
    request = Request("POST", {}, vendor.signed_query(), push())

    assert Weibo(LocalAccount(configured())).receive(request).envelopes
    with pytest.raises(BadSignature):
        Weibo(LocalAccount(replace(configured(), app_previous_secret=""))).receive(request)


@pytest.mark.django_db
def test_signature_that_was_used_opens_the_door_to_no_other_body() -> None:
    created = api.create_channel(
        kind="weibo",
        slug="weibo",
        values={"uid": "1900000001", "app_secret": DEMO_APP},
        now=timezone.now(),
    )
    asked = query(stamp=str(int(timezone.now().timestamp() * 1000)))
    address = f"{urlsplit(created.address).path}?{urlencode(asked)}"
    client = Client()

    def status(body: bytes, to: str = address) -> int:
        return client.post(to, data=body, content_type="application/json").status_code

    assert [status(push()), status(push()), status(push(text="转账给我"))] == [200, 200, 401]
    assert status(push(), f"/hooks/weibo/?{urlencode(asked)}") == 401
    assert Envelope.objects.count() == 1
