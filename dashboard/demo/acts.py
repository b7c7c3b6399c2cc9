"""What the people of the demo's desk do to a case, by the verbs of the scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from tickets.actions import (
    assignment,
    claims,
    identities,
    lifecycle,
    merging,
    notes,
    replies,
    splitting,
    undoing,
)
from tickets.actor import Actor
from tickets.interchange import OutgoingFile
from tickets.models import (
    ClaimQuestion,
    ClaimState,
    Conversation,
    Delivery,
    Move,
    Role,
    Team,
    Ticket,
    User,
)

from .pictures import file_named
from .script import Case, Step, span


@dataclass(slots=True)
class Act:
    """One step of somebody at the desk: the case, who does it, and what a delivery comes to."""

    ticket: Ticket
    user: User
    step: Step
    fates: dict[int, str]
    ticket_ids: dict[str, int]
    users: dict[str, User]

    @property
    def by(self) -> Actor:
        return Actor.of(self.user)

    @property
    def now(self) -> datetime:
        return self.step.at

    def conversation(self) -> Conversation:
        """Where an answer goes: the customer's last word, on the named door if one is named."""
        found = Conversation.objects.filter(ticket=self.ticket)
        if self.step.door:
            found = found.filter(channel__slug=self.step.door)
        latest = found.order_by(F("last_inbound_at").desc(nulls_last=True), "-pk").first()
        assert latest is not None, f"nothing to answer: {self.step}"
        return latest

    def claim(self) -> Conversation:
        return Conversation.objects.get(ticket=self.ticket, claim=ClaimState.PENDING)


def sort_case(ticket: Ticket, case: Case, *, user: User, now: datetime) -> None:
    """Put a new case where it belongs: team, category, priority, tags."""
    by = Actor.of(user)
    if case.team:
        team = Team.objects.get(slug=case.team)
        assignment.move_to_team(ticket=ticket, team=team, by=by, now=now)
    if case.category:
        lifecycle.set_category(ticket=ticket, category=case.category, by=by, now=now)
    if case.priority:
        lifecycle.set_priority(ticket=ticket, priority=case.priority, by=by, now=now)
    for tag in case.tags:
        lifecycle.tag(ticket=ticket, tag=tag, by=by, now=now)


def perform(act: Act) -> None:
    """Do what the step says. Raises KeyError for a verb that nobody knows."""
    VERBS[act.step.verb](act)


def _reply(act: Act, then: replies.Then = "", fate: str = "") -> None:
    if act.ticket.assignee_id is None and act.user.role != Role.HELPER:
        assignment.assign(ticket=act.ticket, assignee=act.user, by=act.by, now=act.now)
    files = [file_named(name) for name in act.step.files]
    message = replies.reply(
        conversation=act.conversation(),
        text=act.step.text,
        by=act.by,
        now=act.now,
        files=[OutgoingFile(each.name, each.content_type, each.data or b"") for each in files],
        then=then,
    )
    if fate:
        act.fates[Delivery.objects.get(message=message).pk] = fate


def _solve(act: Act) -> None:
    if act.step.text:
        _reply(act, "closed")
    else:
        lifecycle.resolve(ticket=act.ticket, by=act.by, now=act.now)


def _note(act: Act) -> None:
    notes.add_note(ticket=act.ticket, text=act.step.text, by=act.by, now=act.now)


def _snooze(act: Act) -> None:
    until = act.now + span(act.step.text)
    lifecycle.snooze(ticket=act.ticket, until=until, by=act.by, now=act.now)


def _hand_over(act: Act) -> None:
    """To a colleague, with their team if it is another."""
    colleague = act.users[act.step.text]
    team = colleague.teams.order_by("pk").first()
    assignment.move_to_team(ticket=act.ticket, team=team, by=act.by, now=act.now)
    assignment.assign(ticket=act.ticket, assignee=colleague, by=act.by, now=act.now)


def _merge(act: Act) -> None:
    target = Ticket.objects.get(pk=act.ticket_ids[act.step.text])
    merging.merge(source=act.ticket, target=target, by=act.by, now=act.now)


def _undo(act: Act) -> None:
    source = act.ticket_ids[act.step.text]
    move = Move.objects.get(source=source, undone_at__isnull=True)
    undoing.undo(move=move, by=act.by, now=act.now)


def _split(act: Act) -> None:
    splitting.split(conversation=act.conversation(), by=act.by, now=act.now)


def _mark_stolen(act: Act) -> None:
    identity = act.conversation().identity
    identities.mark_compromised(identity=identity, by=act.by, now=act.now)


def answer_question(ticket: Ticket, *, yes: bool, now: datetime) -> None:
    """The owner of a case says whether it was they who quoted its number."""
    asked = ClaimQuestion.objects.filter(conversation__ticket=ticket, answered_at__isnull=True)
    claims.answer(question=asked.latest("pk"), yes=yes, now=now)


REPLIES = {"says", "asks", "solves", "fails", "doubts"}
VERBS: dict[str, Callable[[Act], object]] = {
    "says": _reply,
    "asks": lambda act: _reply(act, "pending"),
    "solves": _solve,
    "fails": lambda act: _reply(act, fate="failed"),
    "doubts": lambda act: _reply(act, fate="unknown"),
    "notes": _note,
    "takes": lambda act: assignment.assign(
        ticket=act.ticket, assignee=act.user, by=act.by, now=act.now
    ),
    "hands over": _hand_over,
    "snoozes": _snooze,
    "reopens": lambda act: lifecycle.reopen(ticket=act.ticket, by=act.by, now=act.now),
    "rates": lambda act: lifecycle.set_priority(
        ticket=act.ticket, priority=act.step.text, by=act.by, now=act.now
    ),
    "tags": lambda act: lifecycle.tag(ticket=act.ticket, tag=act.step.text, by=act.by, now=act.now),
    "merges": _merge,
    "undoes": _undo,
    "splits": _split,
    "verifies": lambda act: claims.verify(conversation=act.claim(), by=act.by, now=act.now),
    "rejects": lambda act: claims.reject(conversation=act.claim(), by=act.by, now=act.now),
    "marks stolen": _mark_stolen,
}
