"""Deliveries in doubt: nobody knows whether the vendor got the message."""

from uuid import UUID

import pytest

from channels_ingest.connectors.base import OutcomeUnknown, TemporaryFailure
from tests.channels_ingest.desk import Desk, again, outcomes
from tests.channels_ingest.doors import Obedient
from tickets.actions import deliveries
from tickets.interchange import Sent
from tickets.models import Channel, History

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("failure", [OutcomeUnknown("timeout"), RuntimeError("bug")])
def test_unknown_outcome_is_never_resent_blindly(failure: Exception) -> None:
    desk = Desk(resend="never")
    Obedient.outcomes.append(failure)
    delivery = desk.answers()

    desk.delivers()

    assert again(delivery).state == "unknown"
    assert desk.delivers(days=1) == 0
    assert len(Obedient.sent) == 1
    assert History.objects.filter(code="delivery_unknown").count() == 1


def test_unknown_outcome_is_repeated_with_the_same_key_where_that_is_harmless() -> None:
    desk = Desk(resend="idempotent")
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    delivery = desk.answers()

    desk.delivers()
    desk.delivers(minutes=1)

    assert {UUID(each.delivery_id) for each in Obedient.sent} == {delivery.key}
    assert again(delivery).state == "sent"
    assert outcomes(delivery) == ["unknown", "sent"]


def test_doubt_remains_where_every_repetition_ends_in_doubt() -> None:
    desk = Desk(resend="idempotent")
    Obedient.outcomes += [OutcomeUnknown("timeout")] * 3
    delivery = desk.answers()

    for minutes in (0, 1, 5, 60):
        desk.delivers(minutes=minutes)

    assert again(delivery).state == "unknown"
    assert outcomes(delivery) == ["unknown"] * 3


def test_vendor_that_can_be_asked_is_asked_and_it_had_arrived() -> None:
    desk = Desk(resend="lookup")
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    Obedient.looked_up.append(Sent("found"))
    delivery = desk.answers()

    desk.delivers()

    assert (again(delivery).state, again(delivery).external_id) == ("sent", "found")
    assert len(Obedient.sent) == 1


def test_vendor_that_can_be_asked_is_asked_and_it_had_not_arrived() -> None:
    desk = Desk(resend="lookup")
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    Obedient.looked_up.append(None)
    delivery = desk.answers()

    desk.delivers()
    desk.delivers(minutes=1)

    assert again(delivery).state == "sent"
    assert outcomes(delivery) == ["retry", "sent"]


def test_vendor_that_does_not_answer_is_asked_again_and_then_a_person_decides() -> None:
    desk = Desk(resend="lookup")
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    Obedient.looked_up += [TemporaryFailure("unreachable")] * 3
    delivery = desk.answers()

    desk.delivers()
    at_first = again(delivery).state
    desk.delivers(minutes=2)
    later = again(delivery).state
    desk.delivers(hours=2)

    assert (at_first, later) == ("started", "started")
    assert again(delivery).state == "unknown"
    assert len(Obedient.sent) == 1


@pytest.mark.parametrize(
    ("resend", "state", "calls"), [("never", "unknown", 0), ("idempotent", "sent", 1)]
)
def test_attempt_whose_worker_died_is_settled_as_its_channel_allows(
    resend: str, state: str, calls: int
) -> None:
    desk = Desk(resend=resend)
    delivery = desk.answers()
    deliveries.claim(channels=Channel.objects.all(), now=desk.now)

    within_lease = desk.delivers(seconds=89)
    desk.delivers(seconds=2)
    desk.delivers(minutes=1)

    assert within_lease == 0
    assert again(delivery).state == state
    assert len(Obedient.sent) == calls


def test_result_of_a_lost_lease_is_discarded() -> None:
    desk = Desk(resend="idempotent")
    delivery = desk.answers()
    lost = deliveries.claim(channels=Channel.objects.all(), now=desk.now)
    desk.delivers(seconds=91)
    desk.delivers(minutes=1)
    assert lost is not None

    recorded = deliveries.record_failed(delivery=lost, error={"code": "late"}, now=desk.now)

    assert not recorded
    assert again(delivery).state == "sent"


def test_reply_in_doubt_holds_up_its_conversation_only() -> None:
    desk = Desk(customers=2)
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    desk.answers("one")
    held = desk.answers("two")
    desk.answers("elsewhere", customer=1)

    desk.delivers()

    assert [each.text for each in Obedient.sent] == ["one", "elsewhere"]
    assert again(held).state == "queued"


def test_automatic_message_in_doubt_does_not_hold_up_a_person() -> None:
    desk = Desk()
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    automatic = desk.answers("number", automatic=True)
    desk.answers("person")

    desk.delivers()

    assert again(automatic).state == "unknown"
    assert [each.text for each in Obedient.sent] == ["number", "person"]


def test_person_confirms_that_a_reply_in_doubt_arrived_and_the_next_goes_out() -> None:
    desk = Desk()
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    doubtful = desk.answers("one")
    desk.answers("two")
    desk.delivers()

    deliveries.confirm(delivery=doubtful, by=desk.by, now=desk.now)
    desk.delivers()

    assert again(doubtful).state == "sent"
    assert [each.text for each in Obedient.sent] == ["one", "two"]
    assert History.objects.get(code="delivery_confirmed").actor_user == desk.ada


def test_person_sends_a_reply_in_doubt_again() -> None:
    desk = Desk()
    Obedient.outcomes.append(OutcomeUnknown("timeout"))
    delivery = desk.answers()
    desk.delivers()

    deliveries.resend(delivery=delivery, by=desk.by, now=desk.now)
    desk.delivers()

    assert again(delivery).state == "sent"
    assert outcomes(delivery) == ["unknown", "sent"]
