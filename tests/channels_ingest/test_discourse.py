"""The Discourse connector: the contract, its webhooks, and what a post says."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    BadRequest,
    BadSignature,
    Cursor,
    Fetched,
    RawEnvelope,
    Request,
    StoredEnvelope,
)
from channels_ingest.connectors.discourse import Discourse
from channels_ingest.sandbox.discourse import Forum
from tests.channels_ingest.account import NOON, LocalAccount, Reply, Script, session
from tests.channels_ingest.contract import (
    HttpSendContract,
    PullContract,
    PushContract,
    Trouble,
    http_trouble,
    stored,
)
from tests.channels_ingest.forum import SECRET, Desk, configured, outgoing, signed
from tickets.interchange import IncomingMessage, OutgoingMessage, Unknown

POST = {
    "id": 101,
    "topic_id": 7,
    "post_number": 3,
    "user_id": 12,
    "username": "kim",
    "created_at": "2026-11-22T11:59:00.000Z",
    "raw": "案号 ＱＭ－４８２１－０９３７－１０ 有进展吗？",
    "version": 1,
    "post_type": 1,
    "topic_title": "Where is my parcel?",
    "category_id": 5,
}


class TestDiscourse(PushContract, PullContract, HttpSendContract):
    connector = Discourse
    signature_in = ("x-discourse-event-signature",)

    def settings(self) -> Discourse.Settings:
        return configured()

    def rotated(self) -> Discourse.Settings:
        return configured(webhook_secret="hook-secret-2", webhook_previous_secret=SECRET)

    def retired(self) -> Discourse.Settings:
        return configured(webhook_secret="hook-secret-3")

    def without_secret(self) -> Discourse.Settings:
        return configured(webhook_secret="", webhook_previous_secret="")

    def push_body(self) -> bytes:
        return json.dumps({"post": POST}).encode()

    def signed(self, body: bytes) -> Request:
        return signed(body)

    def ordinary(self) -> StoredEnvelope:
        (envelope,) = pushed()
        return stored(envelope)

    def unknown(self) -> StoredEnvelope:
        (envelope,) = pushed(post_type=3)
        return stored(envelope)

    def cursor_before(self) -> Cursor:
        return {"post": 90, "floor": 90, "recent": {}}

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        if trouble:
            http = session(Script(http_trouble(trouble)))
            return list(self.connect(http=http).fetch(cursor))
        with Forum(clock=lambda: NOON) as forum:
            forum.open_topic("kim", "Parcel", "Where is my parcel?")
            account = LocalAccount(configured(forum.url), http=session())
            return list(Discourse(account).fetch(cursor))

    def outgoing(self) -> OutgoingMessage:
        return outgoing()

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        return [outcome or Reply(200, b'{"id": 102, "topic_id": 7, "post_number": 4}')]


def pushed(event: str = "post_created", **changes: Any) -> list[RawEnvelope]:
    request = signed(json.dumps({"post": POST | changes}).encode(), event)
    return list(Discourse(LocalAccount(configured())).receive(request).envelopes)


def understood(envelope: RawEnvelope) -> IncomingMessage:
    (message,) = Discourse(LocalAccount(configured())).parse(stored(envelope))
    assert isinstance(message, IncomingMessage)
    return message


def passed_over(event: str = "post_created", **changes: Any) -> str:
    (envelope,) = pushed(event, **changes)
    (item,) = Discourse(LocalAccount(configured())).parse(stored(envelope))
    assert isinstance(item, Unknown)
    return item.reason


@pytest.fixture
def forum() -> Iterator[Forum]:
    with Forum(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(forum: Forum) -> Desk:
    return Desk(forum)


def test_published_vector_is_accepted() -> None:
    body = b'{"post":{"id":101,"topic_id":7,"post_number":3,"username":"lin","raw":"hi"}}'
    request = signed(body)
    digest = "beb50b1b15225ffae918c1519b54323d59816214046a6c862482a2dcfd6e3012"

    received = Discourse(LocalAccount(configured())).receive(request)

    assert request.headers["x-discourse-event-signature"] == f"sha256={digest}"
    assert [each.key for each in received.envelopes] == ["post:101"]
    assert received.pull_now


def test_signature_by_an_empty_secret_proves_nothing() -> None:
    settings = configured(webhook_secret="", webhook_previous_secret="")

    with pytest.raises(BadSignature):
        Discourse(LocalAccount(settings)).receive(signed(b"{}", secret=""))


def test_ping_and_other_events_are_answered_and_store_nothing() -> None:
    connector = Discourse(LocalAccount(configured()))

    for event in ("ping", "topic_created", "user_updated"):
        received = connector.receive(signed(b'{"ping":"OK"}', event))
        assert received.envelopes == ()
        assert received.answer
        assert received.answer.status == 200


def test_webhook_sent_as_a_form_is_refused_with_advice() -> None:
    with pytest.raises(BadRequest) as caught:
        Discourse(LocalAccount(configured())).receive(signed(b"payload=%7B%7D"))

    assert "JSON" in caught.value.errors["body"]


def test_post_of_another_category_is_not_stored() -> None:
    request = signed(json.dumps({"post": POST}).encode())

    chosen = Discourse(LocalAccount(configured(category_ids=(5, 51)))).receive(request)
    other = Discourse(LocalAccount(configured(category_ids=(6,)))).receive(request)

    assert len(chosen.envelopes) == 1
    assert other.envelopes == ()


def test_webhook_and_pull_of_one_post_give_the_same_envelope(forum: Forum, desk: Desk) -> None:
    desk.pull()
    post = forum.open_topic("kim", "Parcel", "Where is my parcel?")
    shown = json.dumps({"post": forum.inspect()["posts"][0]}).encode()

    (pushed_envelope,) = desk.connector.receive(signed(shown)).envelopes
    (pulled_envelope,) = desk.pull()

    assert pushed_envelope == pulled_envelope
    assert pushed_envelope.key == f"post:{post.id}"


def test_webhook_of_a_private_post_is_only_a_hint_to_ask() -> None:
    request = signed(json.dumps({"post": POST | {"topic_archetype": "private_message"}}).encode())

    received = Discourse(LocalAccount(configured())).receive(request)
    unread = Discourse(LocalAccount(configured(private_messages=False))).receive(request)

    assert (received.envelopes, received.pull_now) == ((), True)
    assert (unread.envelopes, unread.pull_now) == ((), False)


def test_message_at_the_forum_has_an_address() -> None:
    connector = Discourse(LocalAccount(configured()))

    assert connector.link_to("post:101", "7") == "https://forum.example/p/101"
    assert connector.link_to("topic:7:3", "7") == "https://forum.example/t/7/3"
    assert connector.link_to("", "7") == ""


def test_webhook_of_the_forum_reaches_a_real_socket_signed(forum: Forum, desk: Desk) -> None:
    with Forum() as other:  # any server that keeps its calls
        hook = forum.add_hook(f"{other.url}/hooks/forum/", SECRET)
        forum.open_topic("kim", "Parcel", "Where is my parcel?")
        forum.wait_until(lambda: bool(hook.answers))
        (call,) = other.calls

    request = Request(call.method, call.headers, {}, call.body)
    assert len(desk.connector.receive(request).envelopes) == 1


def test_post_becomes_a_message_of_its_topic_as_public_as_its_channel() -> None:
    (envelope,) = pushed()
    message = understood(envelope)

    assert envelope.lane == "topic:7"
    assert (message.external_id, message.thread) == ("post:101", "7")
    assert message.subject == "Where is my parcel?"
    assert (message.sender.external_id, message.sender.name) == ("12", "kim")
    assert message.text == POST["raw"]
    assert message.sent_at == NOON - timedelta(minutes=1)
    assert message.is_public is None


def test_answer_to_a_post_points_to_it_by_topic_and_place() -> None:
    (envelope,) = pushed(reply_to_post_number=2)

    assert understood(envelope).in_reply_to == ("topic:7:2",)


def test_quotes_become_lines_that_start_with_an_angle() -> None:
    raw = (
        '[quote="desk, post:2, topic:7"]\nYour number is QM-4821-0937-10.\n'
        "[quote=lin]\ninner\n[/quote]\n[/quote]\n\nThank you!\n[/quote] and [quote] alone"
    )
    (envelope,) = pushed(raw=raw)

    assert understood(envelope).text.splitlines() == [
        "> Your number is QM-4821-0937-10.",
        "> > inner",
        "Thank you!",
        "[/quote] and [quote] alone",
    ]


def test_a_hundred_thousand_quote_tags_are_read_in_linear_time() -> None:
    for raw in ("[quote]" * 20_000, "[quote]\nx\n" * 9_000 + "[/quote]\n" * 9_000):
        (envelope,) = pushed(raw=raw)
        assert len(understood(envelope).text) < 3 * len(raw)


def test_uploads_of_a_post_become_files() -> None:
    (envelope,) = pushed(
        raw="![photo|690x388](upload://a1.png) and [log.txt|attachment](upload://b2.txt) (9 B)"
    )

    assert [(each.name, each.url) for each in understood(envelope).files] == [
        ("photo", "https://forum.example/uploads/short-url/a1.png"),
        ("log.txt", "https://forum.example/uploads/short-url/b2.txt"),
    ]


def test_edit_names_the_post_it_changes() -> None:
    (envelope,) = pushed("post_edited", version=2, raw="I meant the other parcel.")
    message = understood(envelope)

    assert envelope.key.startswith("post:101:v2:")
    assert (message.action, message.target_id) == ("edit", "post:101")
    assert message.external_id == envelope.key


def test_quick_edit_without_a_new_version_has_a_key_of_its_own() -> None:
    keys = {pushed("post_edited", raw=raw)[0].key for raw in ("one", "two")}

    assert len(keys) == 2


@pytest.mark.parametrize(
    ("event", "changes"),
    [("post_destroyed", {}), ("post_edited", {"user_deleted": True, "version": 2})],
)
def test_deleted_post_recalls_the_message(event: str, changes: dict[str, Any]) -> None:
    (envelope,) = pushed(event, **changes)

    message = understood(envelope)

    assert (message.action, message.target_id) == ("recall", "post:101")


@pytest.mark.parametrize(
    ("event", "changes", "reason"),
    [
        ("post_created", {"username": "DESK"}, "our own post"),
        ("post_created", {"post_type": 2}, "moderator action"),
        ("post_created", {"post_type": 3}, "small action"),
        ("post_created", {"post_type": 4}, "whisper"),
        ("post_created", {"post_type": 9}, "unknown type of post"),
        ("post_created", {"user_id": -1}, "written by the forum itself"),
        ("post_created", {"user_deleted": True}, "deleted by its author"),
        ("post_recovered", {}, "event post_recovered"),
    ],
)
def test_post_that_is_no_message_is_passed_over(
    event: str, changes: dict[str, Any], reason: str
) -> None:
    assert passed_over(event, **changes) == reason


def test_text_that_a_database_cannot_keep_is_mended() -> None:
    (envelope,) = pushed(raw="a\0b \ud83d", username="k\0im", topic_title="\udc00")

    message = understood(envelope)

    assert (message.text, message.sender.name, message.subject) == ("ab ?", "kim", "?")


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": "yesterday"},
        {"created_at": "2026-11-22T11:59:00"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"raw": None},
        {"user_id": True},
        {"user_id": 2**70},
        {"post_type": "1"},
    ],
)
def test_post_that_makes_no_sense_is_an_error_for_people_to_look_at(
    changes: dict[str, Any],
) -> None:
    (envelope,) = pushed(**changes)

    with pytest.raises(ValueError, match=r"no number|no text|isoformat|zone|range"):
        understood(envelope)
