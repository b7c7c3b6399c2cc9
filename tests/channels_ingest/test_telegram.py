"""The Telegram connector: the contract, what an update says, and a bot on a real socket."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from channels_ingest import api, media, outbox, polling
from channels_ingest.connectors.base import (
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    StoredEnvelope,
    TemporaryFailure,
)
from channels_ingest.connectors.telegram import Telegram
from channels_ingest.sandbox import telegram as sandbox
from tests.channels_ingest import doors
from tests.channels_ingest.account import NOON, LocalAccount, Reply, Script, session
from tests.channels_ingest.contract import (
    HttpSendContract,
    PullContract,
    Trouble,
    http_trouble,
    stored,
)
from tickets.actions.replies import reply
from tickets.actor import SYSTEM
from tickets.interchange import (
    IncomingFile,
    IncomingMessage,
    OutgoingFile,
    OutgoingMessage,
    Unknown,
)
from tickets.models import Attachment, Conversation, Delivery

PICTURE = {
    "name": "a.png",
    "type": "image/png",
    "data": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(),
}
GROUP = -4001


def configured(base_url: str = "https://api.telegram.example", **changes: Any) -> Any:
    return Telegram.Settings(**{"token": sandbox.DEMO_TOKEN, "base_url": base_url, **changes})


def outgoing(**changes: Any) -> OutgoingMessage:
    given = {
        "delivery_id": "d-1001",
        "recipient": "7001",
        "thread": "7001",
        "text": "Your parcel is on its way to you.",
        "case_number": "QM-4821-0937-10",
    }
    return OutgoingMessage(**(given | changes))


class FetchingAccount(LocalAccount):
    """An account whose media really come over the wire."""

    def fetch_media(self, url: str) -> IncomingFile:
        response = self.http.get(url, timeout=5)
        if response.status_code != 200:
            raise FetchFailure("unavailable", str(response.status_code))
        return IncomingFile("file", data=response.content)


@dataclass
class Desk:
    """The desk on the other side of the bot: it pulls, keeps its cursor, and knows what came."""

    connector: Connector
    cursor: Cursor

    def pull(self) -> list[StoredEnvelope]:
        pulled: list[StoredEnvelope] = []
        for page in self.connector.fetch(self.cursor):
            self.cursor = json.loads(json.dumps(page.cursor))
            pulled += [stored(each) for each in page.envelopes]
        return pulled

    def messages(self) -> list[IncomingMessage]:
        items = [item for each in self.pull() for item in self.connector.parse(each)]
        return [item for item in items if isinstance(item, IncomingMessage)]

    def reads(self) -> IncomingMessage:
        (message,) = self.messages()
        return message


@pytest.fixture
def bot() -> Iterator[sandbox.Telegram]:
    with sandbox.Telegram(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(bot: sandbox.Telegram) -> Desk:
    return Desk(Telegram(FetchingAccount(configured(bot.url), http=session())), {})


class TestTelegram(PullContract, HttpSendContract):
    connector = Telegram

    def settings(self) -> Any:
        return configured()

    def ordinary(self) -> StoredEnvelope:
        with sandbox.Telegram(clock=lambda: NOON) as bot:
            bot.say(7001, "登录不了")
            (page,) = Telegram(LocalAccount(configured(bot.url), http=session())).fetch({})
        return stored(page.envelopes[0])

    def unknown(self) -> StoredEnvelope:
        body = {"update_id": 1, "my_chat_member": {"chat": {"id": 7001}}}
        return StoredEnvelope("update:1", "bot", json.dumps(body).encode(), received_at=NOON)

    def cursor_before(self) -> Cursor:
        return {"offset": 900_001}

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        if trouble:
            http = session(Script(http_trouble(trouble)))
            return list(self.connect(http=http).fetch(cursor))
        with sandbox.Telegram(clock=lambda: NOON) as bot:
            bot.say(7001, "Where is my parcel?")
            return list(Telegram(LocalAccount(configured(bot.url), http=session())).fetch(cursor))

    def outgoing(self) -> OutgoingMessage:
        return outgoing()

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        sent = b'{"ok": true, "result": {"message_id": 52, "chat": {"id": 7001}}}'
        return [outcome or Reply(200, sent)]


def test_private_message_says_who_wrote_what_and_when(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "登录不了", name="Lin")

    message = desk.reads()

    assert (message.external_id, message.thread) == ("7001:1", "7001")
    assert (message.sender.external_id, message.sender.name) == ("7001", "Lin")
    assert (message.text, message.sent_at, message.language) == ("登录不了", NOON, "zh-hans")
    assert message.is_public is False


def test_message_in_a_group_is_public_and_stands_in_the_group(
    bot: sandbox.Telegram, desk: Desk
) -> None:
    bot.say(7001, "@desk_bot help", group=GROUP, is_topic_message=True, message_thread_id=9)

    message = desk.reads()

    assert (message.thread, message.is_public) == (f"{GROUP}/9", True)
    assert message.sender.external_id == "7001"


def test_messages_of_one_chat_share_a_lane(bot: sandbox.Telegram, desk: Desk) -> None:
    first = bot.say(7001, "one")
    bot.say(7002, "two")
    bot.edit(first, "one, corrected")

    lanes = [each.lane for each in desk.pull()]

    assert lanes == ["chat:7001", "chat:7002", "chat:7001"]


def test_update_is_dropped_only_when_what_follows_it_is_asked(
    bot: sandbox.Telegram, desk: Desk
) -> None:
    bot.say(7001, "one")
    pages = desk.connector.fetch({})
    next(pages)
    waiting = bot.inspect()["waiting"]

    del pages  # the desk dies before it could commit
    again = desk.messages()

    assert waiting == [900_001]
    assert [each.text for each in again] == ["one"]
    assert bot.inspect()["waiting"] == []


def test_more_than_a_page_comes_in_order(bot: sandbox.Telegram, desk: Desk) -> None:
    for number in range(230):
        bot.say(7001, f"message {number}")

    assert [each.text for each in desk.messages()] == [f"message {n}" for n in range(230)]


def test_repeated_update_has_the_same_key(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "one")
    bot.repeat()

    first, second = desk.pull()

    assert (first.key, first.body) == (second.key, second.body)


def test_edit_names_the_message_it_changes_and_each_edit_has_its_own_key(
    bot: sandbox.Telegram, desk: Desk
) -> None:
    message = bot.say(7001, "one")
    bot.edit(message, "two")
    bot.edit(message, "three")

    created, *edits = desk.messages()

    assert [(each.action, each.target_id, each.text) for each in edits] == [
        ("edit", created.external_id, "two"),
        ("edit", created.external_id, "three"),
    ]
    assert len({each.external_id for each in (created, *edits)}) == 3


def test_answer_to_our_message_points_to_it(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "Where is my parcel?")
    desk.pull()
    sent = desk.connector.send(outgoing())
    bot.say(7001, "Thank you", reply_to=2)

    assert desk.reads().in_reply_to == (sent.external_id,)


def test_forwarded_words_are_quoted_with_their_author(bot: sandbox.Telegram, desk: Desk) -> None:
    origin = {"type": "user", "sender_user": {"id": 9, "first_name": "Wu", "last_name": "Qi"}}
    bot.say(7001, "QM-4821-0937-10\nsee above", forward_origin=origin)
    bot.say(7001, "hi", forward_origin={"type": "hidden_user", "sender_user_name": "Zoe"})

    texts = [each.text for each in desk.messages()]

    assert texts == ["> Wu Qi: QM-4821-0937-10\n> see above", "> Zoe: hi"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"location": {"latitude": 31.2, "longitude": 121.5}}, "[location] 31.2 121.5"),
        ({"sticker": {"emoji": "👍", "file_id": "x"}}, "[sticker] 👍"),
        (
            {
                "venue": {"title": "Shop", "address": "1 Road", "location": {"latitude": 1}},
                "location": {"latitude": 1, "longitude": 2},
            },
            "[venue] Shop 1 Road",
        ),
    ],
)
def test_what_has_no_words_is_named(
    bot: sandbox.Telegram, desk: Desk, content: dict[str, Any], text: str
) -> None:
    bot.say(7001, **content)

    assert desk.reads().text == text


def test_picture_is_fetched_in_its_largest_size(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "see here", files=[PICTURE])
    message = desk.reads()
    (file,) = message.files

    fetched = desk.connector.download(file.url)

    assert message.text == "see here"
    assert sandbox.DEMO_TOKEN not in file.url
    assert fetched.data == b"\x89PNG\r\n\x1a\n"


def test_album_is_one_message_a_picture(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "two of them", files=[PICTURE, PICTURE], media_group_id="g")

    assert [(each.text, len(each.files)) for each in desk.messages()] == [
        ("two of them", 1),
        ("", 1),
    ]


def test_file_beyond_the_limit_of_bots_is_refused_in_a_word(
    bot: sandbox.Telegram, desk: Desk
) -> None:
    bot.say(7001, files=[PICTURE])
    bot.files["file-1"] = ("a.png", b"\0" * (sandbox.LARGEST_FILE + 1))

    with pytest.raises(FetchFailure) as caught:
        desk.connector.download("telegram-file:file-1")

    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "more",
    [{"text": "/start"}, {"left_chat_member": {"id": 1}}, {"from": {"id": 9, "is_bot": True}}],
)
def test_what_no_person_wrote_opens_nothing(
    bot: sandbox.Telegram, desk: Desk, more: dict[str, Any]
) -> None:
    bot.say(7001, **more)

    (envelope,) = desk.pull()
    (item,) = desk.connector.parse(envelope)

    assert isinstance(item, Unknown)


def test_reply_stands_in_the_chat_below_the_question(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "Where is my parcel?")

    sent = desk.connector.send(outgoing(in_reply_to="7001:1"))

    said = bot.inspect()["messages"][-1]
    assert (said["direction"], said["thread"], said["text"]) == ("out", "7001", outgoing().text)
    assert sent.external_id == "7001:2"
    assert b"reply_parameters" in bot.calls[-1].body


def test_file_is_a_message_of_its_own(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "hi")
    file = OutgoingFile("标签.pdf", "application/pdf", b"%PDF-\r\n\x00")

    desk.connector.send(outgoing(text="", files=(file,)))

    assert list(bot.files.values()) == [("标签.pdf", b"%PDF-\r\n\x00")]


def test_reply_follows_a_group_that_became_a_supergroup(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "hi", group=GROUP)
    moved_to = bot.upgrade(GROUP)

    sent = desk.connector.send(outgoing(thread=str(GROUP)))

    assert sent.external_id == f"{moved_to}:1"


def test_too_many_messages_are_sent_when_the_vendor_said(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "hi")
    bot.per_minute = 1
    desk.connector.send(outgoing())

    with pytest.raises(TemporaryFailure) as caught:
        desk.connector.send(outgoing(delivery_id="d-1002"))
    bot.jump(60)

    assert (caught.value.code, caught.value.retry_after) == ("limited", 60)
    assert desk.connector.send(outgoing(delivery_id="d-1002")).external_id == "7001:3"


def test_who_blocked_the_bot_is_gone_and_never_tried_again(
    bot: sandbox.Telegram, desk: Desk
) -> None:
    bot.say(7001, "hi")
    bot.block(7001)

    for recipient in ("7001", "7999"):
        with pytest.raises(PermanentFailure) as caught:
            desk.connector.send(outgoing(recipient=recipient, thread=recipient))
        assert caught.value.code == "recipient_gone"


def test_words_that_are_too_long_are_refused_in_the_words_of_the_vendor(
    bot: sandbox.Telegram, desk: Desk
) -> None:
    bot.say(7001, "hi")

    with pytest.raises(PermanentFailure, match="too long") as caught:
        desk.connector.send(outgoing(text="x" * 4097))
    assert caught.value.code == "content_refused"


def test_answer_lost_after_the_vendor_did_it_is_unknown(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "hi")
    bot.fail(drop=True, processed=True)

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(outgoing())

    assert [each["direction"] for each in bot.inspect()["messages"]] == ["in", "out"]
    assert desk.connector.capabilities.resend == "never"


def test_revoked_token_is_for_a_person_to_mend(bot: sandbox.Telegram) -> None:
    for token in ("700:revoked", "malformed"):
        settings = configured(bot.url, token=token)
        connector = Telegram(LocalAccount(settings, http=session()))
        with pytest.raises(Misconfigured, match="bad_credentials"):
            connector.send(outgoing())
        with pytest.raises(FetchFailure, match="bad_credentials") as caught:
            connector.test()
        assert token not in str(caught.value)


def test_webhook_left_by_somebody_else_is_named(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.webhook = "https://elsewhere.example/"

    with pytest.raises(FetchFailure) as caught:
        desk.pull()

    assert caught.value.code == "webhook_set"


def test_connection_test_names_the_bot_that_answered(bot: sandbox.Telegram, desk: Desk) -> None:
    bot.say(7001, "hi")

    assert desk.connector.test() == "@desk_bot answered; 1 updates wait"


@pytest.mark.django_db
def test_question_becomes_a_case_and_its_answer_arrives_in_the_chat(
    bot: sandbox.Telegram, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT, settings.ALLOW_PRIVATE_ADDRESSES = tmp_path, True
    values = {"token": sandbox.DEMO_TOKEN, "base_url": bot.url}
    made = api.create_channel(kind="telegram", slug="tg", values=values, now=NOON)
    bot.say(7001, "登录不了", files=[PICTURE])

    polling.pull(made.channel.pk, now=NOON)
    doors.drain(NOON)
    media.fetch_due(10, NOON)
    conversation = Conversation.objects.get()
    reply(conversation=conversation, text="x" * 5000, by=SYSTEM, now=NOON)
    outbox.deliver(clock=lambda: NOON)

    said = bot.inspect()["messages"]
    assert Attachment.objects.get().content_type == "image/png"
    assert [each["direction"] for each in said] == ["in", "out", "out"]
    assert "".join(each["text"] for each in said[1:]).count("x") == 5000
    assert {each.state for each in Delivery.objects.all()} == {"sent"}
