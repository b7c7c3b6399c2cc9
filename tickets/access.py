"""The only gate: what a person may see and do, for pages, API, sockets, files and search.

Customers see their own cases, by an account of theirs that nobody else has taken over.
Helpers see tickets by their public conversations only. Agents and leads see their own teams'
tickets, those of no team, and those assigned to them. Managers see everything.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import (
    Attachment,
    BulkRun,
    Channel,
    ClaimState,
    ContactNote,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Identity,
    Message,
    Role,
    SavedView,
    Team,
    Ticket,
    User,
    ViewAudience,
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


def visible_parts(user: User, teams: Iterable[int]) -> list[tuple[int | None, QuerySet[Ticket]]]:
    """What `visible_tickets` holds, in parts that share no case, each with its team.

    An index on the team serves each part, and none serves the whole. `teams` are the keys of
    `teams_of(user)`. Parts without a team come with None.
    """
    if not user.is_active or user.role == Role.HELPER:
        return [(None, visible_tickets(user))]
    parts: list[tuple[int | None, QuerySet[Ticket]]] = [
        (None, Ticket.objects.filter(team__isnull=True))
    ]
    known = list(teams)
    parts += [(team, Ticket.objects.filter(team=team)) for team in known]
    if user.role != Role.MANAGER:
        elsewhere = Ticket.objects.filter(assignee=user, team__isnull=False)
        parts.append((None, elsewhere.exclude(team__in=known)))
    return parts


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


def visible_runs(user: User) -> QuerySet[BulkRun]:
    """The bulk runs that `user` may look at, stop and take back: their own; managers' all."""
    if not user.is_active or not may_change(user):
        return BulkRun.objects.none()
    return BulkRun.objects.all() if user.role == Role.MANAGER else BulkRun.objects.filter(by=user)


def may_edit_contact_note(user: User, note: ContactNote) -> bool:
    """Whether `user` may put right or remove what is noted about a customer: their own notes, and
    leads everybody's."""
    leads = user.role in {Role.LEAD, Role.MANAGER}
    return user.is_active and may_change(user) and (leads or note.author_id == user.pk)


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


def saved_views_for(user: User) -> QuerySet[SavedView]:
    """The saved views that `user` may open: their own, their teams' and everyone's.

    A helper's are their own: others ask for what helpers know nothing of.
    """
    if not user.is_active:
        return SavedView.objects.none()
    own = Q(audience=ViewAudience.PRIVATE, owner=user)
    if user.role == Role.HELPER:
        return SavedView.objects.filter(own)
    teams = Q(audience=ViewAudience.TEAM, team__in=teams_of(user))
    return SavedView.objects.filter(own | teams | Q(audience=ViewAudience.EVERYONE))


def may_share_views(user: User, audience: str, team: Team | None) -> bool:
    """Whether `user` may make and change views for these people."""
    match audience:
        case ViewAudience.PRIVATE:
            return team is None
        case ViewAudience.TEAM if user.role in {Role.LEAD, Role.MANAGER}:
            return team is not None and teams_of(user).filter(pk=team.pk).exists()
        case ViewAudience.EVERYONE:
            return user.role == Role.MANAGER and team is None
    return False


def may_change_view(user: User, view: SavedView) -> bool:
    """Whether `user` may rename, order, save anew and delete a view that they may open."""
    if view.audience == ViewAudience.PRIVATE:
        return view.owner_id == user.pk
    return may_share_views(user, view.audience, view.team)


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
