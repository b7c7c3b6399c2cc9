"""Take a public post out of sight where it stands: asked for here, done by whoever can call there.

The history row of the request is the outbox: its data says when it is due, how often it was tried
and whether it is done. Nothing has to be told to anybody for it to be found.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from .. import events
from ..actor import SYSTEM, Actor
from ..models import History, Message
from .changes import Change, changing
from .conversations import ticket_of
from .refusals import Refused

ASKED = "hide_asked"
GIVE_UP_AFTER = timedelta(hours=24)
LEASE = timedelta(seconds=90)


def ask_to_hide(*, message: Message, by: Actor, now: datetime) -> Message:
    """Have a public post of a customer hidden. Asked twice, it is hidden once.

    Raises Refused: cannot_hide where the channel has no such right or the post is not there.
    """
    if not can_hide(message) or message.conversation is None:
        raise Refused("cannot_hide")
    with changing(ticket_of(message.conversation), by=by, now=now) as change:
        fresh = Message.objects.select_for_update().get(pk=message.pk)
        if fresh.hidden_at or _open_requests(now).filter(data__message=fresh.pk).exists():
            return fresh
        for ticket in change.tickets.values():
            change.record(ticket, ASKED, message=fresh.pk, attempts=0, due=_due(now), done=False)
        events.announce(to_hide=[fresh.pk])
        return fresh


def can_hide(message: Message) -> bool:
    """Whether the channel lets us hide this post, which is public, a customer's and still there."""
    may = message.channel is not None and message.channel.capabilities.get("moderates")
    is_there = message.is_public and message.is_inbound and message.external_id != ""
    return bool(may and is_there and message.recalled_at is None)


def due(*, now: datetime) -> QuerySet[History]:
    """Requests whose turn it is, oldest first. Reads a day of history: ask once a minute."""
    return _open_requests(now).filter(data__due__lte=_due(now)).order_by("pk")


def take(*, now: datetime) -> tuple[History, Message] | None:
    """Take the next request for a minute and a half, so that nobody else calls meanwhile."""
    with transaction.atomic():
        request = due(now=now).select_for_update(skip_locked=True, of=("self",)).first()
        if request is None:
            return None
        request.data |= {"due": _due(now + LEASE), "attempts": request.data["attempts"] + 1}
        request.save(update_fields=["data"])
    return request, Message.objects.select_related("channel").get(pk=request.data["message"])


def put_off(*, request: History, error: str, at: datetime, now: datetime) -> None:
    """It failed for the moment: it is tried again at `at`, or given up after a day."""
    if at > request.at + GIVE_UP_AFTER:
        record_failed(request=request, error=error, now=now)
        return
    request.data |= {"due": _due(at), "error": error}
    request.save(update_fields=["data"])


def record_hidden(*, request: History, now: datetime) -> None:
    """The post is out of sight."""
    with _settling(request, now) as (change, message):
        if message.hidden_at is None:
            message.hidden_at = now
            message.save(update_fields=["hidden_at"])
            _record(change, "post_hidden", message)


def record_failed(*, request: History, error: str, now: datetime) -> None:
    """It cannot be hidden; a person must look at it there."""
    with _settling(request, now) as (change, message):
        _record(change, "hide_failed", message, error=error)


@contextmanager
def _settling(request: History, now: datetime) -> Iterator[tuple[Change, Message]]:
    """Lock the case on which the post stands now, and close the request."""
    found = Message.objects.get(pk=request.data["message"])
    if found.conversation is None:
        raise ValueError("a note is no post")
    with changing(ticket_of(found.conversation), by=SYSTEM, now=now) as change:
        message = Message.objects.select_for_update().get(pk=found.pk)
        yield change, message
        request.data |= {"done": True}
        request.save(update_fields=["data"])


def _record(change: Change, code: str, message: Message, **data: Any) -> None:
    for ticket in change.tickets.values():
        change.record(ticket, code, message=message.pk, **data)
        message.version = ticket.version
    message.save(update_fields=["version"])


def _open_requests(now: datetime) -> QuerySet[History]:
    recent = Q(at__gt=now - GIVE_UP_AFTER - LEASE)
    return History.objects.filter(recent, code=ASKED, data__done=False)


def _due(at: datetime) -> float:
    return at.timestamp()
