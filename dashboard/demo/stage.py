"""Play the demo's stories through the real intake and actions, in the order of their clocks."""

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from tickets.actions import acknowledgements, bot, deliveries, intake, numbers
from tickets.actions.intake import Arrival
from tickets.actions.triage import triage_due
from tickets.interchange import IncomingMessage, Receipt
from tickets.models import Channel, Contact, Delivery, DeliveryState, Ticket, User

from . import acts
from .doors import FORUM_USER, outgoing_id
from .letters import Letters, with_numbers
from .script import Case, Script, Step

QUIET = timedelta(seconds=9)  # after which an acknowledgement is due
SORTING = timedelta(minutes=2)
ASSESSED = timedelta(days=2)  # of the past: nobody looks at what was guessed of older cases
READ = 0.7  # of the answers on the web page
HELPER = "tang"  # answers in public, sorts nothing
ANSWERS = {"confirms": True, "denies": False}
FAILED = {"code": "recipient", "detail": "550 5.1.1 Mailbox not found"}
UNKNOWN = {"code": "no_answer", "detail": "ReadTimeout"}

Happening = tuple[datetime, int, Callable[[datetime], object]]


class Stage:
    """The channels, the people and what has become of each story so far."""

    def __init__(
        self, script: Script, *, channels: dict[str, Channel], users: dict[str, User], now: datetime
    ) -> None:
        self.script = script
        self.channels = channels
        self.users = users
        self.now = now
        self.letters = Letters(script.addresses)
        self.tickets: dict[str, int] = {}
        self.numbers: dict[str, str] = {}
        self.fates: dict[int, str] = {}
        self.astray: list[str] = []  # customers' words that opened a case nobody meant to open
        self._chance = random.Random(4821)  # noqa: S311 - who reads an answer and when
        self._queue: list[Happening] = []
        self._order = itertools.count()

    def play(self) -> None:
        """Let everything happen that has happened up to now."""
        for case in self.script.cases:
            for step in case.steps:
                self._plan(step.at, partial(self._do, case, step))
        while self._queue:
            at, _, happening = heapq.heappop(self._queue)
            happening(at)

    def _plan(self, at: datetime, happening: Callable[[datetime], object]) -> None:
        if at <= self.now:
            heapq.heappush(self._queue, (at, next(self._order), happening))

    def _do(self, case: Case, step: Step, _at: datetime) -> None:
        if step.who in self.users:
            acts.perform(
                acts.Act(
                    ticket=self._ticket(case.key),
                    user=self.users[step.who],
                    step=step,
                    fates=self.fates,
                    ticket_ids=self.tickets,
                    users=self.users,
                )
            )
            if step.verb in acts.REPLIES:
                self._deliver(step.at)
        elif step.verb in ANSWERS:
            yes = ANSWERS[step.verb]
            acts.answer_question(self._ticket(case.key), yes=yes, now=step.at)
        else:
            self._write(case, step)
            self._plan(step.at + QUIET, self._quiet)

    def _write(self, case: Case, step: Step) -> None:
        """Somebody outside writes."""
        own = self.numbers.get(case.key, "")
        unknown = numbers.reserve()[0] if "{unknown" in step.text else ""
        text = with_numbers(step.text, own, self.numbers, unknown)
        message = self.letters.message(case, step, text)
        channel = self.channels[step.door or case.door]
        landing = self._receive(channel, message, step.at)
        if channel.kind == "chat" and landing.message is not None:
            bot.answer(messages=[landing.message], now=step.at)
            self._deliver(step.at)
        if case.key not in self.tickets:
            self._open(case, landing, step)
        elif not self._is_of(case.key, landing):
            self.astray.append(f"{case.key}: {text[:40]}")

    def _open(self, case: Case, landing: intake.Landing, step: Step) -> None:
        ticket = landing.ticket
        assert ticket is not None, f"no case: {case.key}"
        self.tickets[case.key], self.numbers[case.key] = ticket.pk, ticket.number
        if case.company:
            Contact.objects.filter(pk=ticket.contact_id).update(company=case.company)
        agents = (each for each in case.steps if each.who in self.users and each.who != HELPER)
        first = next(agents, None)
        user = self.users[first.who if first else "lin"]
        at = step.at + SORTING
        if first is not None:
            at = min(at, first.at - timedelta(seconds=1))
        self._plan(at, lambda at: acts.sort_case(self._ticket(case.key), case, user=user, now=at))

    def _receive(
        self, channel: Channel, item: IncomingMessage | Receipt, at: datetime
    ) -> intake.Landing:
        return intake.receive([Arrival(channel, item)], now=at)[0]

    def _quiet(self, at: datetime) -> None:
        if acknowledgements.send_due(now=at):
            self._deliver(at)
        if at >= self.now - ASSESSED:
            triage_due(now=at)

    def _deliver(self, at: datetime) -> None:
        """Settle what waits to be sent as if its vendor had been called."""
        queued = Delivery.objects.filter(state=DeliveryState.QUEUED)
        for delivery in queued.select_related(
            "channel", "message__conversation", "recipient"
        ).order_by("pk"):
            fate = self.fates.pop(delivery.pk, "")
            if fate:
                self._goes_wrong(fate, at)
            else:
                self._sent(delivery, at)

    def _goes_wrong(self, fate: str, at: datetime) -> None:
        claimed = deliveries.claim(channels=Channel.objects.all(), now=at)
        assert claimed is not None
        if fate == "failed":
            deliveries.record_failed(delivery=claimed, error=FAILED, now=at)
        else:
            deliveries.record_unknown(delivery=claimed, error=UNKNOWN, now=at)

    def _sent(self, delivery: Delivery, at: datetime) -> None:
        external_id = outgoing_id(delivery, self._posted(delivery, at))
        deliveries.hand_over(delivery=delivery, external_id=external_id, now=at)
        self.letters.note_answer(delivery, external_id)
        if delivery.channel.kind in {"web_form", "chat"} and self._chance.random() < READ:
            read_at = at + timedelta(minutes=self._chance.randint(1, 40))
            receipt = Receipt(external_id, "read", read_at)
            self._plan(read_at, lambda at: self._receive(delivery.channel, receipt, at))

    def _posted(self, delivery: Delivery, at: datetime) -> str:
        """Put an answer into the forum; return its place there."""
        if delivery.channel.kind != "discourse":
            return ""
        forum, conversation = self.letters.forum, delivery.message.conversation
        assert conversation is not None
        post = forum.write(FORUM_USER, int(conversation.thread), delivery.message.text, at)
        return forum.place(post)

    def _is_of(self, key: str, landing: intake.Landing) -> bool:
        here = landing.ticket_id
        return here == self.tickets[key] or here == self._ticket(key).pk

    def _ticket(self, key: str) -> Ticket:
        """The case of a story, or what it was merged into."""
        ticket = Ticket.objects.get(pk=self.tickets[key])
        while ticket.merged_into_id:
            ticket = Ticket.objects.get(pk=ticket.merged_into_id)
        return ticket
