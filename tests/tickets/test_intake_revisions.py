"""Edits, recalls and receipts change what is there, and only what is theirs to change."""

import pytest

from tests.tickets.arriving import message_of, note, sent, take
from tests.tickets.cast import NOON, later
from tickets.interchange import Receipt
from tickets.models import (
    DeliveryState,
    History,
    Message,
    Revision,
)

pytestmark = pytest.mark.django_db


# Edits and recalls


def test_edit_keeps_what_was_said_before() -> None:
    take(note("1", "old"))

    (landing,) = take(note("e1", "new", action="edit", target_id="1"), minutes=1)

    assert landing.outcome == "edited"
    assert message_of(landing).text == "new"
    assert Revision.objects.get().text == "old"
    assert History.objects.filter(code="message_edited").count() == 1


def test_edit_that_changes_nothing_is_a_repeat() -> None:
    take(note("1", "old"))

    (landing,) = take(note("e1", "old", action="edit", target_id="1"))

    assert landing.outcome == "duplicate"
    assert not Revision.objects.exists()


def test_edit_of_a_message_in_the_same_batch_finds_it() -> None:
    _, landing = take(note("1", "old"), note("e1", "new", action="edit", target_id="1"))

    assert landing.outcome == "edited"
    assert Message.objects.get().text == "new"


def test_edit_of_something_never_received_is_a_message() -> None:
    (landing,) = take(note("e1", "new", action="edit", target_id="1"))

    assert landing.outcome == "new"
    assert message_of(landing).external_id == "1"


def test_edit_by_somebody_else_leaves_the_message_alone() -> None:
    take(note("1", "old"))

    (landing,) = take(note("e1", "stolen", who="eve", action="edit", target_id="1"))

    assert (landing.outcome, landing.reason) == ("ignored", "edit_by_somebody_else")
    assert Message.objects.get().text == "old"


def test_message_that_comes_after_its_edit_is_a_repeat() -> None:
    take(note("e1", "new", action="edit", target_id="1"))

    (landing,) = take(note("1", "old"))

    assert landing.outcome == "duplicate"
    assert Message.objects.get().text == "new"


def test_message_that_comes_after_its_edit_in_one_batch_is_a_repeat() -> None:
    _, landing = take(note("e1", "new", action="edit", target_id="1"), note("1", "old"))

    assert landing.outcome == "duplicate"
    assert Message.objects.get().text == "new"


def test_recall_marks_the_message_once() -> None:
    take(note("1"))

    first, second = take(
        note("r1", "", action="recall", target_id="1"),
        note("r2", "", action="recall", target_id="1"),
        minutes=2,
    )

    assert (first.outcome, second.outcome) == ("recalled", "duplicate")
    assert message_of(first).recalled_at == later(minutes=2)


@pytest.mark.parametrize("who", ["kim", "eve"])
def test_recall_of_what_is_not_ones_own_or_not_here_is_ignored(who: str) -> None:
    take(note("1"))

    (landing,) = take(
        note("r", "", who=who, action="recall", target_id="1" if who == "eve" else "9")
    )

    assert (landing.outcome, landing.reason) == ("ignored", "recall_of_nothing_here")
    assert Message.objects.get().recalled_at is None


# Receipts


def test_receipts_move_a_delivery_forward_only() -> None:
    delivery = sent()

    outcomes = [
        landing.outcome
        for state in ("delivered", "read", "delivered", "read")
        for landing in take(Receipt("out-1", state, NOON))
    ]

    delivery.refresh_from_db()
    assert outcomes == ["receipt", "receipt", "duplicate", "duplicate"]
    assert delivery.state == DeliveryState.READ


def test_failure_after_all_is_recorded_with_its_reason() -> None:
    delivery = sent()

    take(Receipt("out-1", "failed", NOON, "mailbox full"))

    delivery.refresh_from_db()
    assert (delivery.state, delivery.error["detail"]) == (DeliveryState.FAILED, "mailbox full")
    assert History.objects.filter(code="delivery_failed").exists()


def test_receipt_for_nothing_of_ours_is_ignored() -> None:
    (landing,) = take(Receipt("nobody-knows", "read", NOON))

    assert (landing.outcome, landing.reason) == ("ignored", "receipt_for_nothing_of_ours")
