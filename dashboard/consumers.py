"""The one socket of the desk: it says which case has changed, and the page fetches the rest."""

from collections.abc import Sequence
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from channels_ingest.api import chats
from tickets.access import visible_tickets
from tickets.models import Ticket, User

from . import attending, live

LARGEST_MESSAGE = 4096
NOT_ALLOWED = 4401
NOT_UNDERSTOOD = 4400


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """Subscribes first and compares versions afterwards, so nothing falls between the two.

    The page says `{"type": "hello", "ticket": number, "version": n}` for the case it shows (or
    without ticket) and gets `{"type": "ticket", "ticket": number, "version": n}` for every change,
    at once if its own version is old by now. `{"type": "doing", "doing": "note"}` says what is done
    on the case, `{"type": "rows", "tickets": […]}` asks who is at the cases of a list; who comes,
    goes and writes is told as `{"type": "people", "ticket": number, "people": [[user, doing]]}`.
    """

    user: User
    ticket_id: int | None = None
    number: str = ""
    audience: list[str] | None = None
    chat_groups: Sequence[str] = ()

    async def connect(self) -> None:
        user = self.scope.get("user")
        if not isinstance(user, User) or not user.is_active:
            await self.close(code=NOT_ALLOWED)
            return
        self.user = user
        self.told: dict[str, list[list[Any]]] = {}
        self.list_groups = await database_sync_to_async(live.groups_of)(user)
        for group in self.list_groups:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for group in getattr(self, "list_groups", ()):
            await self.channel_layer.group_discard(group, self.channel_name)
        await self._leave_ticket()

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        if text_data is None or len(text_data) > LARGEST_MESSAGE:
            await self.close(code=NOT_UNDERSTOOD)
            return
        try:
            content = await self.decode_json(text_data)
        except ValueError:
            content = None
        match content.get("type") if isinstance(content, dict) else None:
            case "hello":
                await self.hello(str(content.get("ticket") or ""), content.get("version"))
            case "typing":
                await self.typing(content.get("conversation"))
            case "doing":
                await attending.attend(self, str(content.get("doing") or ""))
            case "rows":
                await attending.rows(self, content.get("tickets"))
            case _:
                await self.close(code=NOT_UNDERSTOOD)

    async def hello(self, number: str, version: object) -> None:
        """Follow the case that the page shows, if it is for this person, and answer."""
        await self._leave_ticket()
        if number:
            found = await database_sync_to_async(self._find)(number)
            if found is None:
                await self.close(code=NOT_ALLOWED)
                return
            self.ticket_id, self.number = found.pk, found.number
            await self.channel_layer.group_add(live.ticket_group(found.pk), self.channel_name)
            await database_sync_to_async(found.refresh_from_db)(fields=["version"])
            if found.version != version:
                await self._tell(found.number, found.version)
            await self._join_chats(found.pk)
        await self.send_json({"type": "ready"})
        await attending.attend(self, "view")

    async def typing(self, conversation: object) -> None:
        """Let the customer of a chat of this case see that somebody writes to them."""
        if self.ticket_id is None or not isinstance(conversation, int):
            return
        find = database_sync_to_async(chats.group_of_conversation)
        if group := await find(self.ticket_id, conversation):
            await self.channel_layer.group_send(group, {"type": "agent.typing"})

    async def visitor_typing(self, _event: dict[str, Any]) -> None:
        """The customer of a chat of this case writes."""
        await self.send_json({"type": "typing", "ticket": self.number})

    async def agent_typing(self, _event: dict[str, Any]) -> None:
        """What agents type is for the window of the customer, who is in the same group."""

    async def agent_seen(self, _event: dict[str, Any]) -> None:
        """That an agent has looked is for the window of the customer."""

    async def chat_changed(self, _event: dict[str, Any]) -> None:
        """The desk has notices of its own."""

    async def people_present(self, event: dict[str, Any]) -> None:
        """Who is at a case that this person may see has changed."""
        await attending.tell(self, event["ticket"], dict(event["people"]))

    async def bell_rings(self, _event: dict[str, Any]) -> None:
        """This person was told of something."""
        await self.send_json({"type": "bell"})

    async def tickets_changed(self, event: dict[str, Any]) -> None:
        for number, version in event["changes"]:
            if number == self.number:
                self.audience = None  # who may see it may be another now
            await self._tell(number, version)

    def _find(self, number: str) -> Ticket | None:
        """Asked of the database each time: what one may see can change while a page is open."""
        user = User.objects.filter(pk=self.user.pk, is_active=True).first()
        return visible_tickets(user).filter(number=number).first() if user else None

    async def _join_chats(self, ticket_id: int) -> None:
        """Hear who types in the chats of a case, and tell their customers that it is looked at."""
        self.chat_groups = await database_sync_to_async(chats.groups_of_ticket)(ticket_id)
        is_news = bool(self.chat_groups) and await database_sync_to_async(chats.note_seen)(
            ticket_id
        )
        for group in self.chat_groups:
            await self.channel_layer.group_add(group, self.channel_name)
            if is_news:
                await self.channel_layer.group_send(group, {"type": "agent.seen"})

    async def _leave_ticket(self) -> None:
        for group in self.chat_groups:
            await self.channel_layer.group_discard(group, self.channel_name)
        self.chat_groups = ()
        if self.ticket_id is not None:
            await attending.attend(self, "")
            group = live.ticket_group(self.ticket_id)
            await self.channel_layer.group_discard(group, self.channel_name)
            self.ticket_id, self.number, self.audience = None, "", None

    async def _tell(self, number: str, version: int) -> None:
        await self.send_json({"type": "ticket", "ticket": number, "version": version})
