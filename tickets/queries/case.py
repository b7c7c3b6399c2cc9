"""One case as its page shows it: every conversation, note, change and neighbour, read in bulk."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q

from tickets.access import may_read_notes, visible_conversations, visible_tickets
from tickets.masking import masked, without_code
from tickets.models import (
    Alias,
    Channel,
    ClaimQuestion,
    Clock,
    Conversation,
    Delivery,
    History,
    Identity,
    Link,
    LinkState,
    Message,
    Move,
    Revision,
    Role,
    Team,
    Ticket,
    User,
)

from .clocks import running_clocks

RECENT_MESSAGES = 200
RECENT_HISTORY = 200
OTHER_CASES = 8


@dataclass(frozen=True, slots=True)
class Names:
    """How the things are called that history mentions: people and teams by id, doors by slug."""

    users: dict[int, str]
    teams: dict[int, str]
    channels: dict[str, str]


@dataclass(frozen=True, slots=True)
class CaseRead:
    """What `user` may read of one case; oldest first in every list but `others`."""

    ticket: Ticket
    conversations: list[Conversation]
    messages: list[Message]
    has_earlier: bool
    history: list[History]
    names: Names
    moves: list[Move]
    aliases: list[Alias]
    identities: list[Identity]
    links: list[Link]
    others: list[Ticket]
    clocks: list[Clock]
    hides_private_parts: bool


def ticket_by_any_number(user: User, number: str) -> tuple[Ticket, bool]:
    """The visible case that a number leads to, and whether the way was a merge.

    An alias leads to its ticket, a merged ticket to its survivor. Raises Ticket.DoesNotExist,
    alike for what is not there and for what is not for `user`.
    """
    alias = Alias.objects.select_related("ticket").filter(number=number).first()
    found = alias.ticket if alias else Ticket.objects.filter(number=number).first()
    if found is None:
        raise Ticket.DoesNotExist
    is_merged = found.is_merged
    while found.merged_into_id is not None:
        found = Ticket.objects.get(pk=found.merged_into_id)
    return visible_tickets(user).get(pk=found.pk), is_merged


def read_case(ticket: Ticket, user: User, *, limit: int = RECENT_MESSAGES) -> CaseRead:
    """Everything the page of a visible ticket needs, in a fixed number of queries."""
    conversations = list(
        visible_conversations(user, ticket)
        .select_related("channel", "identity__contact", "opened_on")
        .prefetch_related(
            Prefetch("questions", ClaimQuestion.objects.select_related("asked__channel"))
        )
        .order_by("created_at", "id")
    )
    messages = _messages(ticket, conversations, user, limit + 1)
    helper = user.role == Role.HELPER
    history = [] if helper else _history(ticket)
    return CaseRead(
        ticket=ticket,
        conversations=conversations,
        messages=messages[-limit:],
        has_earlier=len(messages) > limit,
        history=history,
        names=_names(history),
        moves=[] if helper else _moves(ticket),
        aliases=list(ticket.aliases.exclude(number=ticket.number).order_by("created_at", "id")),
        identities=[c.identity for c in conversations] if helper else _identities(ticket),
        links=[] if helper else _links(ticket, user),
        others=[] if helper else _others(ticket, user),
        clocks=[] if helper else list(running_clocks(ticket)),
        hides_private_parts=helper and _has_private_conversation(ticket),
    )


def _messages(
    ticket: Ticket, conversations: list[Conversation], user: User, limit: int
) -> list[Message]:
    """The latest messages and notes, oldest first; notes of merged tickets come along."""
    wanted = Q(conversation__in=[conversation.pk for conversation in conversations])
    if may_read_notes(user):
        wanted |= _of_ticket_or_merged(ticket)
    latest = (
        Message.objects.filter(wanted)
        .select_related("author")
        .prefetch_related(
            "attachments",
            Prefetch("deliveries", Delivery.objects.select_related("recipient").order_by("id")),
            Prefetch("revisions", Revision.objects.order_by("replaced_at", "id")),
        )
        .order_by("-created_at", "-id")[:limit]
    )
    by_pk = {conversation.pk: conversation for conversation in conversations}
    messages = list(latest)[::-1]
    for message in messages:
        if message.conversation_id is not None:
            message.conversation = by_pk[message.conversation_id]
        if user.role == Role.HELPER:
            _mask(message)
        if message.automatic == "proof":
            message.text = without_code(message.text)
    return messages


def _mask(message: Message) -> None:
    """Take from a public post what it shows of its author, in memory only."""
    if not message.exposes:
        return
    message.text, message.subject = masked(message.text), masked(message.subject)
    message.html, message.decision = "", {**message.decision, "evidence": []}
    for revision in message.revisions.all():
        revision.text = masked(revision.text)


def _of_ticket_or_merged(ticket: Ticket) -> Q:
    return (
        Q(ticket=ticket)
        | Q(ticket__merged_into=ticket)
        | Q(ticket__merged_into__merged_into=ticket)
    )


def _history(ticket: Ticket) -> list[History]:
    latest = (
        History.objects.filter(ticket=ticket)
        .select_related("actor_user", "actor_identity")
        .order_by("-version", "-id")[:RECENT_HISTORY]
    )
    return list(latest)[::-1]


def _names(history: list[History]) -> Names:
    """Look up at once whatever the rows only name by key."""
    users = {row.data.get("after") for row in history if row.code == "assigned"} - {None}
    teams = {row.data.get("after") for row in history if row.code == "moved_to_team"} - {None}
    slugs = {row.data["channel"] for row in history if isinstance(row.data.get("channel"), str)}
    return Names(
        users=dict(User.objects.filter(pk__in=users).values_list("pk", "name")),
        teams=dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")),
        channels=dict(Channel.objects.filter(slug__in=slugs).values_list("slug", "label")),
    )


def _moves(ticket: Ticket) -> list[Move]:
    moves = Move.objects.filter(Q(source=ticket) | Q(target=ticket))
    return list(moves.select_related("source", "target", "moved_by").order_by("moved_at", "id"))


def _identities(ticket: Ticket) -> list[Identity]:
    return list(
        Identity.objects.filter(contact=ticket.contact_id)
        .select_related("channel")
        .order_by("created_at", "id")
    )


def _links(ticket: Ticket, user: User) -> list[Link]:
    """Proposed relations to cases that `user` may see, none of them merged away meanwhile."""
    links = Link.objects.filter(
        ticket=ticket,
        state=LinkState.PROPOSED,
        other__in=visible_tickets(user).filter(merged_into__isnull=True),
    )
    return list(links.select_related("other").order_by("created_at", "id"))


def _others(ticket: Ticket, user: User) -> list[Ticket]:
    others = visible_tickets(user).filter(contact=ticket.contact_id, merged_into__isnull=True)
    return list(others.exclude(pk=ticket.pk).order_by("-last_activity_at", "-id")[:OTHER_CASES])


def _has_private_conversation(ticket: Ticket) -> bool:
    """Whether the case began in, or came through, a place that is not public."""
    private = Conversation.objects.filter(ticket=OuterRef("pk"), is_public=False)
    return Ticket.objects.filter(Exists(private), pk=ticket.pk).exists()
