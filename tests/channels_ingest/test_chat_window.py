"""What a chat window fetches and sends: only its own thread, each message once, hostile input."""

import gzip
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from channels_ingest import api
from channels_ingest.models import Envelope
from channels_ingest.web import limits
from channels_ingest.web.chat import host_token as reader
from channels_ingest.web.chat.pages import LAUNCHER
from tests import factories
from tests.channels_ingest.chatting import (
    SECRET,
    Visitor,
    answers,
    chat_channel,
    host_token,
)
from tests.channels_ingest.doors import drain
from tests.own_cache import empty_cache
from tickets.models import Delivery, Identity, Message, Ticket

pytestmark = pytest.mark.django_db
PICTURE = bytes.fromhex("89504e470d0a1a0a") + b"\0" * 64


@pytest.fixture(autouse=True)
def plain_chat() -> None:
    empty_cache()
    chat_channel(bot="no")


def entries(visitor: Visitor) -> list[tuple[str, bool]]:
    return [(each["text"], each["own"]) for each in visitor.looks()["entries"]]


def test_message_is_stored_before_any_worker_runs_and_stands_in_the_window_at_once() -> None:
    visitor = Visitor()
    accepted = visitor.says("My mail comes back.", client_id="client-one")
    waiting = visitor.looks()
    drain()
    processed = visitor.looks()

    assert (accepted.status_code, Envelope.objects.count()) == (202, 1)
    assert [(e["id"], e["state"]) for e in waiting["entries"]] == [("client-one", "stored")]
    assert [(e["id"], e["state"]) for e in processed["entries"]] == [("client-one", "received")]
    assert waiting["version"] != processed["version"]


def test_same_id_sent_again_is_one_message_whatever_it_says() -> None:
    visitor = Visitor()
    visitor.says("My mail comes back.", client_id="client-one")
    again = visitor.says("Something else", client_id="client-one")
    drain()

    assert again.status_code == 202
    assert [each.text for each in Message.objects.all()] == ["My mail comes back."]


def test_two_visitors_with_the_same_id_do_not_meet() -> None:
    first, second = Visitor(), Visitor()
    first.says("one", client_id="client-one")
    second.says("two", client_id="client-one")
    drain()

    assert (entries(first), entries(second)) == ([("one", True)], [("two", True)])
    assert Ticket.objects.count() == 2


def test_version_that_is_known_brings_nothing() -> None:
    visitor = Visitor()
    shown = visitor.talks("My mail comes back.")

    assert visitor.looks(shown["version"]) == {"version": shown["version"]}


def test_answer_appears_once_delivered_and_reading_it_is_known_to_the_agent() -> None:
    visitor = Visitor()
    before = visitor.talks("My mail comes back.")
    answers(factories.mia(), "Please send us the log.")
    shown = visitor.looks(before["version"])
    reply = shown["entries"][-1]

    visitor.post("read/", {"replies": [reply["id"]]})
    drain()

    assert (reply["text"], reply["author"], reply["unread"]) == (
        "Please send us the log.",
        "Mia",
        True,
    )
    assert Delivery.objects.get(message__automatic="").state == "read"
    assert shown["entries"][0]["state"] == "read"
    assert not visitor.looks()["entries"][-1]["unread"]


def test_nobody_reads_replies_for_somebody_else() -> None:
    visitor, thief = Visitor(), Visitor()
    visitor.talks("My mail comes back.")
    answers(factories.mia(), "Good day")
    thief.opens()

    thief.post("read/", {"replies": [visitor.looks()["entries"][-1]["id"]]})
    drain()

    assert Delivery.objects.get().state == "delivered"


def test_files_go_both_ways_and_to_nobody_else() -> None:
    visitor, thief = Visitor(), Visitor()
    visitor.opens()
    thief.opens()
    received: Any = visitor.uploads(SimpleUploadedFile("error.png", PICTURE, "image/png"))
    stolen = thief.says("mine", files=[received.json()["file"]])
    visitor.says("", files=[received.json()["file"]])
    drain()

    (entry,) = visitor.looks()["entries"]
    path = f"files/{entry['files'][0]['id']}/"
    mine, other = visitor.get(path), thief.get(path)
    assert (stolen.status_code, stolen.json()) == (422, {"error": "file"})
    assert b"".join(mine.streaming_content) == PICTURE
    assert mine["Content-Disposition"].startswith("attachment")
    assert "sandbox" in mine["Content-Security-Policy"]
    assert other.status_code == 404


