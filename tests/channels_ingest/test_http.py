"""The signed HTTP channel: the contract, the published vector, and what other systems send."""

import base64
import hashlib
import hmac
import json
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.connectors.base import (
    Accepted,
    BadRequest,
    BadSignature,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    RawEnvelope,
    Request,
    StoredEnvelope,
    TemporaryFailure,
)
from channels_ingest.connectors.http import Http, check_signature, sign
from channels_ingest.sandbox import base as sandbox
from channels_ingest.sandbox.base import Call, Emulator
from channels_ingest.sandbox.http import CallbackReceiver
from tests.channels_ingest.account import NOON, LocalAccount, Reply, Script, session
from tests.channels_ingest.contract import HttpSendContract, TimedPushContract, stored
from tickets.interchange import IncomingMessage, OutgoingFile, OutgoingMessage, Unknown

SECRET, PREVIOUS = "secret-one-1", "secret-old-0"
ROOT = Path(__file__).resolve().parents[2]
CALLBACK = "https://shop.example/replies"
MESSAGE = {
    "id": "m-1",
    "thread": "order-7",
    "sender": {"id": "u-9", "name": "Kim", "email": "kim@example.org", "phone": "+86 20 5550"},
    "text": "案号 QM-4821-0937-10，请问进度？",
    "html": "<p>案号 QM-4821-0937-10，请问进度？</p>",
    "sent_at": "2026-11-22T19:59:00+08:00",
}


def request(body: bytes, *secrets: str, at: datetime = NOON) -> Request:
    headers = {"anhao-signature": sign(body, at, *(secrets or (SECRET,)))}
    return Request(method="POST", headers=headers, query={}, body=body)


def push(**changes: Any) -> Request:
    return request(json.dumps(MESSAGE | changes).encode())


def connector(**settings: str) -> Http:
    return Http(LocalAccount(Http.Settings(**({"secret": SECRET} | settings))))


def parsed(**changes: Any) -> IncomingMessage:
    (envelope,) = connector().receive(push(**changes)).envelopes
    (message,) = connector().parse(stored(envelope))
    assert isinstance(message, IncomingMessage)
    return message


def refused(**changes: Any) -> dict[str, str]:
    with pytest.raises(BadRequest) as caught:
        connector().receive(push(**changes))
    assert caught.value.status == 422
    return dict(caught.value.errors)


class TestHttp(TimedPushContract, HttpSendContract):
    connector = Http
    signature_in = ("anhao-signature",)

    def settings(self) -> Http.Settings:
        return Http.Settings(secret=SECRET, previous_secret=PREVIOUS, callback_url=CALLBACK)

    def rotated(self) -> Http.Settings:
        return Http.Settings(secret="secret-new-2", previous_secret=SECRET)

    def retired(self) -> Http.Settings:
        return Http.Settings(secret="secret-new-2", previous_secret="secret-new-1")

    def without_secret(self) -> Http.Settings:
        return Http.Settings(secret="")

    def push_body(self) -> bytes:
        return json.dumps(MESSAGE).encode()

    def signed(self, body: bytes) -> Request:
        return request(body)

    def ordinary(self) -> StoredEnvelope:
        return stored(RawEnvelope(key="m-1", lane="order-7", body=self.push_body()))

    def unknown(self) -> StoredEnvelope:
        body = json.dumps(MESSAGE | {"action": "typing"}).encode()
        return stored(RawEnvelope(key="m-1", lane="order-7", body=body))

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        return [outcome or Reply(204, b"")]


def test_published_vector_is_what_we_sign_and_accept() -> None:
    body = b'{"id":"m-1","sender":{"id":"u-9"},"text":"hello"}'
    at = datetime.fromtimestamp(1795312800, UTC)
    expected = "c5b1c296b987f3f2226703a83b4f7c69f11b5ac691fcbfa14284c7220e456544"

    assert sign(body, at, "generic-secret-1") == f"t=1795312800,v1={expected}"
    account = LocalAccount(Http.Settings(secret="generic-secret-1"), clock=at)
    pushed = Request("POST", {"anhao-signature": f"t=1795312800,v1={expected}"}, {}, body)
    (envelope,) = Http(account).receive(pushed).envelopes
    assert envelope == RawEnvelope(key="m-1", lane="u-9", body=body)


