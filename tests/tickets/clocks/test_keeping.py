"""Clocks follow the case: they begin, pause, end and run out as it changes."""

from datetime import datetime

import pytest

from tests.tickets.cast import (
    ada,
    agent,
    case,
    claim_on,
    door,
    later,
    only_conversation,
    says,
    standing,
)
from tests.tickets.clocks.promising import clock, only_promise, promise, running
from tickets.actions import claims, lifecycle, replies
from tickets.models import Clock, Contact, ServicePolicy, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain() -> None:
    """An hour to the first answer, two to each further one, a day to the solution."""
    only_promise()


def answered(ticket: Ticket, at: datetime, then: replies.Then = "") -> None:
    conversation = only_conversation(ticket)
    replies.reply(conversation=conversation, text="请稍等", by=ada(), now=at, then=then)


def test_new_case_has_an_hour_to_its_first_answer_and_a_day_to_its_solution() -> None:
    ticket = case()

    assert clock(ticket, "first_response").due_at == later(minutes=60)
    assert clock(ticket, "resolution").due_at == later(hours=24)
    assert standing(ticket).due_at == later(minutes=60)
    assert standing(ticket).warn_at == later(minutes=45)


def test_clock_says_which_policy_counts_and_why() -> None:
    door("chat")
    promise("Chat", channel=door("chat"), first_response_minutes=5)

    why = clock(case(), "first_response").why

    assert why["policy"] == "Chat"
    assert why["by"] == ["channel"]
    assert why["minutes"] == 5


def test_first_answer_meets_the_first_response_clock() -> None:
    ticket = case()

    answered(ticket, later(minutes=20))

    assert clock(ticket, "first_response").met_at == later(minutes=20)
    assert running(ticket) == {"resolution"}
    assert standing(ticket).due_at == later(hours=24)


def test_acknowledgement_meets_no_clock() -> None:
    ticket = case()

    replies.reply(
        conversation=only_conversation(ticket),
        text="收到",
        by=ada(),
        now=later(minutes=1),
        automatic=True,
    )

    assert "first_response" in running(ticket)


def test_customer_who_writes_again_has_two_hours_from_their_first_word() -> None:
    ticket = case()
    answered(ticket, later(minutes=20))

    says("kim", "还是不行", at=later(minutes=60))
    says("kim", "在吗", at=later(minutes=90))

    assert clock(ticket, "next_response").due_at == later(minutes=180)
    assert ticket.clocks.filter(kind="next_response").count() == 1


def test_each_further_wait_has_a_clock_of_its_own() -> None:
    ticket = case()
    for hour in (1, 3, 5):
        answered(ticket, later(hours=hour))
        says("kim", "还是不行", at=later(hours=hour + 1))

    starts = ticket.clocks.filter(kind="next_response").values_list("started_at", flat=True)

    assert sorted(starts) == [later(hours=2), later(hours=4), later(hours=6)]


def test_resolved_case_has_no_clock_and_a_reopened_one_has_it_back_without_the_rest() -> None:
    ticket = case()
    answered(ticket, later(minutes=30), then="closed")
    assert running(ticket) == set()
    assert standing(ticket).due_at is None

    lifecycle.reopen(ticket=ticket, by=ada(), now=later(hours=10, minutes=30))

    assert clock(ticket, "resolution").due_at == later(hours=34)
    assert clock(ticket, "resolution").met_at is None


def test_clock_stands_still_while_the_customer_is_asked() -> None:
    ticket = case()
    lifecycle.wait_for_customer(ticket=ticket, by=ada(), now=later(minutes=30))
    assert standing(ticket).due_at is None

    says("kim", "补充", at=later(hours=5))

    assert clock(ticket, "first_response").due_at == later(hours=5, minutes=30)
    assert clock(ticket, "resolution").due_at == later(hours=28, minutes=30)


def test_putting_a_case_off_stops_the_solution_and_not_the_answer() -> None:
    ticket = case()
    lifecycle.snooze(ticket=ticket, until=later(hours=4), by=ada(), now=later(minutes=30))

    assert standing(ticket).due_at == later(minutes=60)
    assert clock(ticket, "resolution").due_at is None