def test_program_is_refused_with_words() -> None:
    visitor = Visitor()
    visitor.opens()

    refused: Any = visitor.uploads(SimpleUploadedFile("setup.exe", b"MZ" + b"\0" * 64))

    assert refused.status_code == 422
    assert "setup.exe" in refused.json()["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 400),
        (b"{", 400),
        (b"[" * 50_000, 400),
        (b'{"id":"client-one","text":"' + b"x" * 70_000 + b'"}', 413),
        (b'{"id":"client-one","text":"' + b"x" * 10_001 + b'"}', 422),
        (b'{"id":"short","text":"x"}', 422),
        (b'{"id":"client-one","text":"  "}', 422),
        (b'{"id":"client-one","text":["x"]}', 422),
        (b'{"id":"../../etc/passwd","text":"x"}', 422),
        (b'{"id":"client-one","text":"x","files":"all"}', 422),
    ],
)
def test_hostile_body_is_refused_and_stores_nothing(body: bytes, status: int) -> None:
    visitor = Visitor()
    visitor.opens()
    answer = visitor.client.post(
        "/support/chat/chat/messages/",
        data=body,
        content_type="application/json",
        headers={"Anhao-Chat": visitor.token},
    )

    assert answer.status_code == status
    assert not Envelope.objects.exists()


def test_text_with_nul_and_half_characters_is_kept_without_them() -> None:
    visitor = Visitor()
    visitor.says("a\0b\ud800c")
    drain()

    assert Message.objects.get().text.startswith("ab")


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c", "x" * 20_000])
def test_without_its_token_nobody_sees_or_writes_anything(token: str) -> None:
    visitor = Visitor(token=token)

    assert visitor.get("messages/").status_code == 401
    assert visitor.post("messages/", {"id": "client-one", "text": "x"}).status_code == 401


def test_token_of_one_chat_opens_no_other() -> None:
    chat_channel("other")
    visitor = Visitor()
    visitor.opens()

    assert Visitor(slug="other", token=visitor.token).get("messages/").status_code == 401


def test_too_many_messages_are_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    # The real limit would cost a test hundreds of requests.
    monkeypatch.setitem(limits.CHAT_NETWORK_LIMITS, "message", 2)
    visitor = Visitor()
    for n in range(2):
        visitor.says(f"message {n}")

    refused = visitor.says("one more")

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_signed_in_user_is_known_with_plan_and_account_on_every_device() -> None:
    first, second = Visitor(), Visitor()
    first.opens(
        host_token(
            name="Kim Lee",
            email="Kim@Mail.example",
            email_verified=True,
            plan="enterprise",
            account={"account": "A-17", "seats": 40},
        )
    )
    first.talks("My mail comes back.")
    second.opens(host_token())

    identity = Identity.objects.select_related("contact").get()
    assert (identity.external_id, identity.name) == ("user:kim", "Kim Lee")
    assert (identity.address, identity.status) == ("kim@mail.example", "verified")
    assert identity.facts == {"account": "A-17", "seats": "40"}
    assert identity.contact.plan == "enterprise"
    assert entries(second) == [("My mail comes back.", True)]