def test_one_good_version_among_several_is_enough() -> None:
    pushed = request(json.dumps(MESSAGE).encode(), "secret-of-tomorrow", SECRET)

    assert connector().receive(pushed).envelopes


@pytest.mark.parametrize(
    "value",
    [
        "v1={v1}",
        "t=,v1={v1}",
        "t={t},t={t},v1={v1}",
        "t={t}.0,v1={v1}",
        "t=+{t},v1={v1}",
        "t=٣,v1={v1}",
        "t={t},v0={v1}",
        "t={t},v1={v1}0",
        "t={t};v1={v1}",
        "t=99999999999999999999,v1={v1}",
    ],
)
def test_signature_written_in_another_way_is_refused(value: str) -> None:
    moment, version = sign(b"body", NOON, SECRET).removeprefix("t=").split(",v1=")

    with pytest.raises(BadSignature):
        check_signature(value.format(t=moment, v1=version), b"body", NOON, SECRET)
    check_signature(f" t={moment}, v1={version}, later=x", b"body", NOON, SECRET)


def test_signature_by_an_empty_secret_proves_nothing() -> None:
    with pytest.raises(BadSignature):
        check_signature(sign_with_nothing(b"body"), b"body", NOON, "", "")


def sign_with_nothing(body: bytes) -> str:
    moment = str(int(NOON.timestamp()))
    digest = hmac.new(b"", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


@given(value=st.text(), body=st.binary())
def test_no_header_text_does_anything_but_be_refused(value: str, body: bytes) -> None:
    with pytest.raises(BadSignature):
        check_signature(value, body, NOON, SECRET)


def test_empty_request_for_the_outbox_is_verified_too() -> None:
    headers = {"anhao-signature": sign(b"", NOON, SECRET)}
    asked = Request("GET", headers, {"cursor": "5"}, b"")

    connector().verify(asked)
    with pytest.raises(BadSignature):
        connector(secret="other").verify(asked)


def test_message_is_read_field_by_field() -> None:
    message = parsed()

    assert (message.external_id, message.thread) == ("m-1", "order-7")
    assert message.text == MESSAGE["text"]
    assert message.html == MESSAGE["html"]
    assert message.sent_at == NOON - timedelta(minutes=1)
    assert (message.sender.external_id, message.sender.name) == ("u-9", "Kim")
    assert (message.sender.address, message.sender.phone) == ("kim@example.org", "+86 20 5550")
    assert not message.sender.address_verified


def test_message_without_a_time_was_sent_when_it_came() -> None:
    assert parsed(sent_at=None).sent_at == NOON


def test_lane_is_the_thread_or_else_the_sender() -> None:
    def lane(**changes: Any) -> str:
        return connector().receive(push(**changes)).envelopes[0].lane

    assert lane() == "order-7"
    assert lane(thread="") == "u-9"


def test_files_come_as_data_or_as_an_address() -> None:
    message = parsed(
        text="",
        attachments=[
            {"name": "a.txt", "type": "text/plain", "data": base64.b64encode(b"hi").decode()},
            {"name": "b.png", "url": "https://cdn.example/b.png"},
        ],
    )

    first, second = message.files
    assert (first.name, first.content_type, first.data) == ("a.txt", "text/plain", b"hi")
    assert (second.url, second.data) == ("https://cdn.example/b.png", None)


@pytest.mark.parametrize("action", ["edit", "recall"])
def test_edit_and_recall_name_the_message_they_change(action: str) -> None:
    message = parsed(id="m-2", action=action, target_id="m-1")

    assert (message.external_id, message.action, message.target_id) == ("m-2", action, "m-1")


def test_action_that_a_later_version_stored_is_passed_over() -> None:
    envelope = RawEnvelope(key="m", lane="l", body=b'{"id":"m","action":"typing"}')

    assert connector().parse(stored(envelope)) == [Unknown("action 'typing'")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "  "}, "id"),
        ({"id": None}, "id"),
        ({"id": 5}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"id": "a\0b"}, "id"),
        ({"sender": None}, "sender"),
        ({"sender": "u-9"}, "sender"),
        ({"sender": {}}, "sender.id"),
        ({"sender": {"id": "u-9", "email": 1}}, "sender.email"),
        ({"thread": "x" * 256}, "thread"),
        ({"text": None}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": ["x"]}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"sent_at": "2026-11-22T12:00:00"}, "sent_at"),
        ({"sent_at": "2026-02-30T12:00:00Z"}, "sent_at"),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "sent_at"),
        ({"sent_at": 1795312800}, "sent_at"),
        ({"action": "delete"}, "action"),
        ({"action": []}, "action"),
        ({"action": "edit"}, "target_id"),
        ({"action": "recall", "target_id": ""}, "target_id"),
        ({"attachments": {}}, "attachments"),
        ({"attachments": [{"name": "a", "url": "https://x.example/"}] * 21}, "attachments"),
        ({"attachments": ["a.txt"]}, "attachments[0]"),
        ({"attachments": [{"name": "a"}]}, "attachments[0]"),
        (
            {"attachments": [{"name": "a", "url": "https://x.example", "data": ""}]},
            "attachments[0]",
        ),
        ({"attachments": [{"url": "https://x.example/"}]}, "attachments[0].name"),
        ({"attachments": [{"name": "a", "data": "~"}]}, "attachments[0].data"),
        ({"attachments": [{"name": "a", "url": "file:///etc/passwd"}]}, "attachments[0].url"),
        ({"attachments": [{"name": "a", "url": "https://[x"}]}, "attachments[0].url"),
    ],
)
def test_bad_field_is_named(changes: dict[str, Any], field: str) -> None:
    assert list(refused(**changes)) == [field]


