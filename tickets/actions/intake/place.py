"""Where one message may go: its sender, its thread, and what stands around them."""

from ... import matching, phrases
from ...interchange import IncomingMessage
from ...models import Ticket
from ...text import language_of
from .arrival import Arrival
from .batch import Batch, row_key
from .reading import Read
from .senders import identity_of


class Place:
    """Where one message may go: its sender, its thread, and what stands around them."""

    def __init__(self, batch: Batch, arrival: Arrival, item: IncomingMessage, read: Read) -> None:
        self.batch = batch
        self.channel = arrival.channel
        self.item = item
        self.read = read
        self.has_files = bool(arrival.files)
        self.language = item.language or language_of(read.own_words)
        self.identity, self.is_known = identity_of(
            batch, arrival.channel, item.sender, self.language
        )
        self.invited = batch.invited.get(item.invited_to)
        self.key = (arrival.channel.pk, item.thread, row_key(self.identity))
        self.current = batch.conversations.get(self.key)
        if self.current is not None:
            self.current.identity = self.identity
            self.current.channel = self.channel

    def situation(self) -> matching.Situation:
        """Translate rows into what the pure rules ask about."""
        read = self.read
        current = self._current()
        return matching.Situation(
            now=self.batch.now,
            contact=row_key(self.identity.contact),
            standing=self._standing(current),
            own=read.own,
            heard=read.heard,
            transcript=self.item.transcript,
            quoted=read.quoted,
            leads={n: self._quoted(n) for n in read.numbers if n in self.batch.leads},
            reply_to=self._reply_to(),
            invited=self._invited(),
            invited_by=self.invited.number if self.invited else "",
            current=current,
            automatic=read.automatic,
            withdrawn=read.withdrawn,
            starts_new_problem=self._starts_new_problem(),
            adds_a_problem=self._adds_a_problem(),
            is_courtesy=not self.has_files and phrases.is_courtesy(read.said),
            is_somebody_elses=phrases.says_somebody_elses(read.said),
        )

    def _case(self, ticket: Ticket) -> matching.Case:
        return matching.Case(
            ticket.number, self.batch.contacts_of(ticket), ticket.is_closed, ticket.closed_at
        )

    def _quoted(self, number: str) -> matching.Quoted:
        ticket = self.batch.leads[number]
        return matching.Quoted(self._case(ticket), self.batch.is_merged_number(number))

    def _invited(self) -> matching.Quoted | None:
        if self.invited is None:
            return None
        return matching.Quoted(self._case(self.batch.survivor(self.invited.ticket_id)))

    def _reply_to(self) -> matching.Quoted | None:
        for external_id in self.item.in_reply_to:
            message = self.batch.replied.get((self.channel.pk, external_id))
            if message is not None and message.conversation is not None:
                conversation = message.conversation
                if conversation.is_pending_claim:
                    return None
                ticket = self.batch.ticket_of(conversation)
                moved = bool(conversation.ticket_id and conversation.ticket_id != ticket.pk)
                return matching.Quoted(self._case(ticket), moved)
        return None

    def _current(self) -> matching.Current | None:
        conversation = self.current
        if conversation is None:
            return None
        ticket = self.batch.ticket_of(conversation)
        since = conversation.last_message_at or conversation.created_at
        return matching.Current(
            self._case(ticket),
            since,
            is_claim=conversation.is_pending_claim,
            is_uncorrected=self._is_uncorrected(ticket),
        )

    def _is_uncorrected(self, ticket: Ticket) -> bool:
        """Whether a ticket stands only because a number was wrong, and nobody acted on it."""
        batch = self.batch
        is_alone = batch.conversations_on[row_key(ticket)] <= 1
        untouched = ticket.pk not in batch.agent_touched
        return ticket.review in {"unknown", "invalid"} and untouched and is_alone

    def _standing(self, current: matching.Current | None) -> matching.Standing:
        if not self.is_known:
            return "new"
        if current is not None and current.is_uncorrected:
            ticket = self.batch.ticket_of(self.current)  # type: ignore[arg-type]
            if self.identity.contact.created_at == ticket.created_at:
                return "fresh"
        return "known"

    def _starts_new_problem(self) -> bool:
        if self.current is None:
            return False
        earlier = self._earlier(self.batch.ticket_of(self.current))
        return phrases.starts_new_problem(self.read.said, earlier)

    def _adds_a_problem(self) -> bool:
        """With a number, a clause about other things is enough; without, it must be announced."""
        quoted = [f.number for f in self.read.own.found if f.number not in self.read.withdrawn]
        lead = next((self.batch.leads[n] for n in quoted if n in self.batch.leads), None)
        if lead is not None:
            return phrases.carries_another_problem(self.read.said, self._earlier(lead))
        if self.current is None:
            return False
        earlier = self._earlier(self.batch.ticket_of(self.current))
        return phrases.announces_another_problem(self.read.said, earlier)

    def _earlier(self, ticket: Ticket) -> list[str]:
        return [ticket.subject, *self.batch.earlier.get(row_key(ticket), [])]

    def reachable(self, number: str) -> Ticket | None:
        """The ticket of this number among all that the message could lead to."""
        around = [*self.batch.leads.values()]
        if self.current is not None:
            around.append(self.batch.ticket_of(self.current))
        if self.invited is not None:
            around.append(self.batch.survivor(self.invited.ticket_id))
        for external_id in self.item.in_reply_to:
            message = self.batch.replied.get((self.channel.pk, external_id))
            if message is not None and message.conversation is not None:
                around.append(self.batch.ticket_of(message.conversation))
        return next((ticket for ticket in around if ticket.number == number), None)
