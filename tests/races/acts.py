"""What a member of the crew can do: one action each, in a process of its own."""

from datetime import datetime

from django.db import connection
from django.test import Client
from django.utils import timezone

from channels_ingest import pipeline
from tickets.actions import claims, identities, merging, undoing
from tickets.actions.intake import Arrival, receive
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.interchange import IncomingMessage, Sender
from tickets.models import Channel, Conversation, Identity, Move, Ticket, User


def write(*, channel: str, sender: str, texts: dict[str, str]) -> list[str]:
    """Take in messages by external id, each in a transaction of its own; return the numbers."""
    now = timezone.now()
    door = Channel.objects.get(slug=channel)
    landings = [
        receive([Arrival(door, _message(key, sender, text, now))], now=now)[0]
        for key, text in texts.items()
    ]
    return [landing.number for landing in landings]


def push(*, path: str, body: bytes, signature: str, times: int) -> list[int]:
    """Push the same signed body several times; return the answers' statuses."""
    client = Client()
    return [
        client.post(
            path,
            data=body,
            content_type="application/json",
            headers={"Anhao-Signature": signature},
        ).status_code
        for _ in range(times)
    ]


def process() -> int:
    """Run the pipeline until it finds nothing to do."""
    return pipeline.process(now=timezone.now())


def merge(*, source: int, target: int) -> str:
    """Merge two tickets; return "" or the code of the refusal."""
    try:
        merging.merge(
            source=Ticket.objects.get(pk=source),
            target=Ticket.objects.get(pk=target),
            by=_agent(),
            now=timezone.now(),
        )
    except Refused as refused:
        return refused.code
    return ""


def undo(*, move: int) -> None:
    """Take a move back."""
    undoing.undo(move=Move.objects.get(pk=move), by=_agent(), now=timezone.now())


def verify(*, conversation: int) -> None:
    """Decide that a claim is its owner's."""
    claim = Conversation.objects.get(pk=conversation)
    claims.verify(conversation=claim, by=_agent(), now=timezone.now())


def mark_stolen(*, sender: str) -> None:
    """Mark an account as taken over."""
    identity = Identity.objects.get(external_id=sender)
    identities.mark_compromised(identity=identity, by=_agent(), now=timezone.now())


def answer(*, conversation: int, text: str, author: str, key: str, seen_version: int) -> str:
    """Reply as an agent; return "" or the code of the refusal."""
    try:
        reply(
            conversation=Conversation.objects.get(pk=conversation),
            text=text,
            by=Actor.of(User.objects.get(email=author)),
            now=timezone.now(),
            client_key=key,
            seen_version=seen_version,
        )
    except Refused as refused:
        return refused.code
    return ""


def tell_statistics() -> None:
    """Have PostgreSQL count what this process has met so far, a deadlock for one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")


def _message(key: str, sender: str, text: str, now: datetime) -> IncomingMessage:
    return IncomingMessage(external_id=key, sender=Sender(sender), text=text, sent_at=now)


def _agent() -> Actor:
    return Actor.of(User.objects.get(email="ada@example.com"))
