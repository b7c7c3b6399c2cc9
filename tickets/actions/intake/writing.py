"""Write an inbound message down, with its files and its reasons, and wake what it wakes."""

import re
from dataclasses import asdict

from ... import exposure, matching, phrases
from ...actor import SYSTEM, Actor
from ...interchange import IncomingMessage
from ...masking import find_exposed, masked
from ...models import Attachment, Channel, Conversation, Direction, Message, State, Ticket, User
from ...text import excerpt
from .alarming import call_lead
from .arrival import Arrival
from .batch import Batch, row_key
from .reading import Read

_PARAGRAPHS = re.compile(r"\n\s*\n")
_SUBJECT = 80  # characters of the first meaningful message


def add_message(
    batch: Batch,
    arrival: Arrival,
    item: IncomingMessage,
    conversation: Conversation,
    ticket: Ticket,
    decision: matching.Decision,
    read: Read,
) -> Message:
    message = Message(
        conversation=conversation,
        channel=arrival.channel,
        direction=Direction.INBOUND,
        external_id=item.external_id,
        subject=item.subject,
        text=item.text,
        html=item.html,
        automatic=read.automatic,
        transcript=item.transcript,
        is_public=is_public(item, arrival.channel),
        exposes=exposed_kinds(item, arrival.channel),
        decision=_explained(decision, read),
        version=batch.touch(ticket),
        sent_at=item.sent_at,
        created_at=batch.now,
    )
    batch.new[Message].append(message)
    if item.external_id:
        batch.messages[arrival.channel.pk, item.external_id] = message
        batch.replied.setdefault((arrival.channel.pk, item.external_id), message)
    for file in arrival.files:
        batch.new[Attachment].append(
            Attachment(
                message=message,
                name=file.name,
                content_type=file.content_type,
                size=file.size,
                sha256=file.sha256,
                content_id=file.content_id,
                source_url=file.source_url,
                problem="" if file.sha256 or file.source_url else "empty",
                listing=dict(file.listing),
                created_at=batch.now,
            )
        )
    return message


def is_public(item: IncomingMessage, channel: Channel) -> bool:
    """Whether anybody may read a message: its own word, else as its channel is."""
    return channel.is_public if item.is_public is None else item.is_public


def exposed_kinds(item: IncomingMessage, channel: Channel) -> list[str]:
    """What personal data a public post shows to everybody, as codes."""
    if not is_public(item, channel):
        return []
    return exposure.kinds(find_exposed(f"{item.subject}\n{item.text}"))


def stir(
    batch: Batch,
    ticket: Ticket,
    conversation: Conversation,
    item: IncomingMessage,
    decision: matching.Decision,
    read: Read,
) -> None:
    """What an inbound message wakes: the ticket, its clocks, its subject, the reply window."""
    batch.earlier[row_key(ticket)].insert(0, (item.text or item.transcript)[:1000])
    conversation.last_inbound_at = conversation.last_message_at = batch.now
    conversation.is_public |= is_public(item, conversation.channel)
    if item.reply_until is not None or item.replies_left is not None:
        conversation.reply_until = item.reply_until
        conversation.replies_left = item.replies_left
        person = row_key(conversation.identity)
        batch.windows[conversation.channel_id, conversation.thread, person] = conversation
    batch.change(conversation)
    conversation.identity.last_inbound_at = batch.now
    batch.change(conversation.identity)
    if conversation.is_pending_claim:
        conversation.claim_waiting_since = conversation.claim_waiting_since or batch.now
        return
    if not ticket.subject:
        ticket.subject = _subject(item, read, conversation.channel)
    if decision.is_quiet and decision.case is not None:
        return
    ticket.last_activity_at = batch.now
    ticket.waiting_since = ticket.waiting_since or batch.now
    if decision.review and not ticket.review:
        ticket.review = decision.review
    if ticket.state in {State.PENDING, State.SNOOZED}:
        ticket.state = State.OPEN
        ticket.snoozed_until = None
        batch.record(ticket, "woken", Actor.customer(conversation.identity))
    call_lead(batch, ticket, read)
    _put_off(batch, ticket, item)
    _answer_later(batch, ticket, conversation, item)


def _put_off(batch: Batch, ticket: Ticket, item: IncomingMessage) -> None:
    """Put the case aside until the call that the customer was promised on the telephone."""
    at = item.call_back_at
    if at is None or at <= batch.now:
        return
    user = User.objects.filter(pk=item.taken_by or 0).first()
    ticket.state, ticket.snoozed_until = State.SNOOZED, at
    by = Actor.of(user) if user else SYSTEM
    batch.record(ticket, "call_back", by, until=at.isoformat())


def _answer_later(
    batch: Batch, ticket: Ticket, conversation: Conversation, item: IncomingMessage
) -> None:
    """Note before when the customer wants no answer: the clocks of answers begin only then."""
    after = item.answer_after
    if after is None or after <= batch.now:
        return
    ticket.answer_after = after
    customer = Actor.customer(conversation.identity)
    batch.record(ticket, "answer_after", customer, until=after.isoformat())


def _subject(item: IncomingMessage, read: Read, channel: Channel) -> str:
    """The mail's own subject, or the first words that say something.

    Lists and notices show it, so what a public post gives away is masked in it.
    """
    mask = masked if is_public(item, channel) else str
    if item.subject.strip():
        return excerpt(mask(item.subject), 200)
    paragraphs = (each.strip() for each in _PARAGRAPHS.split(read.own_words))
    said = (each for each in paragraphs if each and not phrases.is_opener(each))
    return excerpt(mask(next(said, "")), _SUBJECT)


def _explained(decision: matching.Decision, read: Read) -> dict[str, object]:
    """The decision as data: a code, the words that made it and how sure it is."""
    numbers = {
        "strong": [f.number for f in read.own.found if f.strength == "strong"],
        "weak": [f.number for f in read.own.found if f.strength == "weak"],
        "invalid": [i.digits for i in read.own.invalid],
        "quoted": [f.number for f in read.quoted.found],
        "heard": [f.number for f in read.heard.found],
    }
    return {
        "rule": decision.rule,
        "review": decision.review,
        "confidence": decision.confidence,
        "evidence": [asdict(evidence) for evidence in decision.evidence],
        "remembers": decision.remembers,
        "links": [case.key for case in decision.links],
        "numbers": {kind: found for kind, found in numbers.items() if found},
        "declared": phrases.declared_source(read.own_words),
    }
