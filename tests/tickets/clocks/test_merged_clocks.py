"""Clocks survive merge and undo, and go where their conversations go."""

from datetime import datetime

import pytest

from tests.tickets.cast import (
    ada,
    case,
    claim_on,
    later,
    only_conversation,
    printed,
    says,
    standing,
)
from tests.tickets.clocks.promising import clock, only_promise, promise, running
from tickets.actions import lifecycle, merging, replies, splitting, undoing
from tickets.actions.clocks.renewing import mark_stale, renew_stale
from tickets.models import Clock, Contact, Move, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain() -> None:
    """An hour to the first answer, two to each further one, a day to the solution."""
    only_promise()


def answered(ticket: Ticket, who: str = "", **at: float) -> None:
    conversation = only_conversation(ticket, who)
    replies.reply(conversation=conversation, text="请稍等", by=ada(), now=later(**at))


def merged(source: Ticket, target: Ticket, **at: float) -> Move:
    return merging.merge(source=source, target=target, by=ada(), now=later(**at))


def clocks(ticket: Ticket) -> list[tuple[str, datetime, datetime | None, datetime | None]]:
    rows = Clock.objects.filter(ticket=ticket).order_by("kind", "started_at")
    return list(rows.values_list("kind", "started_at", "due_at", "met_at"))


def due(ticket: Ticket) -> datetime | None:
    return standing(ticket).due_at


def test_survivor_takes_the_earlier_due_of_the_merged_case() -> None:
    source = case("kim")
    target = case("lin", "附件传不上去", at=later(minutes=20))

    merged(source, target, minutes=30)

    assert due(target) == later(minutes=60)


def test_survivor_keeps_its_own_due_where_that_is_earlier() -> None:
    target = case("lin", "附件传不上去")
    source = case("kim", at=later(minutes=20))

    merged(source, target, minutes=30)

    assert due(target) == later(minutes=60)


def test_merging_neither_shortens_nor_forgets_a_promise() -> None:
    target = case("lin", "附件传不上去")
    answered(target, minutes=5)
    source = case("kim", at=later(minutes=10))

    merged(source, target, minutes=30)

    assert due(target) == later(minutes=70)
    assert running(target) == {"resolution"}


def test_plan_of_the_merged_customer_still_counts() -> None:
    promise("Enterprise", plan="enterprise", first_response_minutes=30)
    source = case("kim", at=later(minutes=10))
    Contact.objects.filter(pk=source.contact_id).update(plan="enterprise")
    target = case("lin", "附件传不上去")

    merged(source, target, minutes=30)

    assert due(target) == later(minutes=40)


def test_answer_after_the_merge_meets_the_clocks_of_both() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    merged(source, target, minutes=10)

    answered(target, "lin", minutes=20)

    assert clock(source, "first_response").met_at == later(minutes=20)
    assert clock(target, "first_response").met_at == later(minutes=20)


def test_solution_of_the_survivor_ends_both() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    merged(source, target, minutes=10)

    lifecycle.resolve(ticket=target, by=ada(), now=later(minutes=20))

    assert running(source) == running(target) == set()


def test_survivor_that_waits_for_the_customer_pauses_the_merged_clock() -> None:
    source = case("kim")
    target = case("lin", "附件传不上去", at=later(minutes=10))
    merged(source, target, minutes=20)
    lifecycle.wait_for_customer(ticket=target, by=ada(), now=later(minutes=30))

    says("kim", "补充", at=later(minutes=90))

    assert due(target) == later(minutes=120)


def test_undo_restores_every_clock_exactly() -> None:
    source, target = case("kim"), case("lin", "附件传不上去", at=later(minutes=10))
    answered(target, minutes=15)
    says("lin", "还是不行", at=later(minutes=20))
    before = clocks(source), clocks(target), due(source), due(target)
    move = merged(source, target, minutes=30)

    undoing.undo(move=move, by=ada(), now=later(minutes=45))

    assert (clocks(source), clocks(target), due(source), due(target)) == before


def test_undo_restores_clocks_that_an_answer_to_the_other_customer_had_met() -> None:
    source, target = case("kim"), case("lin", "附件传不上去", at=later(minutes=10))
    before = clocks(source)
    move = merged(source, target, minutes=30)
    answered(target, "lin", minutes=40)

    undoing.undo(move=move, by=ada(), now=later(minutes=45))

    assert clocks(source) == before
    assert clock(target, "first_response").met_at == later(minutes=40)
    assert running(target) == {"resolution"}


def test_answer_to_the_merged_customer_stays_theirs_after_undo() -> None:
    source, target = case("kim"), case("lin", "附件传不上去", at=later(minutes=10))
    before = clocks(target)
    move = merged(source, target, minutes=30)
    answered(target, "kim", minutes=40)

    undoing.undo(move=move, by=ada(), now=later(minutes=45))

    assert clock(source, "first_response").met_at == later(minutes=40)
    assert clocks(target) == before