def test_all_bad_fields_are_named_at_once() -> None:
    assert set(refused(id="", sender={}, sent_at="x")) == {"id", "sender.id", "sent_at"}


def test_body_that_is_no_json_object_is_a_bad_request() -> None:
    for body in (b"", b"text=hello", b"[1]", b'{"id": "caf\xe9"}'):
        with pytest.raises(BadRequest) as caught:
            connector().receive(request(body))
        assert caught.value.status == 400


def test_field_that_we_do_not_know_is_no_error() -> None:
    assert parsed(priority="high").text == MESSAGE["text"]


@pytest.mark.parametrize(
    ("accepted", "status", "answer"),
    [
        (Accepted("m-1", 31), 202, {"envelope": 31, "duplicate": False}),
        (Accepted("m-1", 31, is_duplicate=True), 202, {"envelope": 31, "duplicate": True}),
        (
            Accepted("m-1", 32, is_conflict=True),
            409,
            {"errors": {"id": "already used with other content"}},
        ),
    ],
)
def test_answer_tells_what_became_of_the_message(
    accepted: Accepted, status: int, answer: dict[str, Any]
) -> None:
    answered = connector().acknowledge([accepted])

    assert (answered.status, json.loads(answered.body)) == (status, answer)
    assert answered.content_type == "application/json"


def outgoing(**changes: Any) -> OutgoingMessage:
    fields = {
        "delivery_id": "d-17",
        "recipient": "u-9",
        "thread": "order-7",
        "text": "已经寄出。",
        "case_number": "QM-4821-0937-10",
        "files": (OutgoingFile("a.txt", "text/plain", b"hi"),),
    }
    return OutgoingMessage(**(fields | changes))


