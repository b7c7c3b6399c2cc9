"""The door for pushes: verify, store, then answer; and the outbox that is fetched."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from channels_ingest import api, store, webhooks
from channels_ingest.connectors.http import sign
from channels_ingest.models import ChannelAccount, Envelope
from tests.channels_ingest.doors import SECRET, Door, drain, http_door, message, obedient_channel
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import Attempt, Conversation, Delivery, Role, User

pytestmark = pytest.mark.django_db


def test_signed_push_is_stored_and_then_answered() -> None:
    door = http_door()

    answer = door.says("hello", key="m-1")

    envelope = Envelope.objects.get()
    assert answer.status_code == 202
    assert json.loads(answer.content) == {"envelope": envelope.pk, "duplicate": False}
    assert envelope.key == "m-1"


def test_repeat_is_answered_like_the_first_and_stored_once() -> None:
    door = http_door()
    door.says("hello", key="m-1")

    answer = door.says("hello", key="m-1")

    envelope = Envelope.objects.get()
    assert answer.status_code == 202
    assert json.loads(answer.content) == {"envelope": envelope.pk, "duplicate": True}


def test_same_id_with_other_content_is_refused() -> None:
    door = http_door()
    door.says("hello", key="m-1")

    answer = door.says("something else", key="m-1")

    assert answer.status_code == 409
    assert Envelope.objects.count() == 1


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "nonsense"])
def test_unproven_push_leaves_no_row(signature: str) -> None:
    door = http_door()
    body = json.dumps(message("hello", key="m-1"))

    answer = door.client.post(
        door.path, body, content_type="application/json", headers={"Anhao-Signature": signature}
    )

    assert (answer.status_code, answer.content) == (401, b"")
    assert not Envelope.objects.exists()


def test_secret_of_another_channel_opens_nothing() -> None:
    door = http_door()
    http_door("other", secret="another-secret")

    answer = door.post(message("hello", key="m-1"), signed_by="another-secret")

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"not json", 400), (b'{"id": ""}', 422), (b" " * (30 * 1024 * 1024), 413)],
)
def test_unusable_push_is_refused_with_what_to_mend(body: bytes, status: int) -> None:
    door = http_door()

    answer = door.post(body)

    assert answer.status_code == status
    assert json.loads(answer.content)["errors"]
    assert not Envelope.objects.exists()


def test_unknown_channel_is_not_found() -> None:
    assert Client().post("/hooks/nowhere/", b"{}", content_type="x/y").status_code == 404


def test_paused_channel_still_stores() -> None:
    door = http_door()
    api.pause(door.channel)

    answer = door.says("hello", key="m-1")

    assert answer.status_code == 202
    assert Envelope.objects.count() == 1


def test_kind_that_receives_no_pushes_refuses_them() -> None:
    obedient_channel()

    assert Client().post("/hooks/obedient/", b"{}", content_type="x/y").status_code == 401


def test_push_is_refused_for_now_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The only way to lose the database for one request without taking it from all other tests.
    def away(**_: Any) -> Any:
        raise OperationalError("server closed the connection unexpectedly")

    door = http_door()
    monkeypatch.setattr(store, "store", away)

    answer = door.says("hello", key="m-1")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_push_shows_that_the_channel_lives() -> None:
    door = http_door()
    before = timezone.now()

    door.says("hello", key="m-1")

    assert (ChannelAccount.objects.get().last_received_at or before) > before


@pytest.mark.django_db(transaction=True)
def test_same_webhook_twenty_times_at_once_is_one_message() -> None:
    door = http_door()
    start = threading.Barrier(20)

    def push(_: int) -> int:
        try:
            start.wait()
            return Door(door.channel).says("hello", key="m-1").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(push, range(20)))
    drain()

    assert statuses == [202] * 20
    assert Conversation.objects.get().messages.count() == 1


def answer_to(door: Door, text: str) -> Delivery:
    """An agent's reply to the one conversation there is."""
    ada = User.objects.filter(email="ada@example.test").first() or User.objects.create_user(
        "ada@example.test", "secret", name="Ada", role=Role.MANAGER
    )
    conversation = Conversation.objects.get(channel=door.channel)
    written = reply(conversation=conversation, text=text, by=Actor.of(ada), now=timezone.now())
    return written.deliveries.get()


def fetch(door: Door, cursor: str = "", signed_by: str = SECRET) -> Any:
    headers = {"Anhao-Signature": sign(b"", timezone.now(), signed_by)}
    return door.client.get(f"{door.path}outbox/", {"cursor": cursor}, headers=headers)


@pytest.fixture
def no_waiting(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetches answer at once. They close their connections: nothing may hang on a transaction."""
    monkeypatch.setattr(webhooks, "LONG_POLL", 0.0)


def test_fetched_reply_counts_as_sent_once_its_cursor_comes_back(no_waiting: None) -> None:
    door = http_door()
    door.says("hello", key="m-1")
    drain()
    delivery = answer_to(door, "Good day")

    page = fetch(door).json()
    before = Delivery.objects.get(pk=delivery.pk).state
    fetch(door, page["cursor"])
    after = Delivery.objects.get(pk=delivery.pk)

    assert [each["text"] for each in page["messages"]] == ["Good day"]
    assert page["messages"][0]["id"] == str(delivery.key)
    assert before == "queued"
    assert (after.state, after.attempts) == ("sent", 1)
    assert Attempt.objects.get().outcome == "sent"


def test_reply_is_handed_out_again_until_it_is_acknowledged(no_waiting: None) -> None:
    door = http_door()
    door.says("hello", key="m-1")
    drain()
    answer_to(door, "Good day")

    first, second = fetch(door).json(), fetch(door).json()
    third = fetch(door, first["cursor"]).json()

    assert first == second
    assert third == {"messages": [], "cursor": first["cursor"]}


@pytest.mark.parametrize("cursor", ["nonsense", "1.2.x", "9" * 40, "-1", "0"])
def test_nonsense_cursor_acknowledges_nothing(no_waiting: None, cursor: str) -> None:
    door = http_door()
    door.says("hello", key="m-1")
    drain()
    answer_to(door, "Good day")

    page = fetch(door, cursor).json()

    assert len(page["messages"]) == 1


def test_outbox_needs_a_signature_and_a_channel_without_callback(no_waiting: None) -> None:
    fetched = http_door()
    called = http_door("called", callback_url="https://shop.example/replies")

    assert fetch(fetched, signed_by="wrong").status_code == 401
    assert fetch(called).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_waiting_fetch_ends_as_soon_as_a_reply_is_written() -> None:
    door = http_door()
    door.says("hello", key="m-1")
    drain()
    writer = threading.Timer(0.2, _write_and_close, [door])
    writer.start()

    page = fetch(door).json()
    writer.join()

    assert [each["text"] for each in page["messages"]] == ["Good day"]


def _write_and_close(door: Door) -> None:
    try:
        answer_to(door, "Good day")
    finally:
        connection.close()
