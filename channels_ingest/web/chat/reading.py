"""What the chat's window shows: this visitor's own thread, what was answered, where it stands."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse

from tickets.actions.bot_wording import solved_question
from tickets.case_numbers import format_number
from tickets.interchange import IncomingMessage
from tickets.models import (
    Attachment,
    Channel,
    Delivery,
    DeliveryState,
    Direction,
    Message,
)
from tickets.triage import structure_of

from ... import accounts, pipeline
from ...models import Envelope, EnvelopeState
from ..uploads import clean_name
from . import live
from .standing import Thread, conversations, standing_of, thread_of

SHOWN = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
MOST_SHOWN = 200
MOST_STEPS = 8


def read_window(channel: Channel, name: str, *, since: str, now: datetime) -> dict[str, Any]:
    """All that the window shows. With the `version` of `since` nothing but that comes back."""
    thread = thread_of(channel, name)
    waiting = _unread_envelopes(channel, name)
    standing = standing_of(thread, now=now)
    version = _version(thread, waiting, standing)
    if version == since:
        return {"version": version}
    messages = _messages(channel, name)
    entries = [_entry(each, thread) for each in messages]
    _mark_read(entries, messages, thread)
    return {
        "version": version,
        "entries": [*entries, *_received(channel, name, waiting)],
        "number": _number(thread),
        **standing,
        **_agent(messages, thread),
        "parts": _parts(messages) if standing["standing"] in {"queue", "away"} else [],
    }


def file_in_window(channel: Channel, name: str, pk: Any) -> Attachment:
    """A stored file of a message in the window. Raises Attachment.DoesNotExist."""
    visible = _visible(channel, name)
    return Attachment.objects.exclude(sha256="").get(pk=pk, message__in=visible)


def _visible(channel: Channel, name: str) -> QuerySet[Message]:
    """The visitor's own messages, and ours that have been delivered to the window."""
    delivered = Delivery.objects.filter(message=OuterRef("pk"), channel=channel, state__in=SHOWN)
    return Message.objects.filter(
        Q(direction=Direction.INBOUND) | Q(Exists(delivered), direction=Direction.OUTBOUND),
        conversation__in=conversations(channel, name),
        recalled_at__isnull=True,
    )


def _messages(channel: Channel, name: str) -> list[Message]:
    newest = (
        _visible(channel, name)
        .select_related("author", "conversation")
        .prefetch_related("attachments", "deliveries")
        .order_by("-created_at", "-pk")
    )
    return list(newest[:MOST_SHOWN])[::-1]


def _unread_envelopes(channel: Channel, name: str) -> list[Envelope]:
    """What no worker has read yet: it is shown as it came, so that nobody sends it twice."""
    states = (EnvelopeState.NEW, EnvelopeState.DEAD)
    found = Envelope.objects.filter(channel=channel, lane=name, state__in=states)
    return list(found.order_by("pk"))


def _received(channel: Channel, name: str, waiting: Sequence[Envelope]) -> list[dict[str, Any]]:
    connector = accounts.connect(channel.account) if waiting else None
    entries: list[dict[str, Any]] = []
    for envelope in waiting:
        try:
            items = pipeline.read(connector, envelope) if connector else []
        except pipeline.Unreadable:
            continue
        for item in items:
            if isinstance(item, IncomingMessage):
                entries.append(_own(name, item.external_id, item.text, item.sent_at, "stored"))
                entries[-1]["files"] = [_named(f.name, f.content_type, f.size) for f in item.files]
    return entries


def _version(thread: Thread, waiting: Sequence[Envelope], standing: dict[str, Any]) -> str:
    """A word that changes whenever anything in the window may have changed."""
    newest = thread.newest
    parts = [
        newest.pk if newest else 0,
        _changed(thread),
        waiting[-1].pk if waiting else 0,
        standing.get("position", 0),
        _seen_version(thread),
    ]
    return ".".join(map(str, parts))


def _changed(thread: Thread) -> int:
    """The version of the case; of one that may not be told, the moment of our last message."""
    if thread.newest is None:
        return 0
    if thread.is_theirs:
        return thread.newest.ticket.version
    ours = Delivery.objects.filter(message__conversation=thread.newest)
    last = ours.aggregate(at=Max("changed_at"))["at"]
    return int(last.timestamp() * 1000) if last else 0


