"""History: every action leaves its rows with an actor, and raises each version once."""

from collections.abc import Callable, Iterable

import pytest

from tests.tickets.cast import (
    ada,
    agent,
    case,
    claim_on,
    later,
    only_conversation,
    says,
    standing,
)
from tickets.actions import (
    assignment,
    claims,
    identities,
    lifecycle,
    merging,
    notes,
    splitting,
    undoing,
)
from tickets.actions.acknowledgements import send_due
from tickets.actions.replies import reply
from tickets.actor import SYSTEM
from tickets.models import Conversation, History, Message, Team, Ticket

pytestmark = pytest.mark.django_db

NOW = later(hours=3)


class Stage:
    """Two cases, a pending claim on the first, a verified one on the second, and an old merge."""

    def __init__(self) -> None:
        self.first, self.second = case("kim"), case("lin", "附件传不上去")
        self.claim = claim_on(self.first, "stranger")
        self.joined = claim_on(self.second, "lins phone")
        claims.verify(conversation=self.joined, by=ada(), now=later(minutes=1))
        self.merged = case("max", "发票怎么开")
        self.move = merging.merge(
            source=self.merged, target=self.second, by=ada(), now=later(minutes=2)
        )
        self.conversation = only_conversation(self.first, "kim")
        self.team = Team.objects.create(name="Mail", slug="mail")


ACTIONS: dict[str, Callable[[Stage], object]] = {
    "assign": lambda s: assignment.assign(ticket=s.first, assignee=agent("bea"), by=ada(), now=NOW),
    "move_to_team": lambda s: assignment.move_to_team(
        ticket=s.first, team=s.team, by=ada(), now=NOW
    ),
    "resolve": lambda s: lifecycle.resolve(ticket=s.first, by=ada(), now=NOW),
    "wait": lambda s: lifecycle.wait_for_customer(ticket=s.first, by=ada(), now=NOW),
    "snooze": lambda s: lifecycle.snooze(ticket=s.first, until=later(days=1), by=ada(), now=NOW),
    "priority": lambda s: lifecycle.set_priority(
        ticket=s.first, priority="high", by=ada(), now=NOW
    ),
    "category": lambda s: lifecycle.set_category(
        ticket=s.first, category="other", by=ada(), now=NOW
    ),
    "subject": lambda s: lifecycle.set_subject(ticket=s.first, subject="S", by=ada(), now=NOW),
    "tag": lambda s: lifecycle.tag(ticket=s.first, tag="vip", by=ada(), now=NOW),
    "merge": lambda s: merging.merge(source=s.first, target=s.second, by=ada(), now=NOW),
    "undo": lambda s: undoing.undo(move=s.move, by=ada(), now=NOW),
    "split": lambda s: splitting.split(conversation=s.joined, by=ada(), now=NOW),
    "verify": lambda s: claims.verify(conversation=s.claim, by=ada(), now=NOW),
    "reject": lambda s: claims.reject(conversation=s.claim, by=ada(), now=NOW),
    "ask_owner": lambda s: claims.ask_owner(conversation=s.claim, by=ada(), now=NOW),
    "mark_compromised": lambda s: identities.mark_compromised(
        identity=s.conversation.identity, by=ada(), now=NOW
    ),
    "reply_and_resolve": lambda s: reply(
        conversation=s.conversation, text="好了", by=ada(), now=NOW, then="closed"
    ),
}
TOUCHED = {
    "merge": ("first", "second"),
    "undo": ("second", "merged"),
    "split": ("second",),
    "mark_compromised": ("first",),
}
WITHOUT_HISTORY: dict[str, Callable[[Stage], Message]] = {
    "reply": lambda s: reply(conversation=s.conversation, text="好了", by=ada(), now=NOW),
    "note": lambda s: notes.add_note(ticket=s.first, text="查日志", by=ada(), now=NOW),
}


def versions(tickets: Iterable[Ticket]) -> dict[int, int]:
    return {ticket.pk: standing(ticket).version for ticket in tickets}


@pytest.mark.parametrize("name", ACTIONS)
def test_action_leaves_history_by_its_actor_and_raises_each_version_once(name: str) -> None:
    stage = Stage()
    tickets = [getattr(stage, each) for each in TOUCHED.get(name, ("first",))]
    before, last = versions(Ticket.objects.all()), History.objects.latest("pk").pk

    ACTIONS[name](stage)

    rows = History.objects.filter(pk__gt=last)
    assert {row.actor_user for row in rows} == {agent("ada")}
    assert {row.at for row in rows} == {NOW}
    assert {ticket.pk for ticket in tickets} <= {row.ticket_id for row in rows}
    level = max(before[ticket.pk] for ticket in tickets)
    for ticket in tickets:
        assert before[ticket.pk] < standing(ticket).version <= level + 1
    for row in rows:
        assert row.version == Ticket.objects.get(pk=row.ticket_id).version
    untouched = [t for t in Ticket.objects.filter(pk__in=before) if t not in tickets]
    assert versions(untouched) == {ticket.pk: before[ticket.pk] for ticket in untouched}


@pytest.mark.parametrize("name", WITHOUT_HISTORY)
def test_what_somebody_writes_is_its_own_record(name: str) -> None:
    stage = Stage()
    before, rows = standing(stage.first).version, History.objects.count()

    message = WITHOUT_HISTORY[name](stage)

    assert message.author == agent("ada")
    assert message.version == standing(stage.first).version == before + 1
    assert History.objects.count() == rows


def test_no_row_is_without_an_actor() -> None:
    stage = Stage()
    lifecycle.snooze(ticket=stage.first, until=later(hours=4), by=ada(), now=NOW)
    lifecycle.wake_due(now=later(hours=4))
    send_due(now=later(hours=5))
    says("kim", "还是不行", at=later(hours=6))

    for row in History.objects.select_related("actor_user", "actor_identity"):
        named = {"user": row.actor_user, "contact": row.actor_identity}
        assert named.get(row.actor_kind, row.actor_kind in {"rule", "system"}), row.code


def test_owner_who_answers_is_the_actor_of_what_follows() -> None:
    stage = Stage()
    question = claims.ask_owner(conversation=stage.claim, by=SYSTEM, now=NOW)
    lifecycle.resolve(ticket=stage.first, by=ada(), now=NOW)

    claims.answer(question=question, yes=True, now=later(hours=4))

    verified = History.objects.filter(code="claim_verified").latest("pk")
    reopened = History.objects.get(code="reopened")
    assert verified.actor_identity == question.asked
    assert reopened.actor_identity == stage.claim.identity
    assert verified.version == reopened.version == standing(stage.first).version


def test_messages_never_run_ahead_of_their_ticket() -> None:
    stage = Stage()
    for minute in range(5):
        says("max", f"补充{minute}", at=later(minutes=10 + minute))
    merging.merge(source=stage.second, target=stage.first, by=ada(), now=NOW)
    undoing.undo(move=stage.move, by=ada(), now=later(hours=4))
    splitting.split(conversation=stage.joined, by=ada(), now=later(hours=5))

    for conversation in Conversation.objects.select_related("ticket"):
        newest = max(conversation.messages.values_list("version", flat=True))
        assert newest <= conversation.ticket.version
