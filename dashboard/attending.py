"""The part of the desk's socket that tells colleagues who is at which case."""

from typing import Any, Protocol

from channels.db import database_sync_to_async

from tickets import presence
from tickets.access import visible_tickets
from tickets.models import Role, User

from . import live

MOST_ROWS = 150  # cases about which a page asks at once
in_thread = database_sync_to_async


class _Socket(Protocol):
    """What the consumer gives to its part here."""

    user: User
    ticket_id: int | None
    number: str
    channel_layer: Any
    channel_name: str
    told: dict[str, list[list[Any]]]
    audience: list[str] | None

    async def send_json(self, content: Any) -> None: ...


async def attend(socket: _Socket, doing: str) -> None:
    """Note what is done on this page, and tell colleagues if that is news to them.

    A heartbeat brings no frame to others, and to its own page only what it has missed.
    """
    if socket.ticket_id is None:
        return
    page = f"{socket.user.pk}:{socket.channel_name[-12:]}"
    before, after = await in_thread(presence.note)(socket.ticket_id, page, doing)
    if before != after:
        await _broadcast(socket, after)
    elif doing:
        await tell(socket, socket.number, after)


async def rows(socket: _Socket, numbers: object) -> None:
    """Answer a list that asks who is at its cases; those that are not for this person are none."""
    if not isinstance(numbers, list):
        return
    wanted = [each for each in numbers if isinstance(each, str)][:MOST_ROWS]
    found = await in_thread(_present)(socket.user, wanted)
    others = {number: _others(socket, each) for number, each in found.items()}
    people = {number: each for number, each in others.items() if each}
    socket.told.update({each: people.get(each, []) for each in wanted})
    await socket.send_json({"type": "rows", "people": people})


async def tell(socket: _Socket, number: str, people: presence.People) -> None:
    """Send who is at a case, unless this page knows it already."""
    others = _others(socket, people)
    if socket.told.get(number, []) == others:
        return
    socket.told[number] = others
    await socket.send_json({"type": "people", "ticket": number, "people": others})


async def _broadcast(socket: _Socket, people: presence.People) -> None:
    if socket.audience is None and socket.ticket_id is not None:
        socket.audience = await in_thread(live.audience_of)(socket.ticket_id)
    for group in socket.audience or ():
        shown = presence.for_helpers(people) if group == live.HELPERS else people
        notice = {"type": "people.present", "ticket": socket.number, "people": list(shown.items())}
        await socket.channel_layer.group_send(group, notice)


def _others(socket: _Socket, people: presence.People) -> list[list[Any]]:
    """Everybody but the person themselves."""
    return [[pk, doing] for pk, doing in people.items() if pk != socket.user.pk]


def _present(user: User, numbers: list[str]) -> dict[str, presence.People]:
    """Asked of the database each time: what one may see can change while a page is open."""
    user = User.objects.get(pk=user.pk)
    tickets = dict(visible_tickets(user).filter(number__in=numbers).values_list("pk", "number"))
    present = presence.at(list(tickets))
    is_helper = user.role == Role.HELPER
    return {
        tickets[pk]: presence.for_helpers(people) if is_helper else people
        for pk, people in present.items()
    }
