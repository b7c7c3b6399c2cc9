"""Split a conversation off into a case of its own."""

from datetime import datetime

from ..actor import Actor
from ..masking import masked
from ..models import (
    Alias,
    AliasOrigin,
    ClaimState,
    Conversation,
    Direction,
    Move,
    MoveKind,
    State,
    Ticket,
)
from ..phrases import is_opener
from ..text import excerpt
from .changes import Change, changing
from .conversations import point_at, standing_conversation, ticket_of
from .numbers import reserve
from .refusals import Refused
from .settling import settle_clocks


def split(*, conversation: Conversation, by: Actor, now: datetime) -> Ticket:
    """Give the conversation a ticket with a fresh number.

    Raises Refused: only_conversation, claim (decide the claim instead) or moved.
    """
    with changing(ticket_of(conversation), by=by, now=now) as change:
        conversation = standing_conversation(conversation, change)
        source = change.tickets[conversation.ticket_id]
        if conversation.is_pending_claim:
            raise Refused("claim")
        others = source.conversations.exclude(pk=conversation.pk)
        if not others.exclude(claim=ClaimState.PENDING).exists():
            raise Refused("only_conversation")
        ticket = split_off(change, conversation, reserve()[0], MoveKind.SPLIT)
        settle_clocks(change, source)
        return ticket


def split_off(change: Change, conversation: Conversation, number: str, kind: MoveKind) -> Ticket:
    """Move a conversation of a locked ticket to one under `number`; can be undone.

    A ticket that has the number already, because an earlier move was undone, must be locked too:
    it stands up again.
    """
    source = change.tickets[conversation.ticket_id]
    ticket = _revived(change, number) or _new_ticket(change, source, conversation, number)
    change.level(source, ticket)
    point_at(conversation, ticket)
    Alias.objects.update_or_create(
        number=number,
        defaults={"ticket": ticket, "origin": AliasOrigin.OWN},
        create_defaults={"ticket": ticket, "created_at": change.now},
    )
    move = Move.objects.create(
        kind=kind,
        source=source,
        target=ticket,
        conversations=[conversation.pk],
        moved_at=change.now,
        moved_by=change.by.user,
    )
    change.record(source, "split_off", number=number, move=move.pk)
    change.record(ticket, "split_from", number=source.number, move=move.pk)
    settle_clocks(change, ticket)
    return ticket


def _revived(change: Change, number: str) -> Ticket | None:
    ticket = next((each for each in change.tickets.values() if each.number == number), None)
    if ticket is not None:
        ticket.merged_into = None
        ticket.state, ticket.closed_at, ticket.snoozed_until = State.OPEN, None, None
    return ticket


def _new_ticket(change: Change, source: Ticket, conversation: Conversation, number: str) -> Ticket:
    """A ticket of the conversation's own author; nothing is taken over but the team."""
    contact = conversation.identity.contact
    same = contact.pk == source.contact_id
    ticket = Ticket.objects.create(
        number=number,
        subject=_subject(conversation),
        contact=contact,
        team=source.team,
        language=source.language if same else contact.language,
        created_at=change.now,
        last_activity_at=change.now,
    )
    return change.adopt(ticket)


def _subject(conversation: Conversation) -> str:
    """The first words of the conversation that say something."""
    inbound = conversation.messages.filter(direction=Direction.INBOUND).order_by("pk")
    for message in inbound[:10]:
        mask = masked if message.is_public else str
        if message.subject:
            return excerpt(mask(message.subject), 200)
        words = message.text.strip() or message.transcript.strip()
        if words and not is_opener(words):
            return excerpt(mask(words), 80)
    return ""
