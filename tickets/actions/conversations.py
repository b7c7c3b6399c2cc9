"""Find a conversation's ticket under the locks, and point it at another."""

from datetime import datetime

from ..models import Alias, AliasOrigin, ClaimState, Conversation, Direction, Ticket
from .changes import Change
from .refusals import Refused


def ticket_of(conversation: Conversation) -> Ticket:
    """The ticket on which the conversation stands now; the caller may know an older one."""
    return Ticket.objects.get(conversations=conversation.pk)


def standing_conversation(conversation: Conversation, change: Change) -> Conversation:
    """The conversation as it stands under the locks. Raises Refused("moved") if it went away."""
    fresh = Conversation.objects.select_related("channel", "identity__contact").get(
        pk=conversation.pk
    )
    if fresh.ticket_id not in change.tickets:
        raise Refused("moved")
    return fresh


def point_at(conversation: Conversation, ticket: Ticket) -> None:
    """Re-point a conversation; the number that its author was given comes along."""
    conversation.ticket = ticket
    conversation.save()
    if conversation.claim in {ClaimState.PENDING, ClaimState.VERIFIED}:
        given = Alias.objects.filter(number=conversation.claim_number)
        given.update(ticket=ticket, origin=AliasOrigin.CLAIM)


def unanswered_since(conversation: Conversation) -> datetime | None:
    """When its author began to wait: their first message since a person's last answer."""
    messages = conversation.messages.order_by("pk")
    answered = messages.filter(direction=Direction.OUTBOUND, automatic="").last()
    inbound = messages.filter(direction=Direction.INBOUND, pk__gt=answered.pk if answered else 0)
    first = inbound.first()
    return first.created_at if first else None
