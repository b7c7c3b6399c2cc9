"""Tell open chat windows that something has changed; of its content they are told nothing."""

import hashlib
from collections.abc import Sequence
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.dispatch import receiver

from tickets.events import tickets_changed
from tickets.models import ClaimState, Conversation, Ticket
from tickets.prepared import Given, Prepared

from ...connectors.chat import Chat

SEEN_KEPT_SECONDS = 7 * 24 * 3600


def group_of(channel_id: int, thread: str) -> str:
    """The group in which the visitor's window and the agents who look at the case meet."""
    digest = hashlib.sha256(f"{channel_id}:{thread}".encode()).hexdigest()[:40]
    return f"chat.{digest}"


def groups_of_ticket(ticket_id: int) -> list[str]:
    """The groups of all chats that stand on a case."""
    chats = Conversation.objects.filter(ticket=ticket_id, channel__kind=Chat.kind)
    return [group_of(*place) for place in chats.values_list("channel_id", "thread")]


def group_of_conversation(ticket_id: int, conversation_id: int) -> str:
    """The group of one chat, if it stands on this case; else ""."""
    chats = Conversation.objects.filter(
        pk=conversation_id, ticket=ticket_id, channel__kind=Chat.kind
    )
    place = chats.values_list("channel_id", "thread").first()
    return group_of(*place) if place else ""


# Whoever only quoted a number must not learn that something happens on its case.
_CHATS = Prepared(
    lambda: (
        Conversation.objects.filter(ticket__among=Given("tickets"), channel__kind=Chat.kind)
        .exclude(claim=ClaimState.PENDING)
        .values_list("channel_id", "thread", "ticket_id")
    )
)


def seen_key(ticket_id: int) -> str:
    return f"chat:seen:{ticket_id}"


def seen_version(ticket_id: int) -> int:
    """The version of a case at which a person last looked; 0 where nobody knows."""
    try:
        return int(cache.get(seen_key(ticket_id)) or 0)
    except redis.RedisError:
        return 0


def note_seen(ticket_id: int) -> bool:
    """Remember that a person looks at a case as it stands now; whether that is news."""
    version = Ticket.objects.filter(pk=ticket_id).values_list("version", flat=True).first() or 0
    if seen_version(ticket_id) >= version:
        return False
    cache.set(seen_key(ticket_id), version, SEEN_KEPT_SECONDS)
    return True


@receiver(tickets_changed)
def tell_windows(*, changes: Sequence[tuple[str, int, int]], **_: Any) -> None:
    """Send the version of every changed case to the windows of its chats."""
    versions = {pk: version for _number, pk, version in changes}
    told = [
        (group_of(channel, thread), versions[ticket])
        for channel, thread, ticket in _CHATS.values(tickets=versions)
    ]
    layer = get_channel_layer()
    if told and layer is not None:
        async_to_sync(_send)(layer, told)


async def _send(layer: Any, told: Sequence[tuple[str, int]]) -> None:
    for group, version in told:
        await layer.group_send(group, {"type": "chat.changed", "version": version})
