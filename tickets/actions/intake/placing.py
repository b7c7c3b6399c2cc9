"""Carry out where a message goes: open or join a case, begin a claim, set a number right."""

from ... import matching
from ...actor import RULE, Actor
from ...case_numbers import near_misses
from ...models import (
    Alias,
    AliasOrigin,
    Category,
    ClaimState,
    Conversation,
    IdentityStatus,
    Link,
    LinkKind,
    Move,
    MoveKind,
    Role,
    State,
    Ticket,
)
from .batch import Batch
from .place import Place
from .suggesting import suggest_duplicates


class Placing:
    """Applies one decision to the batch; nothing is decided here."""

    def __init__(self, batch: Batch, place: Place) -> None:
        self.batch = batch
        self.place = place

    def carry_out(self, decision: matching.Decision) -> tuple[Ticket, Conversation]:
        batch = self.batch
        if decision.case is None:
            ticket = self._open_ticket(decision)
        else:
            ticket = self._reachable(decision.case.key)
        conversation = self._conversation_on(ticket, decision)
        if decision.reopens:
            self._reopen(ticket)
        for case in decision.links:
            self._link(ticket, case.key, LinkKind.QUOTED, decision)
        self._use_reserved_number(ticket, decision)
        batch.conversations[self.place.key] = conversation
        return ticket, conversation

    def _open_ticket(self, decision: matching.Decision) -> Ticket:
        batch, item = self.batch, self.place.item
        ticket = Ticket(
            number=item.reserved_number or batch.take_number(),
            contact=self.place.identity.contact,
            team_id=batch.team_of_line(item.line) or self.place.channel.team_id,
            category=item.category if item.category in Category.values else "",
            language=self.place.language,
            review=decision.review,
            created_at=batch.now,
            last_activity_at=batch.now,
        )
        batch.new[Ticket].append(ticket)
        batch.new[Alias].append(Alias(number=ticket.number, ticket=ticket, created_at=batch.now))
        batch.leads[ticket.number] = ticket
        batch.touch(ticket)
        batch.record(
            ticket, "opened", Actor.customer(self.place.identity), channel=self.place.channel.slug
        )
        self._note_chosen(ticket)
        self._give_to_account_manager(ticket)
        if decision.follows is not None:
            self._follow(ticket, decision.follows.key)
        self._offer_near_misses(ticket)
        suggest_duplicates(batch, ticket, self.place.read)
        return ticket

    def _note_chosen(self, ticket: Ticket) -> None:
        """Say that it was the customer who chose what the case is about, and so its line."""
        customer = Actor.customer(self.place.identity)
        if ticket.category:
            self.batch.record(ticket, "category_set", customer, before="", after=ticket.category)
        if self.batch.team_of_line(self.place.item.line):
            before = self.place.channel.team_id
            self.batch.record(ticket, "moved_to_team", RULE, before=before, after=ticket.team_id)

    def _give_to_account_manager(self, ticket: Ticket) -> None:
        """Who looks after a customer's account has the customer's cases from the first moment."""
        manager = ticket.contact.account_manager
        if manager is not None and manager.is_active and manager.role != Role.HELPER:
            ticket.assignee = manager
            self.batch.record(ticket, "assigned", RULE, before=None, after=manager.pk)

    def _follow(self, ticket: Ticket, earlier: str) -> None:
        ticket.follows = self._reachable(earlier)
        self.batch.record(ticket, "follows", RULE, number=earlier)

    def _offer_near_misses(self, ticket: Ticket) -> None:
        """A number typed nearly right is offered, among the same contact's cases only."""
        if not self.place.read.own.invalid or not self.place.identity.contact.pk:
            return
        own = Ticket.objects.filter(contact=self.place.identity.contact).values_list("number", "pk")
        mine = dict(own)
        for invalid in self.place.read.own.invalid:
            for number in near_misses(invalid.digits, mine):
                self.batch.new[Link].append(
                    Link(
                        ticket=ticket,
                        other_id=mine[number],
                        kind=LinkKind.NEAR_MISS,
                        reason={"written": invalid.digits, "number": number},
                        created_at=self.batch.now,
                    )
                )

    def _conversation_on(self, ticket: Ticket, decision: matching.Decision) -> Conversation:
        """The current conversation if it is about this ticket, else a new current one."""
        batch, current = self.batch, self.place.current
        if current is not None:
            if batch.ticket_of(current) is ticket and decision.case is not None:
                return current
            if decision.corrects is not None:
                return self._moved_along(current, ticket, decision)
            current.is_current = False
            batch.change(current)
        conversation = Conversation(
            ticket=ticket,
            opened_on=ticket,
            channel=self.place.channel,
            identity=self.place.identity,
            thread=self.place.item.thread,
            via_number=decision.via_number,
            created_at=batch.now,
        )
        if decision.case is not None:
            self._join(conversation, ticket, decision)
        batch.new[Conversation].append(conversation)
        batch.opened.append(conversation)
        return conversation

    def _moved_along(
        self, conversation: Conversation, ticket: Ticket, decision: matching.Decision
    ) -> Conversation:
        """Take the conversation of a mistyped number to the right case, as a claim if it is one."""
        fresh = self.batch.ticket_of(conversation)
        conversation.ticket = ticket
        conversation.via_number = decision.via_number
        self._join(conversation, ticket, decision)
        self._absorb(fresh, ticket, conversation)
        self.batch.change(conversation)
        self.batch.opened.append(conversation)
        return conversation

    def _join(
        self, conversation: Conversation, ticket: Ticket, decision: matching.Decision
    ) -> None:
        if decision.is_claim:
            self._open_claim(conversation, ticket)
            return
        self.batch.touch(ticket)
        self.batch.record(
            ticket,
            "joined",
            Actor.customer(self.place.identity),
            channel=self.place.channel.slug,
            rule=decision.rule,
            number=decision.via_number,
        )

    def _open_claim(self, conversation: Conversation, ticket: Ticket) -> None:
        batch = self.batch
        conversation.claim = ClaimState.PENDING
        conversation.claim_number = self.place.item.reserved_number or batch.take_number()
        conversation.claim_waiting_since = batch.now
        self.place.identity.status = (
            self.place.identity.status
            if self.place.identity.is_compromised
            else IdentityStatus.UNVERIFIED
        )
        batch.change(self.place.identity)
        batch.new[Alias].append(
            Alias(
                number=conversation.claim_number,
                ticket=ticket,
                origin=AliasOrigin.CLAIM,
                created_at=batch.now,
            )
        )
        batch.touch(ticket)
        batch.record(
            ticket,
            "claim_opened",
            Actor.customer(self.place.identity),
            channel=self.place.channel.slug,
            number=conversation.via_number,
            claim_number=conversation.claim_number,
        )

    def _absorb(self, fresh: Ticket, ticket: Ticket, conversation: Conversation) -> None:
        """The fresh ticket of a mistyped number gives way to the right case; can be undone."""
        batch = self.batch
        fresh.merged_into = ticket
        # What moves along carries versions of the other counter: none may seem newer than its case.
        fresh.version = ticket.version = max(fresh.version, ticket.version)
        for changed, code, other in (
            (fresh, "corrected_into", ticket),
            (ticket, "corrected_from", fresh),
        ):
            batch.touch(changed)
            batch.record(changed, code, RULE, number=other.number)
        batch.leads[fresh.number] = ticket
        move = Move(kind=MoveKind.CORRECTION, source=fresh, target=ticket, moved_at=batch.now)
        batch.new[Move].append(move)
        batch.corrections.append((move, [conversation]))

    def _reopen(self, ticket: Ticket) -> None:
        batch = self.batch
        ticket.state = State.OPEN
        ticket.closed_at = None
        batch.touch(ticket)
        batch.record(ticket, "reopened", Actor.customer(self.place.identity))

    def _link(
        self, ticket: Ticket, other: str, kind: LinkKind, decision: matching.Decision
    ) -> None:
        found = self.place.reachable(other)
        if found is None or found is ticket:
            return
        self.batch.new[Link].append(
            Link(
                ticket=ticket,
                other=found,
                kind=kind,
                reason={"rule": decision.rule, "review": decision.review},
                created_at=self.batch.now,
            )
        )

    def _use_reserved_number(self, ticket: Ticket, decision: matching.Decision) -> None:
        """A number promised at the door leads to the case that the message joined."""
        number = self.place.item.reserved_number
        if not number or decision.case is None or decision.is_claim:
            return
        self.batch.new[Alias].append(
            Alias(
                number=number,
                ticket=ticket,
                origin=AliasOrigin.RESERVED,
                created_at=self.batch.now,
            )
        )

    def _reachable(self, number: str) -> Ticket:
        ticket = self.place.reachable(number)
        assert ticket is not None, "matching names only cases that it was told of"
        return ticket