def test_wait_that_began_after_the_merge_goes_home_with_its_conversation() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target, minutes=10)
    answered(target, "kim", minutes=20)
    answered(target, "lin", minutes=21)
    says("kim", "还是不行", at=later(minutes=30))
    assert clock(target, "next_response").due_at == later(minutes=150)

    undoing.undo(move=move, by=ada(), now=later(minutes=45))

    assert clock(source, "next_response").due_at == later(minutes=150)
    assert not target.clocks.filter(kind="next_response").exists()
    assert due(source) == later(minutes=150)


def test_case_that_waited_for_its_customer_waits_again_after_undo() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    lifecycle.wait_for_customer(ticket=source, by=ada(), now=later(minutes=30))
    before = clocks(source)
    move = merged(source, target, minutes=40)

    undoing.undo(move=move, by=ada(), now=later(minutes=50))

    assert clocks(source) == before
    assert due(source) is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_chain_of_merges_carries_the_first_clock_and_gives_it_back(order: tuple[int, int]) -> None:
    tickets = [
        case(who, text, at=later(minutes=10 * n))
        for n, (who, text) in enumerate([("a", "收不到邮件"), ("b", "附件传不上去"), ("c", "发票")])
    ]
    before = [clocks(ticket) for ticket in tickets]
    a, b, c = tickets
    moves = [merged(a, b, minutes=30), merged(b, c, minutes=35)]
    assert due(c) == later(minutes=60)

    for index in order:
        undoing.undo(move=moves[index], by=ada(), now=later(minutes=45))

    assert [clocks(ticket) for ticket in tickets] == before


def test_clock_of_a_claim_goes_home_with_it_and_stays_there() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target, minutes=10)
    claim = claim_on(source, at=later(minutes=20))
    undoing.undo(move=move, by=ada(), now=later(minutes=30))

    for ticket in (source, target):
        lifecycle.set_priority(ticket=ticket, priority="high", by=ada(), now=later(minutes=35))

    (row,) = Clock.objects.filter(conversation=claim)
    assert (row.due_at, row.met_at) == (later(minutes=80), None)


def test_working_everything_out_again_changes_nothing() -> None:
    tickets = [case(who, text) for who, text in (("a", "收不到邮件"), ("b", "附件传不上去"))]
    source, target = tickets
    lifecycle.wait_for_customer(ticket=source, by=ada(), now=later(minutes=10))
    says("a", "补充", at=later(minutes=50))
    answered(target, minutes=20)
    lifecycle.snooze(ticket=target, until=later(hours=2), by=ada(), now=later(minutes=25))
    merged(source, target, minutes=55)
    says("b", "还是不行", at=later(minutes=58))
    before = [clocks(ticket) for ticket in tickets], due(target), standing(target).version

    mark_stale()
    renew_stale(now=later(hours=9))

    assert not standing(target).clocks_stale
    now = [clocks(ticket) for ticket in tickets], due(target), standing(target).version
    assert now == before


def test_split_conversation_takes_its_wait_along() -> None:
    ticket = case("kim", at=later())
    joined = case("lin", "附件传不上去", at=later(minutes=10))
    merged(joined, ticket, minutes=15)
    answered(ticket, "kim", minutes=20)
    says("lin", "还是不行", at=later(minutes=30))
    conversation = only_conversation(ticket, "lin")

    fresh = splitting.split(conversation=conversation, by=ada(), now=later(minutes=40))

    assert due(fresh) == later(minutes=70)
    assert not ticket.clocks.filter(kind="next_response", met_at__isnull=True).exists()


def test_split_that_is_undone_leaves_no_second_clock() -> None:
    ticket = case("kim")
    joined = case("lin", "附件传不上去", at=later(minutes=10))
    merged(joined, ticket, minutes=15)
    before = due(ticket)
    fresh = splitting.split(
        conversation=only_conversation(ticket, "lin"), by=ada(), now=later(minutes=40)
    )
    move = Move.objects.get(target=fresh, kind="split")

    undoing.undo(move=move, by=ada(), now=later(minutes=45))

    assert due(ticket) == before
    assert not fresh.clocks.filter(due_at__isnull=False).exists()


def test_fresh_case_of_a_mistyped_number_leaves_its_clocks_behind() -> None:
    ticket = case("kim")
    answered(ticket, minutes=5)
    wrong = ticket.number[:-2] + f"{(int(ticket.number[-2:]) + 1) % 100:02}"
    fresh = case("kim", f"案号 {wrong[:4]}-{wrong[4:8]}-{wrong[8:]} 有进展吗", thread="b")
    assert fresh.pk != ticket.pk

    says("kim", f"打错了，是 {printed(ticket)}", thread="b", at=later(minutes=12))

    assert standing(fresh).merged_into == ticket
    assert due(ticket) == later(minutes=132)
