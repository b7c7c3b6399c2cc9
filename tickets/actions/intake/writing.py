"""Write an inbound message down, with its files and its reasons, and wake what it wakes."""

from dataclasses import asdict

from ... import matching, phrases
from ...actor import Actor
from ...interchange import IncomingMessage
from ...models import Attachment, Conversation, Direction, Message, State, Ticket
from ...text import excerpt
from .arrival import Arrival
from .batch import Batch, row_key
from .reading import Read

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
        is_public=item.is_public or arrival.channel.is_public,
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
                created_at=batch.now,
            )
        )
    return message


def stir(
    batch: Batch,
    ticket: Ticket,
    conversation: Conversation,
    item: IncomingMessage,
    decision: matching.Decision,
    read: Read,
) -> None:
    """What an inbound message wakes: the ticket, its clocks, its subject, the reply window."""
    batch.earlier[row_key(ticket)].insert(0, item.text[:1000])
    conversation.last_inbound_at = conversation.last_message_at = batch.now
    if item.reply_until is not None or item.replies_left is not None:
        conversation.reply_until = item.reply_until
        conversation.replies_left = item.replies_left
    batch.change(conversation)
    conversation.identity.last_inbound_at = batch.now
    batch.change(conversation.identity)
    if conversation.is_pending_claim:
        conversation.claim_waiting_since = conversation.claim_waiting_since or batch.now
        return
    if not ticket.subject:
        ticket.subject = _subject(item, read)
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


def _subject(item: IncomingMessage, read: Read) -> str:
    """The mail's own subject, or the first words that say something."""
    if item.subject.strip():
        return excerpt(item.subject, 200)
    words = read.own_words.strip()
    return "" if not words or phrases.is_opener(words) else excerpt(words, _SUBJECT)


def _explained(decision: matching.Decision, read: Read) -> dict[str, object]:
    """The decision as data: a code, the words that made it and how sure it is."""
    numbers = {
        "strong": [f.number for f in read.own.found if f.strength == "strong"],
        "weak": [f.number for f in read.own.found if f.strength == "weak"],
        "invalid": [i.digits for i in read.own.invalid],
        "quoted": [f.number for f in read.quoted.found],
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