def _agent(messages: Iterable[Message], thread: Thread) -> dict[str, str]:
    """The person whom the visitor talks to, where that may be told."""
    newest = thread.newest
    if newest is None or not thread.is_theirs:
        return {}
    names = [
        each.author.name for each in messages if each.author and each.conversation_id == newest.pk
    ]
    return {"agent": names[-1]} if names else {}


def _parts(messages: Sequence[Message]) -> list[list[Any]]:
    """Which parts of a report are there: what may be added while somebody waits."""
    words = "\n".join(each.text for each in messages if each.is_inbound)
    found = structure_of(words)
    return [
        ["phenomenon", found.has_phenomenon],
        ["steps", found.has_steps],
        ["error", found.has_error],
    ]


def _number(thread: Thread) -> str:
    if thread.newest is None:
        return ""
    number = thread.newest.ticket.number if thread.is_theirs else thread.newest.claim_number
    return format_number(number, prefix=settings.CASE_NUMBER_PREFIX)


def _entry(message: Message, thread: Thread) -> dict[str, Any]:
    files = [_file(each) for each in message.attachments.all()]
    if message.is_inbound:
        own = _own(thread.name, message.external_id, message.text, message.created_at, "received")
        return {**own, "files": files}
    delivery = next(iter(message.deliveries.all()), None)
    named = thread.is_theirs and message.author
    return {
        "id": delivery.external_id if delivery else "",
        "own": False,
        "at": message.created_at.isoformat(),
        "text": message.text,
        "files": files,
        "author": message.author.name if named and message.author else "",
        "automatic": bool(message.automatic),
        "unread": bool(delivery and delivery.state != DeliveryState.READ),
        **_said_by_machine(message),
    }


def _own(name: str, external_id: str, text: str, at: datetime, state: str) -> dict[str, Any]:
    """A message of the visitor under the id that their browser gave it."""
    return {
        "id": external_id.removeprefix(f"{name}:"),
        "own": True,
        "at": at.isoformat(),
        "text": text,
        "files": [],
        "state": state,
    }


def _said_by_machine(message: Message) -> dict[str, Any]:
    """Articles as cards, so that steps are steps and the question has its buttons."""
    said = message.decision.get("bot", {})
    cards = [
        {
            "title": card.get("title", ""),
            "steps": list(card.get("steps", ()))[:MOST_STEPS],
            "url": _article_address(str(card.get("slug", ""))),
        }
        for card in said.get("cards", ())
    ]
    if not cards:
        return {}
    return {
        "text": message.text.partition("\n")[0],
        "cards": cards,
        "category": said.get("category", ""),
        "question": message.text.rpartition("\n")[2] or solved_question(),
    }


def _article_address(slug: str) -> str:
    """Where the whole article stands, on an installation whose help centre shows it."""
    try:
        return reverse("channels_ingest:support_article", args=[slug])
    except NoReverseMatch:
        return ""


def _file(attachment: Attachment) -> dict[str, Any]:
    is_here = bool(attachment.sha256)
    named = _named(attachment.name, attachment.content_type, attachment.size)
    return {
        **named,
        "id": str(attachment.pk) if is_here else "",
        "picture": is_here and attachment.is_image,
    }


def _named(name: str, content_type: str, size: int) -> dict[str, Any]:
    return {"name": clean_name(name), "type": content_type, "size": size, "id": ""}


def _mark_read(
    entries: Sequence[dict[str, Any]], messages: Sequence[Message], thread: Thread
) -> None:
    """Mark what a person has surely seen: what they looked at, and all before their answer."""
    seen = _seen_version(thread)
    answered = max((n for n, each in enumerate(messages) if each.author_id), default=-1)
    newest = thread.newest.pk if thread.newest else 0
    for n, (entry, message) in enumerate(zip(entries, messages, strict=True)):
        is_seen = message.conversation_id == newest and message.version <= seen
        if entry["own"] and (n < answered or is_seen):
            entry["state"] = "read"


def _seen_version(thread: Thread) -> int:
    if thread.newest is None or not thread.is_theirs:
        return 0
    return live.seen_version(thread.newest.ticket_id)
