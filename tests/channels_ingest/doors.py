"""Channels for tests: a signed HTTP door with its customers, and connectors that obey."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, cast

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from channels_ingest import api, pipeline
from channels_ingest.connectors.base import (
    Connector,
    Cursor,
    Fetched,
    RawEnvelope,
    StoredEnvelope,
    setting,
)
from channels_ingest.connectors.http import sign
from tickets.interchange import (
    Capabilities,
    IncomingFile,
    IncomingMessage,
    OutgoingMessage,
    Parsed,
    Receipt,
    Sender,
    Sent,
    Unknown,
)
from tickets.models import Channel

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "a-secret-for-tests"


@dataclass
class Door:
    """One http channel, and the other system that posts to it."""

    channel: Channel
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    @property
    def path(self) -> str:
        return f"/hooks/{self.channel.slug}/"

    def post(self, body: dict[str, Any] | bytes, *, signed_by: str = SECRET) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Anhao-Signature": sign(raw, timezone.now(), signed_by)}
        return cast(
            HttpResponse,
            self.client.post(self.path, data=raw, content_type="application/json", headers=headers),
        )

    def says(self, text: str, *, key: str, sender: str = "kim", thread: str = "") -> HttpResponse:
        return self.post(message(text, key=key, sender=sender, thread=thread))


def message(text: str, *, key: str, sender: str = "kim", thread: str = "") -> dict[str, Any]:
    """The body of a message as the other system writes it."""
    return {"id": key, "sender": {"id": sender}, "text": text, "thread": thread}


def http_door(slug: str = "shop", **values: str) -> Door:
    """Make a signed HTTP channel. Without callback_url its replies wait to be fetched."""
    created = api.create_channel(
        kind="http", slug=slug, values={"secret": SECRET, **values}, now=timezone.now()
    )
    return Door(created.channel)


def drain(now: datetime | None = None) -> int:
    """Process every stored envelope in this process."""
    return pipeline.process(now=now or timezone.now(), limit=10_000)


class Obedient(Connector):
    """A vendor that does what the test says: `pages` to fetch, `outcomes` of sending.

    One per process, so each test empties it by asking for `obedient_channel`.
    """

    kind = "obedient"
    label = "Obedient"
    poll_every = 60.0
    retry_minutes = (1, 5)
    pages: ClassVar[list[Fetched | Exception | Callable[[], Fetched]]] = []
    cursors: ClassVar[list[Cursor]] = []
    outcomes: ClassVar[list[Sent | Exception]] = []
    looked_up: ClassVar[list[Sent | Exception | None]] = []
    sent: ClassVar[list[OutgoingMessage]] = []
    window: ClassVar[list[tuple[timedelta, int]]] = []  # how long and how many replies, if limited
    files: ClassVar[dict[str, IncomingFile | Exception]] = {}  # by address, for `download`
    parse_fails: ClassVar[set[str]] = set()
    parse_ends: ClassVar[dict[str, type[BaseException]]] = {}  # by key: how it ends the process

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """Whatever tests of settings need."""

        word: str = setting("any word", "")
        count: int = setting("a number", 0)
        is_loud: bool = setting("yes or no", False)
        names: tuple[str, ...] = setting("names", ())
        password: str = setting("hidden", "", secret=True)

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        self.cursors.append(cursor)
        while self.pages:
            page = self.pages.pop(0)
            if isinstance(page, Exception):
                raise page
            yield page if isinstance(page, Fetched) else page()

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        text = envelope.body.decode()
        if envelope.key in self.parse_fails:
            raise ValueError("nonsense")
        if envelope.key in self.parse_ends:
            raise self.parse_ends[envelope.key]
        if text.startswith("!"):
            return [Receipt(external_id=text[1:], state="delivered", at=envelope.received_at)]
        if text.startswith("?"):
            return [Unknown(text[1:])] if text[1:] else []
        offered = tuple(IncomingFile(name="voice.amr", url=url) for url in text.split()[1:])
        (lasts, replies) = self.window[0] if self.window else (None, None)
        return [
            IncomingMessage(
                external_id=envelope.key,
                sender=Sender(external_id=envelope.lane or "kim"),
                text=text,
                sent_at=envelope.received_at,
                thread=envelope.lane,
                files=offered if text.startswith("media") else (),
                reserved_number=envelope.reserved_number,
                reply_until=envelope.received_at + lasts if lasts else None,
                replies_left=replies,
            )
        ]

    def download(self, address: str) -> IncomingFile:
        found = self.files[address]
        if isinstance(found, Exception):
            raise found
        return found

    def send(self, message: OutgoingMessage) -> Sent:
        self.sent.append(message)
        outcome = self.outcomes.pop(0) if self.outcomes else Sent(f"out-{len(self.sent)}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def look_up(self, message: OutgoingMessage) -> Sent | None:
        found = self.looked_up.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def obedient_channel(slug: str = "obedient", resend: str = "never", **values: str) -> Channel:
    """A channel of the obedient kind, which forgets what earlier tests made of it."""
    for script in (
        Obedient.pages,
        Obedient.cursors,
        Obedient.outcomes,
        Obedient.looked_up,
        Obedient.sent,
        Obedient.window,
    ):
        script.clear()
    Obedient.files.clear()
    Obedient.parse_fails.clear()
    Obedient.parse_ends.clear()
    channel = api.create_channel(kind="obedient", slug=slug, values=values, now=NOON).channel
    channel.capabilities = {**Capabilities().as_data(), "resend": resend}
    channel.save()
    return channel


def raw(key: str, text: str = "hello", lane: str = "") -> RawEnvelope:
    return RawEnvelope(key=key, lane=lane, body=text.encode())
