"""Everything one intake transaction knows and has to save."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from ... import events
from ...actor import Actor
from ...bulk import update_rows
from ...interchange import IncomingMessage, Sender
from ...models import (
    Acknowledgement,
    Alias,
    Attachment,
    Channel,
    Contact,
    Conversation,
    Delivery,
    DeliveryState,
    History,
    Identity,
    Link,
    Message,
    Move,
    Revision,
    Team,
    Ticket,
)
from ...queries.routing import Alarm, read_alarm
from ..clocks.keeping import keep
from .arrival import Arrival
from .reading import Read


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open, recent case of a known contact: what it may be a duplicate of."""

    pk: int
    words: str


@dataclass(frozen=True, slots=True)
class Invited:
    """Where a private link leads, and the number by which whoever opened it came there."""

    ticket_id: int
    number: str


class Batch:
    """The workspace of one transaction. New rows refer to each other before they are saved."""

    def __init__(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        self.arrivals = arrivals
        self.now = now
        self.incoming = [(a, a.item) for a in arrivals if isinstance(a.item, IncomingMessage)]
        self.reads: dict[int, Read] = {}
        self.fresh_keys: set[tuple[int, bytes]] = set()
        self.known_content: dict[tuple[int, bytes], bytes] = {}
        self.identities: dict[tuple[int, str], Identity] = {}
        self.vouched: dict[str, Contact] = {}
        self.vouched_since: list[tuple[Identity, Sender]] = []
        self.addresses: dict[str, Contact] = {}
        self.conversations: dict[tuple[int, str, int], Conversation] = {}
        self.tickets: dict[int, Ticket] = {}
        self.leads: dict[str, Ticket] = {}
        self.replied: dict[tuple[int, str], Message] = {}
        self.invited: dict[int, Invited] = {}
        self.proved: dict[int, Contact] = {}
        self.messages: dict[tuple[int, str], Message] = {}
        self.deliveries: dict[tuple[int, str], Delivery] = {}
        self.earlier: dict[int, list[str]] = defaultdict(list)
        self.participants: dict[int, set[int]] = defaultdict(set)
        self.conversations_on: Counter[int] = Counter()
        self.teams: dict[str, int | None] = {}
        self.corrected: set[int] = set()
        self.agent_touched: set[int] = set()
        self.open_tickets: dict[int, list[OpenTicket]] = defaultdict(list)
        self.acknowledgements: dict[tuple[int, int], Acknowledgement] = {}
        self.opened: list[Conversation] = []
        self.windows: dict[tuple[int, str, int], Conversation] = {}
        self.corrections: list[tuple[Move, list[Conversation]]] = []
        self.lead_ids: dict[str, int] = {}
        self.new: dict[type[Model], list[Any]] = defaultdict(list)
        self.changed: dict[type[Model], dict[int, Model]] = defaultdict(dict)
        self.touched: dict[str, Ticket] = {}
        self.numbers: list[str] = []
        self._clocked: dict[Model, tuple[object, ...]] = {}
        self.alarm: Alarm = read_alarm()

    def survivor(self, ticket_id: int) -> Ticket:
        """The ticket itself or what it was merged into in the end."""
        ticket = self.tickets[ticket_id]
        while ticket.merged_into_id:
            ticket = self.tickets[ticket.merged_into_id]
        return ticket

    def contacts_of(self, ticket: Ticket) -> frozenset[int]:
        """Keys of the ticket's contact and of everybody else who takes part in it."""
        own = ticket.contact_id or row_key(ticket.contact)
        return frozenset({own, *self.participants.get(row_key(ticket), ())})

    def is_merged_number(self, number: str) -> bool:
        """Whether a number reaches its ticket only through a merge; a correction is none."""
        ticket_id = self.lead_ids.get(number)
        if ticket_id is None or ticket_id in self.corrected:
            return False
        return self.tickets[ticket_id].is_merged

    def ticket_of(self, conversation: Conversation) -> Ticket:
        """The locked ticket of a conversation, whether or not either is saved yet."""
        if conversation.ticket_id in self.tickets:
            return self.survivor(conversation.ticket_id)
        return conversation.ticket

    def has_message(self, channel: Channel, external_id: str) -> bool:
        """Whether a message of this id is here, whoever wrote it."""
        return bool(external_id) and (channel.pk, external_id) in self.messages

    def team_of_line(self, line: str) -> int | None:
        """The key of the team of this slug, where there is one; asked once a batch."""
        if line and line not in self.teams:
            self.teams[line] = Team.objects.filter(slug=line).values_list("pk", flat=True).first()
        return self.teams.get(line)

    def take_number(self) -> str:
        return self.numbers.pop()

    def touch(self, ticket: Ticket) -> int:
        """Raise a ticket's version for one more thing that happened; return the version."""
        ticket.version += 1
        self.touched[ticket.number] = ticket
        return ticket.version

    def record(self, ticket: Ticket, code: str, by: Actor, **data: object) -> None:
        actor = by.as_fields()
        self.new[History].append(
            History(
                ticket=ticket,
                version=ticket.version,
                at=self.now,
                code=code,
                data=data,
                **actor,
            )
        )

    def change(self, row: Model) -> None:
        """Remember to save a row that was loaded; new rows are saved anyway."""
        if row.pk:
            self.changed[type(row)][row.pk] = row

    def note_clocks(self) -> None:
        """Remember what the clocks of the loaded cases are made of, to see later what moved."""
        for ticket in self.tickets.values():
            self._clocked[ticket] = _values(ticket, _CLOCKED)
        for conversation in self.conversations.values():
            self._clocked[conversation] = _values(conversation, _CLAIMED)

    def _with_new_clocks(self) -> list[Ticket]:
        """The cases about which something changed that a clock depends on.

        Most messages come to a case that waits for an answer already, and move no clock.
        """
        moved = {
            pk
            for row in (*self.new[Conversation], *self.changed[Conversation].values())
            for pk in self._moved_by(row)
        }
        return [
            ticket
            for ticket in self.touched.values()
            if ticket.pk in moved or self._clocked.get(ticket) != _values(ticket, _CLOCKED)
        ]

    def _moved_by(self, row: Model) -> set[object]:
        """The cases whose claims are not what they were before this conversation changed."""
        before, now = self._clocked.get(row), _values(row, _CLAIMED)
        if before == now or (before is None and not now[1]):
            return set()
        return {now[0], before[0]} if before else {now[0]}

    def save(self) -> None:
        """Write everything in the order of references and tell the listeners after commit."""
        self._create(Contact, Identity, Ticket, Alias)
        self._update_conversations()
        self._create(Conversation)
        self._open_windows()
        for move, conversations in self.corrections:
            move.conversations = [conversation.pk for conversation in conversations]
        self._create(Message, Attachment, Revision, History, Move)
        self._create(Acknowledgement, Link, unless_there=True)
        self._update(Identity, "name", "address", "status", "last_inbound_at", "contact", "facts")
        self._update(Contact, "plan")
        self._update(Message, "text", "html", "exposes", "edited_at", "recalled_at", "version")
        self._update(Delivery, "state", "error", "changed_at")
        self._update(Acknowledgement, "due_at", "quotes_a_number")
        self._update_tickets()
        keep(self._with_new_clocks(), now=self.now)
        events.announce(
            delivery_ids=self._release_waiting_replies(),
            changes=[(t.number, t.pk, t.version) for t in self.touched.values()],
            message_ids=[m.pk for m in self.new[Message]],
        )

    def _create(self, *models: type[Model], unless_there: bool = False) -> None:
        for model in models:
            model._default_manager.bulk_create(self.new[model], ignore_conflicts=unless_there)

    def _update_conversations(self) -> None:
        self._update(
            Conversation,
            "ticket",
            "is_current",
            "last_inbound_at",
            "last_message_at",
            "reply_until",
            "replies_left",
            "is_public",
            "claim_waiting_since",
            "via_number",
            "claim",
            "claim_number",
        )

    def _open_windows(self) -> None:
        """A reply window is of the chat: its earlier conversations, too, can be answered again."""
        for written in self.windows.values():
            Conversation.objects.filter(
                channel=written.channel_id, thread=written.thread, identity=written.identity_id
            ).exclude(pk=written.pk).update(
                reply_until=written.reply_until, replies_left=written.replies_left
            )

    def _update(self, model: type[Model], *fields: str) -> None:
        update_rows(list(self.changed[model].values()), fields)

    def _release_waiting_replies(self) -> list[int]:
        """Answers that waited for the customer leave now that the customer wrote in this chat."""
        written = {message.conversation_id for message in self.new[Message]}
        with connection.cursor() as cursor:
            cursor.execute(_WAITING_IN_CHAT, [DeliveryState.WAITING, list(written)])
            ids = [pk for (pk,) in cursor.fetchall()]
        if ids:
            Delivery.objects.filter(pk__in=ids, state=DeliveryState.WAITING).update(
                state=DeliveryState.QUEUED, next_attempt_at=self.now, changed_at=self.now
            )
        return ids

    def _update_tickets(self) -> None:
        fresh = {ticket.number for ticket in self.new[Ticket]}
        known = [t for number, t in sorted(self.touched.items()) if number not in fresh]
        update_rows(
            known,
            (
                "subject",
                "state",
                "version",
                "review",
                "last_activity_at",
                "waiting_since",
                "snoozed_until",
                "closed_at",
                "merged_into",
                "answer_after",
                "escalated_at",
                "escalation",
            ),
        )


# Plain, because every batch asks it and Django takes longer to write it than to run it.
_WAITING_IN_CHAT = """
SELECT delivery.id
FROM tickets_delivery delivery
JOIN tickets_message message ON message.id = delivery.message_id
JOIN tickets_conversation there ON there.id = message.conversation_id
WHERE delivery.state = %s AND EXISTS (
    SELECT FROM tickets_conversation here
    WHERE here.id = ANY(%s) AND here.channel_id = there.channel_id
    AND here.thread = there.thread AND here.identity_id = there.identity_id
)
"""

# What the clocks of a case depend on, and what those of a claim do.
_CLOCKED = (
    *("state", "priority", "contact_id", "merged_into_id", "waiting_since", "first_replied_at"),
    *("closed_at", "snoozed_until", "answer_after", "clocks_stale"),
)
_CLAIMED = ("ticket_id", "claim", "claim_waiting_since", "identity_id")


def _values(row: Model, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in names)


def row_key(row: Model) -> int:
    """A key for a row, saved or not: a batch holds one object per row."""
    return row.pk or -id(row)
