"""The socket of a chat window: hints and small frames; the window fetches what it lacks."""

import asyncio
import contextlib
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils import timezone

from tickets.models import Channel

from ...connectors.chat import Chat
from ..signed import BadToken
from . import live, tokens

LARGEST_MESSAGE = 16 * 1024  # a token may hold what the site told about an account
NOT_ALLOWED = 4401
NOT_UNDERSTOOD = 4400
TOO_MUCH = 4429
BEAT = 20.0  # seconds; proxies end what is silent for 30 or 60
HELLO_WITHIN = 20.0  # seconds; who says nothing holds no line
MOST_FRAMES = 40  # within one beat


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """Hears `{"type": "hello", "channel": slug, "token": t}` first, then `typing` and `beat`.

    Tells `ready`, `beat`, `changed` with the version of the case, `typing` and `seen`.
    """

    group = ""
    frames = 0
    beating: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        self.greeted = asyncio.Event()
        await self.accept()
        self.beating = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        if self.beating is not None:
            self.beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.beating
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        self.frames += 1
        if self.frames > MOST_FRAMES:
            await self.close(code=TOO_MUCH)
            return
        content = await self._read(text_data)
        match content.get("type") if content else None:
            case "hello" if content:
                await self.hello(str(content.get("channel", "")), str(content.get("token", "")))
            case "typing" if self.group:
                await self.channel_layer.group_send(self.group, {"type": "visitor.typing"})
            case "beat":
                pass  # it kept the line open on its way up
            case _:
                await self.close(code=NOT_UNDERSTOOD)

    async def hello(self, slug: str, token: str) -> None:
        """Follow the conversation of whoever holds this token; said again, another one."""
        group = await database_sync_to_async(_group)(slug, token)
        if not group:
            await self.close(code=NOT_ALLOWED)
            return
        if self.group and self.group != group:
            await self.channel_layer.group_discard(self.group, self.channel_name)
        self.group = group
        await self.channel_layer.group_add(group, self.channel_name)
        self.greeted.set()
        await self.send_json({"type": "ready"})

    async def chat_changed(self, event: dict[str, Any]) -> None:
        await self.send_json({"type": "changed", "version": event["version"]})

    async def agent_typing(self, _event: dict[str, Any]) -> None:
        await self.send_json({"type": "typing"})

    async def agent_seen(self, _event: dict[str, Any]) -> None:
        await self.send_json({"type": "seen"})

    async def visitor_typing(self, _event: dict[str, Any]) -> None:
        """What the visitor types is for the agents in this group."""

    async def _read(self, text: str | None) -> dict[str, Any] | None:
        if text is None or len(text) > LARGEST_MESSAGE:
            return None
        try:
            content = await self.decode_json(text)
        except (ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None

    async def _beat(self) -> None:
        try:
            await asyncio.wait_for(self.greeted.wait(), HELLO_WITHIN)
        except TimeoutError:
            await self.close(code=NOT_ALLOWED)
            return
        while True:
            await asyncio.sleep(BEAT)
            self.frames = 0
            await self.send_json({"type": "beat"})


def _group(slug: str, token: str) -> str:
    channel = Channel.objects.filter(kind=Chat.kind, slug=slug).first()
    if channel is None:
        return ""
    try:
        guest = tokens.read_guest(token, channel, now=timezone.now())
    except BadToken:
        return ""
    return live.group_of(channel.pk, guest.thread)
