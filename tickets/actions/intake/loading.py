"""Load a batch: lock the identities, read what can bear on it, lock the tickets, read again."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Left

from ...interchange import Receipt
from ...locking import lock_identities, lock_tickets
from ...models import (
    Acknowledgement,
    AcknowledgementState,
    Alias,
    ClaimState,
    Conversation,
    Delivery,
    Direction,
    History,
    Identity,
    IdentityStatus,
    Message,
    Move,
    MoveKind,
    State,
    Ticket,
)
from ..numbers import reserve
from . import ledger
from .batch import Batch, Invited, OpenTicket
from .reading import read

_RECENT = timedelta(days=30)  # a case older than this is no duplicate but a recurrence
_MACHINES = ("auto_reply", "bounce")
_EARLIER = 10  # messages of a ticket that tell what it is about


class TicketsMoved(Exception):
    """A ticket was merged between reading and locking; start the transaction again."""


def load(batch: Batch) -> None:
    """Fill a batch in a fixed number of queries. Raises TicketsMoved."""
    _Loader(batch).load()


class _Loader:
    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def load(self) -> None:
        """Lock the identities, read everything that can bear on a decision, lock the tickets."""
        lock_identities((a.channel.pk, item.sender.external_id) for a, item in self.batch.incoming)
        self.batch.reads = {id(arrival): read(item) for arrival, item in self.batch.incoming}
        self.batch.fresh_keys, self.batch.known_content = ledger.enter(
            self.batch.arrivals, self.batch.now
        )
        self._load_identities()
        self._load_known_messages()
        wanted = self._load_leads()
        self._lock(wanted)
        self._load_conversations()
        self.batch.note_clocks()
        self._load_participants()
        self._load_earlier_words()
        self._load_open_tickets()
        self._load_acknowledgements()
        self.batch.numbers = reserve(2 * len(self.batch.incoming))

    def _load_identities(self) -> None:
        names: dict[int, set[str]] = defaultdict(set)
        vouched, addresses, proved = set(), set(), set()
        for arrival, item in self.batch.incoming:
            sender = item.sender
            names[arrival.channel.pk].add(sender.external_id)
            if sender.stands_for:
                proved.add(sender.stands_for)
            if sender.vouched:
                vouched.add(sender.vouched)
            if sender.address_verified and sender.address:
                addresses.add(sender.address.lower())
        wanted = Q(pk__in=[])
        for channel, externals in names.items():
            wanted |= Q(channel=channel, external_id__in=externals)
        if proved:
            wanted |= Q(pk__in=proved)
        if vouched:
            wanted |= Q(vouched__in=vouched)
        if addresses:
            wanted |= Q(address__in=addresses, status=IdentityStatus.VERIFIED)
        known = Identity.objects.filter(wanted).select_related("contact__account_manager")
        for identity in known.order_by("pk"):
            self.batch.identities[identity.channel_id, identity.external_id] = identity
            if identity.is_compromised:
                continue
            if identity.pk in proved:
                self.batch.proved[identity.pk] = identity.contact
            if identity.vouched:
                self.batch.vouched.setdefault(identity.vouched, identity.contact)
            if identity.address and identity.is_verified:
                self.batch.addresses.setdefault(identity.address.lower(), identity.contact)

    def _load_known_messages(self) -> None:
        """Messages that arrivals answer, edit or recall, and deliveries that receipts speak of."""
        referred: dict[int, set[str]] = defaultdict(set)
        for arrival in self.batch.arrivals:
            item = arrival.item
            if isinstance(item, Receipt):
                referred[arrival.channel.pk].add(item.external_id)
                continue
            referred[arrival.channel.pk].update(item.in_reply_to[:50])
            referred[arrival.channel.pk].update({item.external_id, item.target_id} - {""})
        wanted = Q(pk__in=[])
        for channel, externals in referred.items():
            if externals:
                wanted |= Q(channel=channel, external_id__in=externals)
        if not wanted.children[1:]:
            return
        # Mostly there are none, and asking for keys alone costs a fraction of asking for rows.
        deliveries = list(Delivery.objects.filter(wanted).values_list("pk", flat=True))
        messages = list(Message.objects.filter(wanted).values_list("pk", flat=True))
        if deliveries:
            self._keep_deliveries(deliveries)
        if messages:
            self._keep_messages(messages)

    def _keep_deliveries(self, keys: list[int]) -> None:
        rows = Delivery.objects.filter(pk__in=keys).select_related("message__conversation")
        for delivery in rows:
            self.batch.deliveries[delivery.channel_id, delivery.external_id] = delivery
            self.batch.replied[delivery.channel_id, delivery.external_id] = delivery.message

    def _keep_messages(self, keys: list[int]) -> None:
        for message in Message.objects.filter(pk__in=keys).select_related("conversation"):
            key = (message.channel_id or 0, message.external_id)
            self.batch.messages[key] = message
            self.batch.replied.setdefault(key, message)

    def _load_leads(self) -> set[int]:
        """The tickets that quoted numbers and answered messages lead to, merges not followed."""
        quoted = {number for r in self.batch.reads.values() for number in r.numbers}
        aliases = Alias.objects.filter(number__in=quoted).values_list("number", "ticket_id")
        self.batch.lead_ids = dict(aliases)
        wanted = set(self.batch.lead_ids.values())
        wanted.update(
            m.conversation.ticket_id for m in self.batch.replied.values() if m.conversation
        )
        wanted.update(d.message.conversation.ticket_id for d in self.batch.deliveries.values())  # type: ignore[union-attr]
        wanted.update(c.ticket_id for c in self._current_conversations())
        wanted.update(c.ticket_id for c in self._inviting_conversations())
        return wanted

    def _current_conversations(self) -> Iterable[Conversation]:
        people = [i.pk for i in self.batch.identities.values()]
        return Conversation.objects.filter(identity__in=people, is_current=True)

    def _inviting_conversations(self) -> Iterable[Conversation]:
        """The public conversations from which somebody was asked to go on in private."""
        wanted = {item.invited_to for _arrival, item in self.batch.incoming if item.invited_to}
        if not wanted:
            return []
        public = Conversation.objects.filter(pk__in=wanted, is_public=True)
        trusted = public.exclude(identity__status=IdentityStatus.COMPROMISED)
        return trusted.select_related("ticket", "opened_on")

    def _lock(self, wanted: set[int]) -> None:
        """Lock the tickets and the survivors they were merged into, all in id order."""
        closure = set(wanted)
        frontier: set[int] = set(wanted)
        while frontier:
            survivors = Ticket.objects.filter(pk__in=frontier, merged_into__isnull=False)
            ahead = survivors.values_list("merged_into", flat=True)
            frontier = {pk for pk in ahead if pk is not None}
            frontier -= closure
            closure |= frontier
        self.batch.tickets = lock_tickets(closure)
        if any(
            t.merged_into_id and t.merged_into_id not in closure
            for t in self.batch.tickets.values()
        ):
            raise TicketsMoved
        for number, ticket_id in self.batch.lead_ids.items():
            self.batch.leads[number] = self.batch.survivor(ticket_id)
        corrections = Move.objects.filter(
            kind=MoveKind.CORRECTION, source__in=closure, undone_at__isnull=True
        )
        self.batch.corrected = set(corrections.values_list("source_id", flat=True))

    def _load_conversations(self) -> None:
        """Read again under the locks: a conversation may have been re-pointed meanwhile."""
        for conversation in self._current_conversations():
            if conversation.ticket_id not in self.batch.tickets:
                raise TicketsMoved
            place = (conversation.channel_id, conversation.thread, conversation.identity_id)
            self.batch.conversations[place] = conversation
        for conversation in self._inviting_conversations():
            if conversation.ticket_id not in self.batch.tickets:
                raise TicketsMoved
            ticket, first = conversation.ticket, conversation.opened_on
            # By the number that a merge brought along, an undone merge takes it home.
            came_along = first.merged_into_id == ticket.pk
            number = first.number if came_along else ticket.number
            self.batch.invited[conversation.pk] = Invited(ticket.pk, number)
        referred = {m.conversation_id for m in self.batch.replied.values() if m.conversation_id}
        for conversation in Conversation.objects.filter(pk__in=referred):
            if conversation.ticket_id not in self.batch.tickets:
                raise TicketsMoved
            for message in self.batch.replied.values():
                if message.conversation_id == conversation.pk:
                    message.conversation = conversation

    def _load_participants(self) -> None:
        """Whoever wrote in person: a machine's mail that brought a number takes no part."""
        if not self.batch.tickets:
            return
        inbound = Message.objects.filter(conversation=OuterRef("pk"), direction=Direction.INBOUND)
        people = inbound.exclude(automatic__in=_MACHINES)
        conversations = Conversation.objects.filter(ticket__in=self.batch.tickets).annotate(
            is_personal=Exists(people) | ~Exists(inbound)
        )
        rows = conversations.values_list(
            "ticket_id", "identity__contact_id", "claim", "is_personal"
        )
        for ticket, contact, claim, is_personal in rows:
            self.batch.conversations_on[ticket] += 1
            if is_personal and claim != ClaimState.PENDING:
                self.batch.participants[ticket].add(contact)

    def _load_earlier_words(self) -> None:
        ids = [c.ticket_id for c in self.batch.conversations.values()]
        ids += [ticket.pk for ticket in self.batch.leads.values()]
        if not ids:
            return
        words = (
            Message.objects.filter(conversation__ticket__in=ids)
            .exclude(direction=Direction.OUTBOUND, automatic__gt="")
            .order_by("-pk")
            .values_list("conversation__ticket_id", Left("text", 1000))
        )
        for ticket_id, text in words[: _EARLIER * len(set(ids))]:
            self.batch.earlier[ticket_id].append(text)
        people = Message.objects.filter(conversation__ticket__in=ids, author__isnull=False)
        self.batch.agent_touched.update(people.values_list("conversation__ticket_id", flat=True))
        acted = History.objects.filter(ticket__in=ids, actor_user__isnull=False)
        self.batch.agent_touched.update(acted.values_list("ticket_id", flat=True))

    def _load_open_tickets(self) -> None:
        contacts = {i.contact_id for i in self.batch.identities.values()}
        if not contacts:
            return
        recent = Ticket.objects.filter(
            contact__in=contacts,
            merged_into__isnull=True,
            created_at__gte=self.batch.now - _RECENT,
        ).exclude(state=State.CLOSED)
        first_words = (
            Message.objects.filter(conversation__ticket=OuterRef("pk"), direction=Direction.INBOUND)
            .order_by("pk")
            .values(words=Left("text", 1000))[:1]
        )
        rows = recent.annotate(words=Subquery(first_words)).values_list(
            "pk", "contact_id", "subject", "words"
        )
        for pk, contact, subject, words in rows:
            self.batch.open_tickets[contact].append(OpenTicket(pk, f"{subject}\n{words or ''}"))

    def _load_acknowledgements(self) -> None:
        people = [identity.pk for identity in self.batch.identities.values()]
        if not people:
            return
        due = Acknowledgement.objects.filter(identity__in=people, state=AcknowledgementState.DUE)
        for owed in due:
            self.batch.acknowledgements[owed.ticket_id, owed.identity_id] = owed
