"""A clock that runs out is told of once, and the case is handed on as its policy says."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.tickets.cast import ada, agent, case, claim_on, codes, later, only_conversation, standing
from tests.tickets.clocks.promising import clock, only_promise
from tickets import events
from tickets.actions import lifecycle, merging, replies, service, undoing
from tickets.actions.clocks.renewing import renew_stale
from tickets.actions.clocks.running_out import tell_due
from tickets.models import Clock, Contact, Role, ServicePolicy, Team, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain() -> ServicePolicy:
    return only_promise()


@pytest.fixture
def mail() -> Team:
    return Team.objects.create(name="Mail", slug="mail")


@pytest.fixture
def lead(mail: Team) -> User:
    made = agent("lea", role=Role.LEAD)
    made.teams.add(mail)
    return made


def told(ticket: Ticket) -> list[str]:
    return [code for code in codes(ticket) if code.startswith("clock_")]


def escalating(**fields: Any) -> None:
    ServicePolicy.objects.update(**fields)


def test_nothing_is_told_in_time() -> None:
    ticket = case()

    assert tell_due(now=later(minutes=44)) == 0
    assert told(ticket) == []


def test_warning_and_breach_are_told_once_each() -> None:
    ticket = case()

    for minute in (45, 46, 60, 61, 62):
        tell_due(now=later(minutes=minute))

    assert told(ticket) == ["clock_warned", "clock_breached"]
    row = clock(ticket, "first_response")
    assert (row.warned_at, row.breached_at) == (later(minutes=45), later(minutes=60))
    breach = ticket.history.get(code="clock_breached")
    assert breach.data["clock"] == "first_response"
    assert breach.data["due"] == later(minutes=60).isoformat()
    assert breach.actor_kind == "system"


def test_what_was_missed_for_long_is_told_as_late_only() -> None:
    ticket = case()

    tell_due(now=later(hours=3))
    tell_due(now=later(hours=4))

    assert told(ticket) == ["clock_breached"]


def test_met_and_paused_clocks_are_not_told_of() -> None:
    met, paused = case(), case("lin", "附件传不上去")
    replies.reply(
        conversation=only_conversation(met), text="请稍等", by=ada(), now=later(minutes=5)
    )
    lifecycle.wait_for_customer(ticket=paused, by=ada(), now=later(minutes=5))

    tell_due(now=later(hours=2))

    assert told(met) == told(paused) == []


def test_open_pages_hear_of_it(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    ticket = case()
    heard: list[tuple[str, int, int]] = []

    def listen(changes: list[tuple[str, int, int]], **_rest: object) -> None:
        heard.extend(changes)

    events.tickets_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            tell_due(now=later(hours=1))
    finally:
        events.tickets_changed.disconnect(listen)

    assert heard == [(ticket.number, ticket.pk, standing(ticket).version)]


def test_clock_of_a_merged_case_is_told_of_on_the_survivor_and_not_again_after_undo() -> None:
    source = case("kim")
    target = case("lin", "附件传不上去", at=later(minutes=30))
    move = merging.merge(source=source, target=target, by=ada(), now=later(minutes=40))
    tell_due(now=later(minutes=60))
    assert told(target) == ["clock_breached"]

    undoing.undo(move=move, by=ada(), now=later(minutes=65))
    tell_due(now=later(minutes=66))

    assert told(source) == []
    assert clock(source, "first_response").breached_at == later(minutes=60)


def test_late_claim_is_told_of_and_escalates_nothing(lead: User) -> None:
    escalating(escalate_on="breached", escalate_priority="urgent", escalate_to_lead=True)
    ticket = case()
    replies.reply(
        conversation=only_conversation(ticket), text="请稍等", by=ada(), now=later(minutes=5)
    )
    claim = claim_on(ticket, at=later(minutes=10))

    tell_due(now=later(hours=2))

    row = ticket.history.get(code="clock_breached")
    assert row.data["claim"] == claim.pk
    assert standing(ticket).priority == "normal"
    assert standing(ticket).assignee is None


def test_breach_hands_the_case_to_the_team_its_lead_and_a_higher_priority(
    mail: Team, lead: User
) -> None:
    escalating(
        escalate_on="breached",
        escalate_team=mail,
        escalate_priority="high",
        escalate_to_lead=True,
    )
    ticket = case()
    tell_due(now=later(minutes=45))
    assert standing(ticket).team is None

    tell_due(now=later(minutes=60))

    now = standing(ticket)
    assert (now.team, now.priority, now.assignee) == (mail, "high", lead)
    done = ticket.history.filter(actor_kind="rule").order_by("pk").values_list("code", flat=True)
    assert list(done) == ["moved_to_team", "priority_set", "assigned", "escalated"]


@pytest.mark.parametrize("moment", [later(minutes=45), later(hours=5)])
def test_policy_may_escalate_before_it_is_late_and_not_miss_it(moment: datetime) -> None:
    escalating(escalate_on="warned", escalate_priority="high")
    ticket = case()

    tell_due(now=moment)

    assert standing(ticket).priority == "high"


def test_escalation_lowers_no_priority_and_takes_no_case_from_a_lead(
    mail: Team, lead: User
) -> None:
    other = agent("otto", role=Role.LEAD)
    other.teams.add(mail)
    escalating(escalate_on="breached", escalate_priority="high", escalate_to_lead=True)
    ticket = case()
    Ticket.objects.filter(pk=ticket.pk).update(priority="urgent", team=mail, assignee=other)

    tell_due(now=later(hours=2))

    assert standing(ticket).priority == "urgent"
    assert standing(ticket).assignee == other


def test_changed_policy_moves_running_clocks(plain: ServicePolicy) -> None:
    ticket = case()
    plain.first_response_minutes = 90

    service.save_policy(plain)
    renew_stale(now=later(minutes=5))

    assert standing(ticket).due_at == later(minutes=90)
    assert standing(ticket).version == ticket.version + 1
    assert not standing(ticket).clocks_stale


def test_terms_that_give_time_again_let_it_be_told_again(plain: ServicePolicy) -> None:
    ticket = case()
    tell_due(now=later(minutes=70))
    plain.first_response_minutes = 90
    service.save_policy(plain)

    renew_stale(now=later(minutes=75))
    tell_due(now=later(minutes=95))

    assert told(ticket) == ["clock_breached", "clock_breached"]


def test_removed_policy_leaves_cases_without_clocks(plain: ServicePolicy) -> None:
    ticket = case()

    service.remove_policy(plain)
    renew_stale(now=later(minutes=5))

    assert standing(ticket).due_at is None
    assert not Clock.objects.filter(ticket=ticket).exists()


def test_new_plan_of_a_customer_moves_their_clocks_only() -> None:
    mine, other = case(), case("lin", "附件传不上去")
    only_promise(plan="vip", first_response_minutes=5)

    service.set_plan(
        contact=Contact.objects.get(pk=mine.contact_id), plan=" VIP ", account_manager=None
    )
    renew_stale(now=later(minutes=1))

    assert standing(mine).due_at == later(minutes=5)
    assert standing(other).due_at == later(minutes=60)


def test_renewing_looks_at_so_many_cases_at_a_time() -> None:
    case(), case("lin", "附件传不上去")
    Ticket.objects.update(clocks_stale=True)

    assert renew_stale(now=later(minutes=1), limit=1) == 1
    assert renew_stale(now=later(minutes=1), limit=5) == 1
