"""A customer in no hurry moves the clock of the answer, and nothing else."""

import pytest

from tests.tickets.cast import (
    ada,
    case,
    claim_on,
    codes,
    later,
    only_conversation,
    says,
    standing,
)
from tests.tickets.clocks.promising import clock, only_promise
from tickets.actions import merging, replies, undoing
from tickets.models import Clock, History, ServiceCalendar, Team, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain() -> None:
    """An hour to the first answer, two to each further one, a day to the solution."""
    only_promise()


def answered(ticket: Ticket, at_minutes: int) -> None:
    replies.reply(
        conversation=only_conversation(ticket),
        text="请稍等",
        by=ada(),
        now=later(minutes=at_minutes),
    )


def test_first_answer_is_due_from_the_time_that_the_customer_chose() -> None:
    ticket = case(answer_after=later(hours=2))

    assert standing(ticket).answer_after == later(hours=2)
    assert clock(ticket, "first_response").due_at == later(hours=3)
    assert clock(ticket, "first_response").warn_at == later(hours=2, minutes=45)
    assert clock(ticket, "resolution").due_at == later(hours=24)


def test_history_says_who_chose_it_and_until_when() -> None:
    ticket = case(answer_after=later(hours=2))

    row = History.objects.get(ticket=ticket, code="answer_after")
    assert row.data == {"until": later(hours=2).isoformat()}
    assert row.actor_kind == "contact"


def test_time_that_is_over_moves_nothing() -> None:
    ticket = case(answer_after=later(minutes=-1))

    assert standing(ticket).answer_after is None
    assert "answer_after" not in codes(ticket)
    assert clock(ticket, "first_response").due_at == later(hours=1)


def test_time_outside_hours_counts_from_the_next_opening() -> None:
    calendar = ServiceCalendar.objects.create(
        name="Office", time_zone="UTC", week=["9:00-18:00"] * 5 + ["", ""]
    )
    only_promise(calendar=calendar, first_response_minutes=60)

    ticket = case(answer_after=later(hours=8))  # eight in the evening of a Monday

    assert clock(ticket, "first_response").due_at == later(hours=22)


def test_answer_that_came_earlier_ends_the_choice() -> None:
    ticket = case(answer_after=later(hours=5))
    answered(ticket, 20)

    says("kim", "还是不行", at=later(minutes=30))

    assert clock(ticket, "first_response").met_at == later(minutes=20)
    assert clock(ticket, "next_response").due_at == later(minutes=150)


def test_choice_made_later_keeps_what_has_passed() -> None:
    ticket = case()

    says("kim", "不着急", at=later(minutes=40), answer_after=later(hours=5))

    assert clock(ticket, "first_response").due_at == later(hours=5, minutes=20)


def test_last_choice_counts() -> None:
    ticket = case(answer_after=later(hours=5))

    says("kim", "早一点也行", at=later(minutes=0), answer_after=later(hours=2))

    assert clock(ticket, "first_response").due_at == later(hours=3)


def test_next_answer_may_be_put_off_too() -> None:
    ticket = case()
    answered(ticket, 20)

    says("kim", "不着急", at=later(minutes=30), answer_after=later(hours=4))

    assert clock(ticket, "next_response").due_at == later(hours=6)


def test_claim_moves_no_clock_of_the_owner() -> None:
    ticket = case()

    claim_on(ticket, answer_after=later(hours=9))

    assert standing(ticket).answer_after is None
    assert clock(ticket, "first_response").due_at == later(hours=1)


def test_choice_stays_with_its_case_through_merge_and_undo() -> None:
    ticket = case(answer_after=later(hours=2))
    other = case("lo", "附件传不上去")
    move = merging.merge(source=ticket, target=other, by=ada(), now=later(minutes=5))
    assert clock(ticket, "first_response").due_at == later(hours=3)
    assert standing(other).due_at == later(hours=1)

    undoing.undo(move=move, by=ada(), now=later(minutes=10))

    assert standing(ticket).due_at == later(hours=3)
    assert Clock.objects.filter(ticket=other, kind="first_response").get().due_at == later(hours=1)


def test_door_chooses_category_and_line_of_a_case_that_it_opens() -> None:
    team = Team.objects.create(slug="api", name="API")

    ticket = case(category="api_integration", line="api")
    other = case("lo", category="nonsense", line="nobody")

    assert (standing(ticket).category, standing(ticket).team) == ("api_integration", team)
    assert {"category_set", "moved_to_team"} <= set(codes(ticket))
    assert (standing(other).category, standing(other).team) == ("", None)
