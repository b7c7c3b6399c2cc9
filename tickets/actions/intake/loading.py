"""Load a batch: lock the identities, read what can bear on it, lock the tickets, read again."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from ...interchange import Receipt
from ...locking import lock_identities, lock_tickets
from ...models import (
    ClaimState,
    Conversation,
    Delivery,
    Identity,
    IdentityStatus,
    Message,
)
from ..numbers import reserve
from . import asking, ledger
from .batch import Batch, Invited, OpenTicket
from .reading import read

_RECENT = timedelta(days=30)  # a case older than this is no duplicate but a recurrence
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
        known = [
            identity
            for identity in asking.IDENTITIES.rows(
                channels=names,
                names=set().union(*names.values()),
                proved=proved,
                vouched=vouched,
                addresses=addresses,
            )
            if identity.external_id in names.get(identity.channel_id, ())
            or identity.pk in proved
            or identity.vouched in vouched
            or identity.address in addresses
        ]
        _add_contacts(known)
        for identity in known:
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
        names = set().union(*referred.values())
        if not names:
            return
        # Mostly there are none, and asking for keys alone costs a fraction of asking for rows.
        deliveries, messages = (
            [pk for pk, channel, name in found if name in referred.get(channel, ())]
            for found in (
                asking.DELIVERIES.values(channels=referred, names=names),
                asking.MESSAGES.values(channels=referred, names=names),
            )
        )
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
        if quoted:
            self.batch.lead_ids = dict(asking.ALIASES.values(numbers=quoted))
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
        return asking.CURRENT_CONVERSATIONS.rows(people=people) if people else ()

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
            frontier = {pk for (pk,) in asking.SURVIVORS.values(ids=frontier)}
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
        if closure:
            self.batch.corrected = {pk for (pk,) in asking.CORRECTIONS.values(ids=closure)}

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
        if not self.batch.tickets:
            return
        rows = asking.PARTICIPANTS.values(ids=self.batch.tickets)
        for ticket, contact, claim, is_personal in rows:
            self.batch.conversations_on[ticket] += 1
            if is_personal and claim != ClaimState.PENDING:
                self.batch.participants[ticket].add(contact)

    def _load_earlier_words(self) -> None:
        ids = {c.ticket_id for c in self.batch.conversations.values()}
        ids |= {ticket.pk for ticket in self.batch.leads.values()}
        if not ids:
            return
        words = asking.LATEST_WORDS.values(ids=ids, at_most=_EARLIER * len(ids))
        for ticket_id, text in words:
            self.batch.earlier[ticket_id].append(text)
        for touched in (asking.WRITTEN_BY_AGENTS, asking.CHANGED_BY_AGENTS):
            self.batch.agent_touched.update(pk for (pk,) in touched.values(ids=ids))

    def _load_open_tickets(self) -> None:
        contacts = {i.contact_id for i in self.batch.identities.values()}
        if not contacts:
            return
        rows = asking.OPEN_TICKETS.values(contacts=contacts, since=self.batch.now - _RECENT)
        for pk, contact, subject, words in rows:
            self.batch.open_tickets[contact].append(OpenTicket(pk, f"{subject}\n{words or ''}"))

    def _load_acknowledgements(self) -> None:
        people = [identity.pk for identity in self.batch.identities.values()]
        if not people:
            return
        for owed in asking.OWED.rows(people=people):
            self.batch.acknowledgements[owed.ticket_id, owed.identity_id] = owed


def _add_contacts(identities: Iterable[Identity]) -> None:
    """Give every account its customer, and every customer their account manager."""
    wanted = {identity.contact_id for identity in identities}
    if not wanted:
        return
    contacts = {contact.pk: contact for contact in asking.CONTACTS.rows(ids=wanted)}
    managed = {pk for contact in contacts.values() if (pk := contact.account_manager_id)}
    managers = {user.pk: user for user in asking.MANAGERS.rows(ids=managed)} if managed else {}
    for contact in contacts.values():
        contact.account_manager = managers.get(contact.account_manager_id or 0)
    for identity in identities:
        identity.contact = contacts[identity.contact_id]