def test_signed_in_user_with_a_proven_address_is_the_customer_who_has_it() -> None:
    known = factories.kim()
    Identity.objects.filter(pk=known.pk).update(address="kim@mail.example")
    visitor = Visitor()
    visitor.opens(host_token(email="kim@mail.example", email_verified=True))
    visitor.talks("My mail comes back.")

    assert Ticket.objects.get().contact_id == known.contact_id


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 17},
        {"sub": "x" * 129},
        {"exp": None},
        {"iat": None},
        {"exp": "soon"},
        {"age": -120},
        {"name": ["Kim"]},
        {"account": "A-17"},
        {"account": {"nested": {"a": 1}}},
        {"account": {str(n): n for n in range(13)}},
        {"secret": "another-secret-of-more-than-32-letters"},
        {"kid": "00000000"},
    ],
)
def test_token_that_is_not_by_the_contract_lets_nobody_in(claims: dict[str, Any]) -> None:
    refused = Visitor().opens(host_token(**claims))

    assert (refused.status_code, refused.json()) == (403, {"error": "host_token_wrong"})


def test_token_of_another_algorithm_lets_nobody_in() -> None:
    none = host_token().split(".")
    header = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"

    assert Visitor().opens(f"{header}.{none[1]}.").status_code == 403
    assert Visitor().opens("[" * 3000).status_code == 403


@pytest.mark.parametrize(("age", "status"), [(330, 200), (370, 403), (-50, 200)])
def test_clocks_may_differ_by_a_minute(age: int, status: int) -> None:
    assert Visitor().opens(host_token(age=age)).status_code == status


def test_token_older_than_an_hour_is_refused_however_long_it_says_it_lives() -> None:
    now = timezone.now().timestamp()

    refused = Visitor().opens(host_token(age=3700, exp=now + 9000))

    assert refused.json() == {"error": "host_token_expired"}


def test_two_keys_are_valid_while_the_secret_changes() -> None:
    fresh = "the-new-chat-secret-of-more-than-32-letters"
    channel = api.create_channel(
        kind="chat",
        slug="turning",
        values={"secret": fresh, "previous_secret": SECRET},
        now=timezone.now(),
    ).channel
    for secret in (fresh, SECRET):
        for kid in ("", reader.key_id(secret)):
            opened = Visitor(slug=channel.slug).opens(host_token(secret, kid=kid))
            assert opened.status_code == 200


def test_frame_may_be_shown_by_the_channels_sites_and_ourselves_only() -> None:
    answer = Client().get("/support/chat/chat/?lang=en-US")

    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self' http://shop.example" in policy
    assert "X-Frame-Options" not in answer
    assert 'lang="en"' in answer.content.decode()


def test_setting_that_would_break_out_of_the_policy_is_left_out() -> None:
    chat_channel("odd", sites="https://a.example; script-src *, https://b.example")

    policy = Client().get("/support/chat/odd/")["Content-Security-Policy"]

    assert policy.endswith("frame-ancestors 'self' https://b.example")


def test_script_tag_speaks_three_languages_and_is_known_by_its_origin_alone() -> None:
    answer = Client().get("/chat.js")

    script = answer.content.decode()
    words = json.loads(script.partition("const WORDS = ")[2].partition(";\n")[0])
    assert sorted(words) == ["en", "ja", "zh"]
    assert answer["Content-Type"].startswith("text/javascript")
    assert "testserver" not in script
    assert LAUNCHER.is_file()


def test_all_of_it_together_is_under_thirty_kilobytes_compressed() -> None:
    document = Client().get("/support/chat/chat/").content
    script = Client().get("/chat.js").content
    parts = [each.read_bytes() for each in LAUNCHER.parent.iterdir() if each != LAUNCHER]
    icons = (LAUNCHER.parents[1] / "icons.svg").read_bytes()

    weight = sum(len(gzip.compress(each)) for each in (document, script, icons, *parts))

    assert len(parts) == 7
    assert weight < 30_000


def test_our_own_pages_carry_the_button() -> None:
    api.create_channel(kind="web_form", slug="web", values={}, now=timezone.now())

    page = Client().get("/support/new/").content.decode()

    assert '<script src="/chat.js" data-channel="chat" async></script>' in page


def test_window_costs_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visitor = Visitor()
    for n in range(3):
        visitor.talks(f"message {n} about my mail")
    answers(factories.mia(), "Good day")
    version = visitor.looks()["version"]

    with django_assert_num_queries(6):
        visitor.looks()
    with django_assert_num_queries(3):
        visitor.looks(version)
