"""The only gate: what a person may see and do, for pages, API, sockets, files and search.

Customers see their own cases, by an account of theirs that nobody else has taken over.
Helpers see tickets by their public conversations only. Agents and leads see their own teams'
tickets, those of no team, and those assigned to them. Managers see everything.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import (
    Attachment,
    Channel,
    ClaimState,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Identity,
    Message,
    Role,
    Team,
    Ticket,
    User,
)

_GONE_OUT = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
_FOR_ONE_ACCOUNT = ("question", "proof")  # automatic messages that are keys in the wrong hands


class NotAllowed(Exception):
    """The person may see the ticket but not do this to it."""


def visible_tickets(user: User) -> QuerySet[Ticket]:
    """Every ticket that `user` may open, merged ones too."""
    if not user.is_active:
        return Ticket.objects.none()
    if user.role == Role.MANAGER:
        return Ticket.objects.all()
    if user.role == Role.HELPER:
        return Ticket.objects.filter(Exists(_public_conversations()))
    mine = Q(team__isnull=True) | Q(assignee=user) | Q(team__in=user.teams.all())
    return Ticket.objects.filter(mine)


def ticket_for(user: User, number: str) -> Ticket:
    """The visible ticket with this case number (ten or fourteen digits).

    Raises Ticket.DoesNotExist, alike for what is not there and for what is not for `user`.
    """
    return visible_tickets(user).get(number=number)


def visible_conversations(user: User, ticket: Ticket) -> QuerySet[Conversation]:
    """The conversations of a visible ticket that `user` may read: a helper's are public ones."""
    conversations = Conversation.objects.filter(ticket=ticket)
    if user.role == Role.HELPER:
        return conversations.filter(is_public=True)
    return conversations


def visible_attachments(user: User) -> QuerySet[Attachment]:
    """Files of messages that `user` may read."""
    tickets = visible_tickets(user)
    shown = Q(message__conversation__ticket__in=tickets)
    if user.role == Role.HELPER:
        shown &= Q(message__conversation__is_public=True)
        return Attachment.objects.filter(shown)
    return Attachment.objects.filter(shown | Q(message__ticket__in=tickets))


def may_read_notes(user: User) -> bool:
    return user.role != Role.HELPER


def may_reply(user: User, conversation: Conversation) -> bool:
    """Helpers answer public posts only."""
    return user.role != Role.HELPER or conversation.is_public


def may_change(user: User) -> bool:
    """Whether `user` may assign, resolve, merge, split, tag and decide claims."""
    return user.role != Role.HELPER


def may_watch_channels(user: User) -> bool:
    """Whether `user` may see how channels fare, and pause and resume them."""
    return user.role in {Role.LEAD, Role.MANAGER}


def may_manage_channels(user: User) -> bool:
    return user.role == Role.MANAGER


def may_manage_routing(user: User) -> bool:
    """Whether `user` decides where cases go."""
    return user.role in {Role.LEAD, Role.MANAGER}


def may_manage_service(user: User) -> bool:
    """Whether `user` decides what is promised to customers."""
    return user.role == Role.MANAGER


def may_write_articles(user: User) -> bool:
    """Whether `user` may write drafts of articles and notices."""
    return user.role != Role.HELPER


def may_publish(user: User) -> bool:
    """Whether `user` decides what customers read in the help centre."""
    return user.role in {Role.LEAD, Role.MANAGER}


def teams_of(user: User) -> QuerySet[Team]:
    """The teams whose queues `user` sees."""
    return Team.objects.all() if user.role == Role.MANAGER else user.teams.all()


def channels_for(user: User) -> QuerySet[Channel]:
    """The channels by which `user` may filter."""
    channels = Channel.objects.all()
    if user.role != Role.HELPER:
        return channels
    public_places = Conversation.objects.filter(channel=OuterRef("pk"), is_public=True)
    return channels.filter(Q(is_public=True) | Exists(public_places))


def readable_messages(user: User) -> QuerySet[Message]:
    """Every message and note that `user` may read."""
    tickets = visible_tickets(user)
    in_conversations = Q(conversation__ticket__in=tickets)
    if user.role == Role.HELPER:
        return Message.objects.filter(in_conversations, conversation__is_public=True)
    return Message.objects.filter(in_conversations | Q(ticket__in=tickets))


def may_review(user: User) -> bool:
    """Whether `user` may see what customers upload to prove who they are."""
    is_trusted = user.role == Role.MANAGER or user.reviews_identity
    return user.is_active and is_trusted and user.role != Role.HELPER


def may_approve(user: User) -> bool:
    """Whether `user` may be the second person who agrees to an unlock or a refund."""
    return user.role in {Role.LEAD, Role.MANAGER} or may_review(user)


def case_of_customer(identity: Identity, ticket: Ticket) -> Ticket | None:
    """The case that the holder of an account may see whole, by a ticket that leads to it.

    Merges are followed only from case to case of the same contact. None: nothing of it.
    """
    if identity.is_compromised:
        return None
    while ticket.contact_id == identity.contact_id:
        if ticket.merged_into is None:
            return ticket
        ticket = ticket.merged_into
    return None


def conversations_of_customer(identity: Identity, case: Ticket) -> QuerySet[Conversation]:
    """What the customer themselves said in their case, by whichever account; claims left out."""
    own = Conversation.objects.filter(ticket=case, identity__contact=identity.contact_id)
    return own.exclude(claim=ClaimState.PENDING)


def messages_of_customer(identity: Identity, case: Ticket) -> QuerySet[Message]:
    """What the customer wrote and what has gone out to them; no notes, nothing taken back."""
    gone_out = Delivery.objects.filter(message=OuterRef("pk"), state__in=_GONE_OUT)
    said = Q(direction=Direction.INBOUND) | Q(Exists(gone_out), direction=Direction.OUTBOUND)
    return Message.objects.filter(
        said,
        conversation__in=conversations_of_customer(identity, case),
        recalled_at__isnull=True,
    ).exclude(direction=Direction.OUTBOUND, automatic__in=_FOR_ONE_ACCOUNT)


def _public_conversations() -> QuerySet[Conversation]:
    return Conversation.objects.filter(ticket=OuterRef("pk"), is_public=True)
