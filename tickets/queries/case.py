"""One case as its page shows it: every conversation, note, change and neighbour, read in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Self

from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from tickets.access import may_read_notes, visible_conversations, visible_tickets
from tickets.masking import masked, without_code
from tickets.models import (
    Alias,
    Attachment,
    Channel,
    ClaimQuestion,
    Clock,
    Conversation,
    Delivery,
    Direction,
    History,
    Identity,
    Message,
    Move,
    Revision,
    Role,
    Team,
    Ticket,
    User,
)

from .clocks import running_clocks
from .relations import Relations, read_relations

RECENT_MESSAGES = 200
RECENT_HISTORY = 200
MOST_MESSAGES = 2000
_AROUND = 20  # messages shown before the one that a link names

What = Literal["", "talk", "notes", "changes", "files", "channel", "thread"]
PLAIN: Final[tuple[What, ...]] = ("talk", "notes", "changes", "files")


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a case somebody looks at: all of it, one sort of thing, one channel (`name` is its
    slug) or one conversation alone, as its vendor has it (`name` is its key)."""

    what: What = ""
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "talk", "channel-qq" or "thread-12"; anything else means all of it."""
        for plain in PLAIN:
            if text == plain:
                return cls(plain)
        head, _dash, name = text.partition("-")
        if head == "channel" and name:
            return cls("channel", name)
        if head == "thread" and name.isascii() and name.isdigit() and len(name) < 19:
            return cls("thread", name)
        return cls()

    def __str__(self) -> str:
        return f"{self.what}-{self.name}" if self.name else self.what

    @property
    def thread(self) -> int | None:
        return int(self.name) if self.what == "thread" else None


EVERYTHING: Final = Shown()


@dataclass(frozen=True, slots=True)
class Names:
    """How the things are called that history mentions: people and teams by id, doors by slug."""

    users: dict[int, str]
    teams: dict[int, str]
    channels: dict[str, str]


@dataclass(slots=True)
class Enclosed:
    """What belongs to one message: its files, its deliveries, what it said before."""

    files: list[Attachment] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CaseRead:
    """What `user` may read of one case; oldest first in every list but `others`."""

    ticket: Ticket
    conversations: list[Conversation]
    messages: list[Message]
    enclosed: dict[int, Enclosed]
    has_earlier: bool
    history: list[History]
    names: Names
    moves: list[Move]
    aliases: list[Alias]
    identities: list[Identity]
    relations: Relations
    clocks: list[Clock]
    hides_private_parts: bool
    shown: Shown = EVERYTHING

    @property
    def thread(self) -> Conversation | None:
        """The conversation that is looked at alone."""
        return next((c for c in self.conversations if c.pk == self.shown.thread), None)


def ticket_by_any_number(user: User, number: str) -> tuple[Ticket, bool]:
    """The visible case that a number leads to, and whether the way was a merge.

    An alias leads to its ticket, a merged ticket to its survivor; its people are read with it.
    Raises Ticket.DoesNotExist, alike for what is not there and for what is not for `user`.
    """
    alias = Alias.objects.select_related("ticket").filter(number=number).first()
    found = alias.ticket if alias else Ticket.objects.filter(number=number).first()
    if found is None:
        raise Ticket.DoesNotExist
    is_merged = found.is_merged
    while found.merged_into_id is not None:
        found = Ticket.objects.get(pk=found.merged_into_id)
    people = visible_tickets(user).select_related("contact__account_manager", "team", "assignee")
    return people.get(pk=found.pk), is_merged


def read_case(
    ticket: Ticket,
    user: User,
    *,
    limit: int = RECENT_MESSAGES,
    shown: Shown = EVERYTHING,
    reaching: int | None = None,
) -> CaseRead:
    """Everything the page of a visible ticket needs, in a fixed number of queries.

    At least the latest `limit` messages, and as many as it takes back to the one `reaching` names.
    """
    conversations = list(
        visible_conversations(user, ticket)
        .select_related("channel", "identity__contact", "opened_on")
        .order_by("created_at", "id")
    )
    _with_questions([c for c in conversations if c.is_pending_claim])
    helper = user.role == Role.HELPER
    wanted = _wanted(ticket, conversations, user, shown)
    limit = _far_enough(wanted, limit, reaching)
    messages = _messages(wanted, conversations, shown, limit + 1)
    enclosed = _enclosed(messages)
    for message in messages:
        _keep_back(message, enclosed[message.pk], user)
    history = [] if helper else _history(ticket)
    moves = [] if helper else _moves(ticket)
    parts = {m.source_id for m in moves if m.undone_at is None and m.target_id == ticket.pk}
    return CaseRead(
        ticket=ticket,
        conversations=conversations,
        messages=messages[-limit:],
        enclosed=enclosed,
        has_earlier=len(messages) > limit,
        history=history,
        names=_names(history),
        moves=moves,
        aliases=list(ticket.aliases.exclude(number=ticket.number).order_by("created_at", "id")),
        identities=[c.identity for c in conversations] if helper else _identities(ticket),
        relations=read_relations(ticket, user, parts=parts),
        clocks=[] if helper else list(running_clocks(ticket)),
        hides_private_parts=helper and _has_private_conversation(ticket),
        shown=shown,
    )


def _with_questions(claims: list[Conversation]) -> None:
    """What the owner of the case was asked about them."""
    questions = ClaimQuestion.objects.select_related("asked__channel")
    if claims:
        prefetch_related_objects(claims, Prefetch("questions", questions))


def _wanted(
    ticket: Ticket, conversations: Sequence[Conversation], user: User, shown: Shown
) -> QuerySet[Message]:
    """The messages and notes that are looked at; notes of merged tickets come along."""
    talk = [c.pk for c in conversations if shown.thread in {None, c.pk}]
    if shown.what == "channel":
        talk = [c.pk for c in conversations if c.channel.slug == shown.name]
    wanted = Q(conversation__in=talk)
    if may_read_notes(user) and shown.what not in {"talk", "channel", "thread"}:
        wanted |= _of_ticket_or_merged(ticket)
    messages = Message.objects.filter(wanted)
    match shown.what:
        case "notes":
            return messages.filter(direction=Direction.NOTE)
        case "changes":
            return messages.none()
        case "files":
            return messages.filter(Exists(Attachment.objects.filter(message=OuterRef("pk"))))
    return messages


def _far_enough(wanted: QuerySet[Message], limit: int, reaching: int | None) -> int:
    """How many messages it takes to show the one that is asked for, and some before it."""
    if reaching is None:
        return limit
    since = wanted.filter(pk=reaching).values("created_at")
    newer = wanted.filter(created_at__gte=since[:1]).count()
    return min(max(limit, newer + _AROUND), MOST_MESSAGES)


def _messages(
    wanted: QuerySet[Message], conversations: list[Conversation], shown: Shown, limit: int
) -> list[Message]:
    """The latest of them, oldest first; a conversation alone in the order of its vendor."""
    order = ("-sent_at", "-id") if shown.what == "thread" else ("-created_at", "-id")
    latest = wanted.select_related("author").order_by(*order)[:limit]
    by_pk = {conversation.pk: conversation for conversation in conversations}
    messages = list(latest)[::-1]
    for message in messages:
        if message.conversation_id is not None:
            message.conversation = by_pk[message.conversation_id]
    return messages


def _enclosed(messages: Sequence[Message]) -> dict[int, Enclosed]:
    """Three queries at most. A prefetch would make a queryset for each message, which costs as
    much as all else on the page."""
    found = {message.pk: Enclosed() for message in messages}
    files = Attachment.objects.filter(message__in=found).order_by("created_at", "id")
    for file in files:
        found[file.message_id].files.append(file)
    deliveries = Delivery.objects.filter(message__in=found).select_related("recipient")
    for delivery in deliveries.order_by("id"):
        found[delivery.message_id].deliveries.append(delivery)
    edited = [message.pk for message in messages if message.edited_at]
    revisions = Revision.objects.filter(message__in=edited).order_by("replaced_at", "id")
    for revision in revisions if edited else ():
        found[revision.message_id].revisions.append(revision)
    return found


def _keep_back(message: Message, enclosed: Enclosed, user: User) -> None:
    """Take out what is not for everybody, in memory only: codes, and from helpers what a public
    post shows of its author."""
    if message.automatic == "proof":
        message.text = without_code(message.text)
    if user.role != Role.HELPER or not message.exposes:
        return
    message.text, message.subject = masked(message.text), masked(message.subject)
    message.html, message.decision = "", {**message.decision, "evidence": []}
    for revision in enclosed.revisions:
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


def _has_private_conversation(ticket: Ticket) -> bool:
    """Whether the case began in, or came through, a place that is not public."""
    private = Conversation.objects.filter(ticket=OuterRef("pk"), is_public=False)
    return Ticket.objects.filter(Exists(private), pk=ticket.pk).exists()
