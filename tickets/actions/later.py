"""Replies for later: written now, sent at a moment, stopped when the customer writes before it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from ..actor import SYSTEM, Actor
from ..interchange import OutgoingFile
from ..macros import Actions, then_named
from ..models import (
    Conversation,
    Direction,
    LaterReply,
    LaterState,
    Macro,
    Message,
    NotificationKind,
    Ticket,
    User,
)
from .changes import Change, changing
from .composing import send
from .conversations import standing_conversation, ticket_of
from .drafts import bring_back, drop
from .notifying import notify
from .outgoing import StoredUpload, stored_uploads
from .refusals import Refused
from .replies import ReplyRefused, SomebodyAnswered, Then, check_reply

logger = logging.getLogger(__name__)


def write_for_later(
    *,
    conversation: Conversation,
    text: str,
    send_at: datetime,
    by: Actor,
    now: datetime,
    files: Sequence[OutgoingFile] = (),
    stored: Sequence[StoredUpload] = (),
    client_key: str = "",
    seen_version: int | None = None,
    then: Then = "",
    macro: Macro | None = None,
) -> LaterReply:
    """Keep a reply that leaves at `send_at`; the draft is dropped, the case stays as it is.

    Raises what sending it now would raise, and Refused("past").
    """
    if by.user is None:
        raise ReplyRefused("not_allowed")
    if send_at <= now:
        raise Refused("past")
    if not text.strip() and not files and not stored:
        raise ReplyRefused("empty")
    uploads = [*stored_uploads(files), *stored]
    with changing(ticket_of(conversation), by=by, now=now, moves_clocks=False) as change:
        written = LaterReply.objects.filter(author=by.user, client_key=client_key)
        if client_key and (known := written.first()):
            return known
        conversation = standing_conversation(conversation, change)
        ticket = change.tickets[conversation.ticket_id]
        check_reply(conversation, ticket, text, uploads, by, seen_version)
        change.record(ticket, "reply_scheduled", until=send_at.isoformat())
        drop(ticket=ticket, user=by.user, mode="reply")
        return LaterReply.objects.create(
            conversation=conversation,
            author=by.user,
            text=text,
            files=[asdict(each) for each in uploads],
            then=then,
            macro=macro,
            client_key=client_key,
            seen_version=ticket.version,
            send_at=send_at,
            created_at=now,
            changed_at=now,
        )


def move(*, later: LaterReply, send_at: datetime, by: Actor, now: datetime) -> LaterReply:
    """Give a waiting or stopped reply another moment. Raises Refused: past, left."""
    if send_at <= now:
        raise Refused("past")
    with _changing(later, by, now) as (change, ticket):
        row = _standing(later)
        change.record(ticket, "reply_scheduled", until=send_at.isoformat())
        row.send_at, row.state, row.reason = send_at, LaterState.WAITING, ""
        row.seen_version, row.changed_at = ticket.version, now
        row.save()
        return row


def cancel(*, later: LaterReply, by: Actor, now: datetime) -> LaterReply:
    """Give up a reply that has not left; its author has its words back as a draft.

    Raises Refused("left").
    """
    with _changing(later, by, now) as (change, ticket):
        row = _standing(later)
        bring_back(
            ticket=ticket,
            user=row.author,
            text=row.text,
            conversation=row.conversation,
            files=_uploads(row),
            now=now,
        )
        row.state, row.changed_at = LaterState.CANCELLED, now
        row.save()
        change.record(ticket, "reply_unscheduled")
        return row


def send_now(*, later: LaterReply, by: Actor, now: datetime) -> Message:
    """Send a waiting or stopped reply at once. Raises Refused("left") and what `send` raises."""
    with _changing(later, by, now):
        return _send(_standing(later), by, now, seen_version=None)


def stop_answered(*, now: datetime, limit: int = 100) -> int:
    """Stop what waits on cases whose customer has written since; return how many."""
    wrote = Message.objects.filter(
        conversation__ticket=OuterRef("conversation__ticket"),
        direction=Direction.INBOUND,
        created_at__gt=OuterRef("changed_at"),
        automatic="",
    )
    waiting = LaterReply.objects.filter(Exists(wrote), state=LaterState.WAITING)
    stopped = 0
    for later in waiting.order_by("pk")[:limit]:
        stopped += _stop(later, "customer_wrote", now)
    return stopped


def send_due(*, now: datetime, limit: int = 100) -> int:
    """Send what is due; what cannot leave is stopped with the reason. Return how many left."""
    due = LaterReply.objects.filter(state=LaterState.WAITING, send_at__lte=now)
    sent = 0
    for later in due.select_related("author").order_by("send_at", "pk")[:limit]:
        with timezone.override(_zone(later.author)):
            sent += _send_one(later, now)
    return sent


def _send_one(later: LaterReply, now: datetime) -> bool:
    try:
        with _changing(later, SYSTEM, now):
            row = _standing(later)
            if row.state != LaterState.WAITING or row.send_at > now:
                return False
            by = Actor.of(row.author)
            _send(row, by, now, seen_version=row.seen_version)
            return True
    except SomebodyAnswered:
        _stop(later, "somebody_answered", now)
    except Refused as refused:
        if refused.code != "left":
            _stop(later, refused.code, now)
    except Exception:
        # One that cannot be sent must not keep the others of its hour from leaving.
        logger.exception("reply %s for later could not be sent", later.pk)
        _stop(later, "failed", now)
    return False


def _send(row: LaterReply, by: Actor, now: datetime, *, seen_version: int | None) -> Message:
    actions = Actions.read(row.macro.actions) if row.macro else None
    message = send(
        conversation=row.conversation,
        text=row.text,
        stored=_uploads(row),
        by=by,
        now=now,
        client_key=f"later-{row.pk}",
        seen_version=seen_version,
        then=then_named(row.then),
        actions=actions,
        keeps_draft=True,
    )
    row.state, row.reason, row.message, row.changed_at = LaterState.SENT, "", message, now
    row.save()
    return message


def _stop(later: LaterReply, reason: str, now: datetime) -> bool:
    with _changing(later, SYSTEM, now) as (change, ticket):
        row = LaterReply.objects.select_for_update().get(pk=later.pk)
        if row.state != LaterState.WAITING:
            return False
        row.state, row.reason, row.changed_at = LaterState.STOPPED, reason[:40], now
        row.save()
        change.record(ticket, "reply_stopped", reason=reason)
        kind = NotificationKind.LATER_STOPPED
        notify(users=[row.author], kind=kind, now=now, ticket=ticket, reason=row.reason)
        return True


@contextmanager
def _changing(later: LaterReply, by: Actor, now: datetime) -> Iterator[tuple[Change, Ticket]]:
    """The case on which the reply stands now, locked. Raises Refused("moved") if it just went."""
    with changing(ticket_of(later.conversation), by=by, now=now, moves_clocks=False) as change:
        place = standing_conversation(later.conversation, change)
        yield change, change.tickets[place.ticket_id]


def _standing(later: LaterReply) -> LaterReply:
    """The row, locked, while it can still be decided on. Raises Refused("left")."""
    rows = LaterReply.objects.select_related("author", "macro", "conversation__channel")
    row = rows.select_for_update(of=("self",)).get(pk=later.pk)
    if row.state not in {LaterState.WAITING, LaterState.STOPPED}:
        raise Refused("left")
    return row


def _uploads(row: LaterReply) -> list[StoredUpload]:
    return [StoredUpload(**each) for each in row.files]


def _zone(user: User) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
