"""Recalled messages: opened on record only, and deleted for good when their time has come."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from ..actor import SYSTEM, Actor
from ..models import Message, Revision
from .changes import changing
from .conversations import ticket_of
from .drafts import discard_unused
from .refusals import Refused


def open_recalled(*, message: Message, by: Actor, now: datetime) -> Message:
    """Record that somebody looks at what a customer took back. Raises Refused("not_recalled")."""
    if message.recalled_at is None or message.conversation is None:
        raise Refused("not_recalled")
    with changing(ticket_of(message.conversation), by=by, now=now) as change:
        for ticket in change.tickets.values():
            change.record(ticket, "recalled_opened", message=message.pk)
        return message


def remove_expired(*, now: datetime, limit: int = 100) -> int:
    """Delete the content of messages recalled RECALLED_KEPT_DAYS ago; return of how many.

    The rows stay, so nobody wonders where a message went, and a repeat of it is still known.
    """
    before = now - timedelta(days=settings.RECALLED_KEPT_DAYS)
    expired = _with_content().filter(recalled_at__lte=before).order_by("pk")[:limit]
    messages = list(expired.select_related("conversation"))
    for message in messages:
        _remove(message, now)
    return len(messages)


def _with_content() -> QuerySet[Message]:
    said = ~Q(text="") | ~Q(html="") | ~Q(transcript="") | ~Q(subject="")
    more = Q(attachments__isnull=False) | Q(revisions__isnull=False)
    return Message.objects.filter(said | more, recalled_at__isnull=False).distinct()


def _remove(message: Message, now: datetime) -> None:
    if message.conversation is None:
        return
    with changing(ticket_of(message.conversation), by=SYSTEM, now=now) as change:
        fresh = Message.objects.select_for_update().get(pk=message.pk)
        Revision.objects.filter(message=fresh).delete()
        gone = set(fresh.attachments.exclude(sha256="").values_list("sha256", flat=True))
        fresh.attachments.all().delete()
        fresh.text = fresh.html = fresh.transcript = fresh.subject = ""
        fresh.exposes, fresh.decision = [], {**fresh.decision, "evidence": []}
        for ticket in change.tickets.values():
            change.record(ticket, "recalled_removed", message=fresh.pk)
            fresh.version = ticket.version
        fresh.save()
        transaction.on_commit(lambda: discard_unused(gone))
