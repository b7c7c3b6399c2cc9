"""A chat channel and its visitors, as their windows speak to us."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import jwt
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from channels_ingest import api, outbox
from tests.channels_ingest.doors import drain
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import (
    Channel,
    Conversation,
    Message,
    ServiceCalendar,
    ServicePolicy,
    User,
)

SECRET = "a-chat-secret-of-more-than-32-letters"
BOUNCE = "附件发不出去，退信提示 554 DT:SPM"
_serial = count(1)


def chat_channel(slug: str = "chat", **values: str) -> Channel:
    """A chat; where the test does not say otherwise the machine answers first."""
    given = {"brand": "青梧邮箱", "secret": SECRET, "sites": "http://shop.example", **values}
    made = api.create_channel(
        kind="chat", slug=slug, label="在线客服", values=given, now=timezone.now()
    )
    return made.channel


def host_token(secret: str = SECRET, *, kid: str = "", age: float = 0, **claims: Any) -> str:
    """What a site signs for a user of its own."""
    made = timezone.now().timestamp() - age
    values = {"sub": "kim", "iat": made, "exp": made + 300, **claims}
    values = {name: value for name, value in values.items() if value is not None}
    return jwt.encode(values, secret, "HS256", headers={"kid": kid} if kid else None)


def somebody_is_at_work(channel: Channel) -> None:
    """Agents read this chat at all hours."""
    calendar = ServiceCalendar.objects.create(
        name="Chat", time_zone="Asia/Shanghai", week=["0-24"] * 7
    )
    ServicePolicy.objects.create(
        name="Chat",
        channel=channel,
        calendar=calendar,
        first_response_minutes=60,
        resolution_minutes=600,
    )


def nobody_is_at_work() -> None:
    """Agents read this chat for an hour each day, which begins in an hour or two."""
    hour = timezone.localtime().hour
    hours = f"{(hour + 2) % 24}:00-{(hour + 3) % 24 or 24}:00"
    ServiceCalendar.objects.filter(name="Chat").update(week=[hours] * 7)


@dataclass
class Visitor:
    """One browser window; `says` is what its script does when send is pressed."""

    slug: str = "chat"
    token: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def opens(self, host_token: str = "") -> Any:
        answer = self.post("session/", {"host_token": host_token})
        self.token = answer.json().get("token", "")
        return answer

    def says(self, text: str = "", *, client_id: str = "", **body: Any) -> Any:
        if not self.token:
            self.opens()
        named = client_id or f"client-{next(_serial):06d}"
        return self.post("messages/", {"id": named, "text": text, "language": "zh-hans", **body})

    def talks(self, text: str) -> dict[str, Any]:
        """Send, let the workers work, and look at the window."""
        self.says(text)
        work()
        return self.looks()

    def looks(self, since: str = "") -> dict[str, Any]:
        answer = self.get(f"messages/?since={since}")
        assert answer.status_code == 200, answer.content
        shown: dict[str, Any] = answer.json()
        return shown

    def get(self, path: str) -> Any:
        return self.client.get(self._address(path), headers={"Anhao-Chat": self.token})

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(
            self._address(path),
            data=json.dumps(body),
            content_type="application/json",
            headers={"Anhao-Chat": self.token},
        )

    def uploads(self, file: Any) -> HttpResponse:
        answer: Any = self.client.post(
            self._address("files/"), data={"file": file}, headers={"Anhao-Chat": self.token}
        )
        return answer  # type: ignore[no-any-return]

    def _address(self, path: str) -> str:
        return f"/support/chat/{self.slug}/{path}"


def work(**later: float) -> None:
    """What the workers do: read what came, send what is due."""
    now = timezone.now() + timedelta(**later)
    drain(now)
    outbox.deliver(clock=lambda: now)


def answers(by: User, text: str) -> Message:
    """An agent answers the newest conversation, and it stands in the window."""
    conversation = Conversation.objects.select_related("ticket").latest("pk")
    message = reply(conversation=conversation, text=text, by=Actor.of(by), now=timezone.now())
    outbox.deliver()
    return message
