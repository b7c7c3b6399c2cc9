"""The one socket of the desk: it says which case has changed, and the page fetches the rest."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from tickets.access import visible_tickets
from tickets.models import Ticket, User

from . import live

LARGEST_MESSAGE = 4096
NOT_ALLOWED = 4401
NOT_UNDERSTOOD = 4400


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """Subscribes first and compares versions afterwards, so nothing falls between the two.

    The page says `{"type": "hello", "ticket": number, "version": n}` for the case it shows (or
    without ticket) and gets `{"type": "ticket", "ticket": number, "version": n}` for every change,
    at once if its own version is old by now.
    """

    user: User
    ticket_id: int | None = None

    async def connect(self) -> None:
        user = self.scope.get("user")
        if not isinstance(user, User) or not user.is_active:
            await self.close(code=NOT_ALLOWED)
            return
        self.user = user
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
        if not isinstance(content, dict) or content.get("type") != "hello":
            await self.close(code=NOT_UNDERSTOOD)
            return
        await self.hello(str(content.get("ticket") or ""), content.get("version"))

    async def hello(self, number: str, version: object) -> None:
        """Follow the case that the page shows, if it is for this person, and answer."""
        await self._leave_ticket()
        if number:
            found = await database_sync_to_async(self._find)(number)
            if found is None:
                await self.close(code=NOT_ALLOWED)
                return
            self.ticket_id = found.pk
            await self.channel_layer.group_add(live.ticket_group(found.pk), self.channel_name)
            await database_sync_to_async(found.refresh_from_db)(fields=["version"])
            if found.version != version:
                await self._tell(found.number, found.version)
        await self.send_json({"type": "ready"})

    async def tickets_changed(self, event: dict[str, Any]) -> None:
        for number, version in event["changes"]:
            await self._tell(number, version)

    def _find(self, number: str) -> Ticket | None:
        """Asked of the database each time: what one may see can change while a page is open."""
        user = User.objects.filter(pk=self.user.pk, is_active=True).first()
        return visible_tickets(user).filter(number=number).first() if user else None

    async def _leave_ticket(self) -> None:
        if self.ticket_id is not None:
            group = live.ticket_group(self.ticket_id)
            await self.channel_layer.group_discard(group, self.channel_name)
            self.ticket_id = None

    async def _tell(self, number: str, version: int) -> None:
        await self.send_json({"type": "ticket", "ticket": number, "version": version})
