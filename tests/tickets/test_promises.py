"""Promises: proposed by an answer, confirmed, warned of, kept or broken, and never left behind."""

from datetime import datetime, timedelta

import pytest

from tests.tickets.cast import NOON, ada, agent, bea, case, codes, later, only_conversation
from tickets.actions import composing, merging, promises, undoing
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.models import Message, Notification, Promise, Ticket
from tickets.queries.promises import OWED, tally

pytestmark = pytest.mark.django_db


def owed_by_ticket(tickets: list[Ticket]) -> dict[int, datetime]:
    """When the next promise of each case is due."""
    owed = Promise.objects.filter(OWED, conversation__ticket__in=tickets).order_by("-due_at")
    return dict(owed.values_list("conversation__ticket", "due_at"))


def answer(ticket: Ticket, text: str, *, at: datetime) -> Message:
    return reply(conversation=only_conversation(ticket), text=text, by=ada(), now=at)


def promised(ticket: Ticket) -> Promise:
    answer(ticket, "日志收到，10 分钟内给您结果。", at=later(minutes=5))
    row = Promise.objects.get()
    promises.confirm(promise=row, by=ada(), now=later(minutes=5))
    return Promise.objects.get()


def test_answer_that_gives_a_time_proposes_a_promise() -> None:
    answer(case(), "日志收到，10 分钟内给您结果。", at=later(minutes=5))

    row = Promise.objects.get()
    assert (row.state, row.words) == ("proposed", "10 分钟内给您结果")
    assert row.due_at == later(minutes=15)
    assert row.by == agent("ada")


def test_answer_without_a_time_proposes_nothing() -> None:
    answer(case(), "好的，我们会尽快处理。", at=later(minutes=5))

    assert not Promise.objects.exists()


def test_confirmed_promise_is_owed_and_stands_in_history() -> None:
    ticket = case()

    row = promised(ticket)

    assert row.state == "open"
    assert owed_by_ticket([ticket]) == {ticket.pk: later(minutes=15)}
    assert "promise_made" in codes(ticket)


def test_its_author_may_give_another_time() -> None:
    ticket = case()
    row = promised(ticket)

    promises.confirm(promise=row, by=ada(), now=later(minutes=6), due_at=later(minutes=30))

    assert owed_by_ticket([ticket]) == {ticket.pk: later(minutes=30)}
    assert "promise_moved" in codes(ticket)
    with pytest.raises(Refused, match="past"):
        promises.confirm(promise=row, by=ada(), now=later(minutes=40), due_at=NOON)


def test_answer_in_time_keeps_it() -> None:
    ticket = case()
    promised(ticket)

    answer(ticket, "查到了，请重新登录一次。", at=later(minutes=14))

    assert Promise.objects.get().state == "kept"
    assert owed_by_ticket([ticket]) == {}
    assert tally(start=NOON, end=later(hours=1)).kept == 1


def test_it_is_warned_of_once_and_broken_when_nobody_answers() -> None:
    ticket = case()
    promised(ticket)

    told = [promises.tell_due(now=later(minutes=n)) for n in (10, 13, 14, 16, 17)]

    assert told == [0, 1, 0, 1, 0]
    assert Promise.objects.get().state == "broken"
    kinds = Notification.objects.filter(user=agent("ada")).order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["promise_soon", "promise_broken"]
    assert tally(start=NOON, end=later(hours=1), by=agent("ada")).broken == 1


def test_broken_promise_is_owed_until_somebody_answers() -> None:
    ticket = case()
    promised(ticket)
    promises.tell_due(now=later(minutes=16))
    assert owed_by_ticket([ticket])

    answer(ticket, "让您久等了，已经换好。", at=later(minutes=20))

    assert Promise.objects.get().state == "broken"
    assert owed_by_ticket([ticket]) == {}


def test_late_answer_before_the_sweep_breaks_it_all_the_same() -> None:
    ticket = case()
    promised(ticket)

    answer(ticket, "让您久等了，已经换好。", at=later(minutes=20))

    assert Promise.objects.get().state == "broken"
    assert "promise_broken" in codes(ticket)


def test_promise_confirmed_after_the_next_answer_counts_as_kept() -> None:
    ticket = case()
    answer(ticket, "10 分钟内给您结果。", at=later(minutes=5))
    answer(ticket, "查到了。", at=later(minutes=8))

    promises.confirm(promise=Promise.objects.get(), by=ada(), now=later(minutes=9))

    assert Promise.objects.get().state == "kept"


def test_answer_that_is_taken_back_has_kept_nothing() -> None:
    ticket = case()
    promised(ticket)
    at = later(minutes=8)
    message = composing.send(
        conversation=only_conversation(ticket),
        text="查到了，请重新登录一次。",
        by=ada(),
        now=at,
        hold_until=at + timedelta(seconds=10),
    )
    assert Promise.objects.get().state == "kept"

    composing.take_back(message=message, by=ada(), now=at + timedelta(seconds=5))

    assert Promise.objects.get().state == "open"
    assert owed_by_ticket([ticket]) == {ticket.pk: later(minutes=15)}


def test_what_was_no_promise_is_gone_without_a_trace_in_history() -> None:
    ticket = case()
    answer(ticket, "10 分钟内给您结果。", at=later(minutes=5))

    promises.withdraw(promise=Promise.objects.get(), by=ada(), now=later(minutes=6))

    assert Promise.objects.get().state == "withdrawn"
    assert "promise_withdrawn" not in codes(ticket)
    with pytest.raises(Refused, match="decided_already"):
        promises.withdraw(promise=Promise.objects.get(), by=ada(), now=later(minutes=6))


def test_promise_moves_with_its_conversation_and_comes_home_with_an_undo() -> None:
    one, other = case("kim"), case("lin", "邮箱登录不上")
    promised(one)

    move = merging.merge(source=one, target=other, by=bea(), now=later(minutes=6))
    assert owed_by_ticket([one, other]).keys() == {other.pk}

    undoing.undo(move=move, by=bea(), now=later(minutes=7))
    assert owed_by_ticket([one, other]).keys() == {one.pk}


def test_promise_is_kept_by_an_answer_on_the_case_that_took_it_in() -> None:
    one, other = case("kim"), case("lin", "邮箱登录不上")
    promised(one)
    merging.merge(source=one, target=other, by=bea(), now=later(minutes=6))
    theirs = other.conversations.order_by("pk").first()
    assert theirs is not None

    reply(conversation=theirs, text="换好了。", by=bea(), now=later(minutes=9))

    assert Promise.objects.get().state == "kept"