def test_reply_reaches_a_real_receiver_that_checks_signature_and_key() -> None:
    with CallbackReceiver(SECRET, clock=lambda: NOON) as receiver:
        account = LocalAccount(
            Http.Settings(secret=SECRET, callback_url=receiver.address), http=session()
        )

        sent = Http(account).send(outgoing())
        Http(account).send(outgoing())  # repeated after a crash: known by its key

        assert sent.external_id == "d-17"
        assert receiver.messages == [
            {
                "id": "d-17",
                "thread": "order-7",
                "recipient": {"id": "u-9"},
                "text": "已经寄出。",
                "attachments": [{"name": "a.txt", "type": "text/plain", "data": "aGk="}],
                "case_number": "QM-4821-0937-10",
            }
        ]
        assert receiver.repeats == 1


def test_receiver_with_the_previous_secret_accepts_replies_during_rotation() -> None:
    with CallbackReceiver("old", clock=lambda: NOON) as receiver:
        settings = Http.Settings(secret="new", previous_secret="old", callback_url=receiver.address)

        Http(LocalAccount(settings, http=session())).send(outgoing())

        assert len(receiver.messages) == 1


def test_receiver_that_vanishes_after_processing_gets_the_message_once() -> None:
    with CallbackReceiver(SECRET, clock=lambda: NOON) as receiver:
        settings = Http.Settings(secret=SECRET, callback_url=receiver.address)
        sender = Http(LocalAccount(settings, http=session()))
        receiver.fail(drop=True, processed=True)

        with pytest.raises(OutcomeUnknown):
            sender.send(outgoing())
        sender.send(outgoing())

        assert len(receiver.messages) == 1


def test_closed_port_is_a_temporary_failure() -> None:
    with CallbackReceiver(SECRET) as receiver:
        url = receiver.address
    settings = Http.Settings(secret=SECRET, callback_url=url)

    with pytest.raises(TemporaryFailure, match="unreachable"):
        Http(LocalAccount(settings, http=session())).send(outgoing())


@pytest.mark.parametrize(
    ("reply", "failure", "code"),
    [
        (Reply(410), PermanentFailure, "gone"),
        (Reply(302, headers={"Location": "http://127.0.0.1/"}), PermanentFailure, "refused"),
        (Reply(401), PermanentFailure, "refused"),
        (Reply(503), TemporaryFailure, "unavailable"),
        (Reply(408), TemporaryFailure, "unavailable"),
        (Reply(500), OutcomeUnknown, "unavailable"),
    ],
)
def test_answer_of_the_receiver_decides_what_happens_next(
    reply: Reply, failure: type[Exception], code: str
) -> None:
    script = Script(reply)
    settings = Http.Settings(secret=SECRET, callback_url=CALLBACK)

    with pytest.raises(failure, match=code):
        Http(LocalAccount(settings, http=session(script))).send(outgoing())
    assert len(script.requests) == 1


def test_unusable_callback_address_waits_for_somebody_to_mend_it() -> None:
    settings = Http.Settings(secret=SECRET, callback_url="shop.example/replies")

    with pytest.raises(Misconfigured, match="address"):
        Http(LocalAccount(settings, http=session())).send(outgoing())


def test_channel_without_a_callback_is_polled_and_sends_nothing() -> None:
    assert connector().is_polled
    assert not connector(callback_url=CALLBACK).is_polled
    with pytest.raises(PermanentFailure, match="no_callback"):
        connector().send(outgoing())


class Door(Emulator):
    """A desk that takes in messages at its webhook address."""

    def answer(self, call: Call) -> sandbox.Answer:
        desk = Http(LocalAccount(Http.Settings(secret=SECRET), clock=self.now()))
        desk.receive(Request(call.method, call.headers, {}, call.body))
        return sandbox.Answer(202)


def test_example_in_the_documentation_signs_what_we_accept(tmp_path: Path) -> None:
    page = (ROOT / "docs/channels/http.md").read_text(encoding="utf-8")
    example = tmp_path / "example.py"
    example.write_text(page.partition("```python\n")[2].partition("```")[0], encoding="utf-8")
    post = runpy.run_path(str(example))["post"]

    with Door() as door:
        assert post(f"{door.url}/hooks/shop/", SECRET, MESSAGE) == 202
