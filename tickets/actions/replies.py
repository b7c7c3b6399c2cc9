"""Answer a customer: one outbound message and its delivery, written in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from .. import events
from ..access import may_reply
from ..actor import Actor
from ..interchange import OutgoingFile
from ..models import (
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Identity,
    Message,
    State,
    Ticket,
)
from .changes import Change, changing
from .conversations import standing_conversation, ticket_of
from .outgoing import (
    StoredUpload,
    already_written,
    attach,
    measured,
    pieces_for,
    stored_uploads,
)
from .promises import note_answer
from .publicity import exposed_by
from .refusals import Refused
from .secrecy import passage_of_the_case

Then = Literal["", "pending", "closed"]
Automatic = Literal[
    "", "acknowledgement", "question", "invitation", "proof", "bot", "review", "merged"
]


class ReplyRefused(Refused):
    """The reply may not be sent; codes: empty, too_long, read_only, compromised, quotes_case,
    exposes, not_allowed."""


class SomebodyAnswered(Refused):
    """Another agent replied after the page was loaded; `message` is their reply."""

    def __init__(self, message: Message) -> None:
        super().__init__("somebody_answered")
        self.message = message


def reply(
    *,
    conversation: Conversation,
    text: str,
    by: Actor,
    now: datetime,
    files: Sequence[OutgoingFile] = (),
    stored: Sequence[StoredUpload] = (),
    html: str = "",
    client_key: str = "",
    seen_version: int | None = None,
    automatic: bool = False,
    then: Then = "",
    hold_until: datetime | None = None,
) -> Message:
    """Write a reply in `conversation` and queue its delivery; it waits if the window is closed.

    The same `client_key` by the same author returns the message already written. With
    `seen_version` a colleague's newer reply stops this one. `then` says what becomes of the case;
    an answer to a claim changes nothing of it. `stored` are files whose bytes are kept already,
    `html` says the same as `text` with its format, and before `hold_until` nothing leaves.

    Raises ReplyRefused, SomebodyAnswered or
    Refused("moved"); then nothing is written.
    """
    if not text.strip() and not files and not stored:
        raise ReplyRefused("empty")
    uploads = [*stored_uploads(files), *stored]
    with changing(ticket_of(conversation), by=by, now=now) as change:
        if written := already_written(by, client_key):
            return written
        conversation = standing_conversation(conversation, change)
        if automatic:
            return write_automatic(change, conversation, text, kind="acknowledgement")
        ticket = change.tickets[conversation.ticket_id]
        check_reply(conversation, ticket, text, uploads, by, seen_version)
        message = _write(
            change,
            conversation,
            text,
            uploads,
            html=html,
            client_key=client_key,
            hold_until=hold_until,
        )
        _settle(change, ticket, conversation, then)
        note_answer(change, ticket, message)
        return message


def check_reply(
    conversation: Conversation,
    ticket: Ticket,
    text: str,
    uploads: Sequence[StoredUpload],
    by: Actor,
    seen_version: int | None = None,
) -> None:
    """Find out whether this may be answered there. Raises ReplyRefused or SomebodyAnswered."""
    _check(conversation, text, by)
    if conversation.is_pending_claim:
        _keep_the_case_secret(conversation, ticket, text, uploads)
    _keep_out_of_public(conversation, text, uploads)
    if seen_version is not None:
        _stop_if_answered(ticket, by, seen_version)


def write_automatic(
    change: Change, conversation: Conversation, text: str, *, kind: Automatic
) -> Message:
    """Write a message of ours in a conversation of a locked ticket; no clock stops for it.

    It has no author, whoever set it off. Raises ReplyRefused.
    """
    _check(conversation, text, change.by)
    _keep_out_of_public(conversation, text, is_acknowledgement=kind == "acknowledgement")
    return _write(change, conversation, text, automatic=kind)


def write_elsewhere(
    change: Change,
    conversation: Conversation,
    text: str,
    *,
    subject: str,
    channel: Channel,
    to: Identity,
) -> Message:
    """Write a key to the case of a conversation, to an account that is not the conversation's.

    It stands among the case's messages without being shown where they are read. Raises
    ReplyRefused("compromised").
    """
    if to.is_compromised:
        raise ReplyRefused("compromised")
    message = Message.objects.create(
        conversation=conversation,
        channel=channel,
        direction=Direction.OUTBOUND,
        subject=subject,
        text=text,
        automatic="proof",
        version=change.touch(change.tickets[conversation.ticket_id]),
        sent_at=change.now,
        created_at=change.now,
    )
    made = Delivery.objects.create(
        state=DeliveryState.QUEUED,
        message=message,
        channel=channel,
        recipient=to,
        next_attempt_at=change.now,
        created_at=change.now,
        changed_at=change.now,
    )
    events.announce(delivery_ids=[made.pk])
    return message


def write_again(change: Change, conversation: Conversation, message: Message) -> Message:
    """Write what `message` says, files and all, in another conversation of a locked ticket.

    Raises ReplyRefused.
    """
    _check(conversation, message.text, change.by)
    uploads = [
        StoredUpload(each.name, each.content_type, each.size, each.sha256)
        for each in message.attachments.order_by("created_at", "pk")
    ]
    _keep_out_of_public(conversation, message.text, uploads)
    return _write(change, conversation, message.text, uploads)


def _check(conversation: Conversation, text: str, by: Actor) -> None:
    channel = conversation.channel
    if not channel.writes:
        raise ReplyRefused("read_only")
    limit = channel.text_limit
    if limit is not None and not channel.splits and measured(text, channel) > limit:
        raise ReplyRefused("too_long", limit=limit)
    if conversation.identity.is_compromised:
        raise ReplyRefused("compromised")
    if by.user is not None and not may_reply(by.user, conversation):
        raise ReplyRefused("not_allowed")


def _keep_the_case_secret(
    claim: Conversation, ticket: Ticket, text: str, uploads: Sequence[StoredUpload]
) -> None:
    if passage := passage_of_the_case(claim, ticket, text, uploads):
        raise ReplyRefused("quotes_case", passage=passage)


def _keep_out_of_public(
    conversation: Conversation,
    text: str,
    uploads: Sequence[StoredUpload] = (),
    *,
    is_acknowledgement: bool = False,
) -> None:
    shown = exposed_by(conversation, text, uploads, is_acknowledgement=is_acknowledgement)
    if shown:
        raise ReplyRefused("exposes", kinds=shown.kinds, passages=shown.passages)


def _stop_if_answered(ticket: Ticket, by: Actor, seen_version: int) -> None:
    newer = Message.objects.filter(
        conversation__ticket=ticket,
        direction=Direction.OUTBOUND,
        automatic="",
        version__gt=seen_version,
    ).exclude(author=by.user)
    latest = newer.order_by("version", "pk").last()
    if latest is not None:
        raise SomebodyAnswered(latest)


def _write(
    change: Change,
    conversation: Conversation,
    text: str,
    uploads: Sequence[StoredUpload] = (),
    *,
    html: str = "",
    client_key: str = "",
    automatic: Automatic = "",
    hold_until: datetime | None = None,
) -> Message:
    author = None if automatic else change.by.user
    message = Message.objects.create(
        conversation=conversation,
        channel=conversation.channel,
        direction=Direction.OUTBOUND,
        author=author,
        client_key=client_key if author else "",
        text=text,
        html=html,
        automatic=automatic,
        is_public=conversation.is_public,
        version=change.touch(change.tickets[conversation.ticket_id]),
        sent_at=change.now,
        created_at=change.now,
    )
    files = attach(message, uploads, change.now)
    _queue(conversation, message, [each.pk for each in files], change.now, hold_until)
    conversation.last_message_at = change.now
    conversation.save(update_fields=["last_message_at", "replies_left"])
    return message


def _queue(
    conversation: Conversation,
    message: Message,
    files: Sequence[UUID],
    now: datetime,
    hold_until: datetime | None,
) -> None:
    """One delivery for each vendor message; those for which no reply is left wait."""
    made = []
    for part, piece in enumerate(pieces_for(conversation.channel, message.text, files)):
        is_open = conversation.takes_replies(now)
        if conversation.replies_left and is_open:
            conversation.replies_left -= 1
        made.append(
            Delivery(
                state=DeliveryState.QUEUED if is_open else DeliveryState.WAITING,
                message=message,
                channel=conversation.channel,
                recipient=conversation.identity,
                part=part,
                piece=piece,
                next_attempt_at=hold_until or now,
                held_until=hold_until,
                created_at=now,
                changed_at=now,
            )
        )
    Delivery.objects.bulk_create(made)
    events.announce(delivery_ids=[each.pk for each in made])


def _settle(change: Change, ticket: Ticket, conversation: Conversation, then: Then) -> None:
    """What a person's answer does to the case: its clocks stop, its state follows the choice."""
    if conversation.is_pending_claim:
        conversation.claim_waiting_since = None
        conversation.save(update_fields=["claim_waiting_since"])
        return
    ticket.first_replied_at = ticket.first_replied_at or change.now
    ticket.waiting_since = None
    ticket.last_activity_at = change.now
    if then == "pending" and ticket.state != State.PENDING:
        _put_aside(change, ticket, State.PENDING, "waits_for_customer")
    if then == "closed" and not ticket.is_closed:
        _put_aside(change, ticket, State.CLOSED, "resolved")


def _put_aside(change: Change, ticket: Ticket, state: State, code: str) -> None:
    ticket.state, ticket.snoozed_until = state, None
    ticket.closed_at = change.now if state == State.CLOSED else None
    change.record(ticket, code)