def test_promised_call_moves_the_answer_to_its_time() -> None:
    ticket = case()
    says("kim", "我等你们电话", at=later(minutes=30), call_back_at=later(hours=4))
    assert standing(ticket).due_at is None

    lifecycle.wake_due(now=later(hours=4))

    assert standing(ticket).due_at == later(hours=4, minutes=30)


def test_what_was_late_before_it_was_put_aside_stays_late() -> None:
    ticket = case()

    lifecycle.wait_for_customer(ticket=ticket, by=ada(), now=later(hours=2))

    assert standing(ticket).due_at == later(hours=1)


def test_plan_of_the_customer_decides() -> None:
    promise("Enterprise", plan="enterprise", first_response_minutes=10)
    ticket = case()
    answered(ticket, later(minutes=5), then="closed")
    Contact.objects.filter(pk=ticket.contact_id).update(plan="enterprise")

    fresh = case("kim", "发票抬头怎么改", thread="another")

    assert fresh.pk != ticket.pk
    assert clock(fresh, "first_response").due_at == later(minutes=10)


def test_raised_priority_moves_the_clock() -> None:
    promise("Urgent", priority="urgent", first_response_minutes=15)
    ticket = case()

    lifecycle.set_priority(ticket=ticket, priority="urgent", by=ada(), now=later(minutes=5))

    assert standing(ticket).due_at == later(minutes=15)


def test_policy_without_minutes_runs_no_clock() -> None:
    only_promise(next_response_minutes=None, resolution_minutes=None)
    ticket = case()

    answered(ticket, later(minutes=5))
    says("kim", "还是不行", at=later(minutes=10))

    assert running(ticket) == set()


def test_desk_without_policies_takes_cases_without_clocks() -> None:
    ServicePolicy.objects.all().delete()

    ticket = case()

    assert not ticket.clocks.exists()
    assert ticket.due_at is None


def test_claim_has_a_first_response_of_its_own_and_leaves_the_owners_clock_alone() -> None:
    ticket = case()
    answered(ticket, later(minutes=5))

    claim = claim_on(ticket, at=later(minutes=30))

    of_claim = Clock.objects.get(conversation=claim)
    assert of_claim.kind == "first_response"
    assert of_claim.due_at == later(minutes=90)
    assert standing(ticket).due_at == later(hours=24)


def test_answer_to_a_claim_meets_its_clock() -> None:
    ticket = case()
    claim = claim_on(ticket, at=later(minutes=30))

    replies.reply(conversation=claim, text="请稍等", by=ada(), now=later(minutes=40))

    assert Clock.objects.get(conversation=claim).met_at == later(minutes=40)
    assert "first_response" in running(ticket)


def test_verified_claim_hands_its_wait_to_the_case() -> None:
    ticket = case()
    answered(ticket, later(minutes=5))
    claim = claim_on(ticket, at=later(minutes=30))

    claims.verify(conversation=claim, by=ada(), now=later(minutes=60))

    assert not Clock.objects.filter(conversation=claim).exists()
    assert standing(ticket).due_at == later(minutes=150)


def test_rejected_claim_is_a_case_whose_first_answer_is_due_as_before() -> None:
    claim = claim_on(case(), at=later(minutes=30))

    fresh = claims.reject(conversation=claim, by=ada(), now=later(minutes=60))

    assert standing(fresh).due_at == later(minutes=90)
    assert not Clock.objects.filter(conversation=claim).exists()


def test_account_manager_gets_the_case_on_arrival() -> None:
    bea = agent("bea")
    closed = case()
    answered(closed, later(minutes=5), then="closed")
    Contact.objects.filter(pk=closed.contact_id).update(account_manager=bea)

    fresh = case("kim", "发票抬头怎么改", thread="another")

    assert fresh.assignee == bea
    told = fresh.history.get(code="assigned")
    assert (told.actor_kind, told.data["after"]) == ("rule", bea.pk)


def test_account_manager_who_left_gets_nothing() -> None:
    closed = case()
    answered(closed, later(minutes=5), then="closed")
    gone = agent("bea", is_active=False)
    Contact.objects.filter(pk=closed.contact_id).update(account_manager=gone)

    assert case("kim", "发票抬头怎么改", thread="another").assignee is None
