"""Pushes whose signature leaves the body out: an unguessable address, and nonces used once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.test import Client
from django.utils import timezone

from channels_ingest import api, polling
from channels_ingest.connectors.base import (
    Connector,
    Cursor,
    Fetched,
    RawEnvelope,
    Received,
    Request,
    StoredEnvelope,
    setting,
)
from channels_ingest.models import ChannelAccount, Envelope
from tests.own_cache import empty_cache
from tickets.interchange import Parsed, Unknown
from tickets.models import Channel

pytestmark = pytest.mark.django_db


class Weak(Connector):
    """A vendor that signs the query only, and that says where to look."""

    kind = "weak"
    label = "Weak"
    poll_every = 60.0
    cursors: ClassVar[list[Cursor]] = []

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """Only the address itself is secret."""

        hook_key: str = setting("the address", "", secret=True, generated=True)

    def receive(self, request: Request) -> Received:
        if request.query.get("pull"):
            return Received(pull_now=True, hint={"token": request.query["pull"]})
        envelope = RawEnvelope(key=request.body.decode(), lane="kim", body=request.body)
        return Received((envelope,), nonce=request.query.get("nonce", ""))

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        return [Unknown("nothing")]

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        self.cursors.append(cursor)
        yield Fetched((), {"page": 2})


@pytest.fixture
def channel() -> Channel:
    empty_cache()
    return api.create_channel(kind="weak", slug="weak", values={}, now=timezone.now()).channel


def push(channel: Channel, body: str, *, address: str = "", **query: str) -> int:
    path = address or "/" + api.webhook_address(channel).split("/", 3)[3]
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return Client().post(f"{path}?{asked}", data=body, content_type="text/plain").status_code


def test_address_ends_in_a_key_that_nobody_can_guess(channel: Channel) -> None:
    address = api.webhook_address(channel)

    assert len(address.rstrip("/").rpartition("/")[2]) >= 32
    assert push(channel, "one") == 200


@pytest.mark.parametrize("address", ["/hooks/weak/", "/hooks/weak/another-key/"])
def test_push_to_another_address_is_refused(channel: Channel, address: str) -> None:
    assert push(channel, "one", address=address) == 401
    assert not Envelope.objects.exists()


def test_key_of_a_channel_that_has_none_is_refused() -> None:
    other = api.create_channel(
        kind="http", slug="shop", values={"secret": "s" * 20}, now=timezone.now()
    ).channel

    assert push(other, "{}", address="/hooks/shop/any-key/") == 401


def test_nonce_seen_with_another_body_is_refused(channel: Channel) -> None:
    answers = [push(channel, body, nonce="n-1") for body in ("one", "one", "forged")]

    assert answers == [200, 200, 401]
    assert [each.key for each in Envelope.objects.all()] == ["one"]


def test_word_on_where_to_look_reaches_the_next_pull(channel: Channel) -> None:
    Weak.cursors.clear()
    assert push(channel, "", pull="T-7") == 200

    polling.pull(channel.pk, now=timezone.now())

    assert Weak.cursors == [{"token": "T-7"}]
    assert ChannelAccount.objects.get().cursor == {"page": 2}
