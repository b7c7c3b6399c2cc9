"""A number that a door has given out leads to its case, however late the first message is read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels_ingest.models import Envelope
from channels_ingest.store import store
from tests.channels_ingest.doors import NOON, drain, obedient_channel, raw
from tickets.actions import numbers
from tickets.case_numbers import format_number
from tickets.models import Conversation, Message, Ticket

pytestmark = pytest.mark.django_db


def promised(*quoting: str) -> str:
    """A message with a promised number, held up behind a killed worker, and others quoting it.

    `quoting` are lanes; each lane has a message with the number and one more behind it.
    """
    channel, number = obedient_channel(), numbers.reserve(1)[0]
    first = replace(raw("first", "收不到邮件", lane="kim"), reserved_number=number)
    written = [first]
    for lane in quoting:
        written.append(raw(f"{lane}-1", f"案号 {format_number(number)}", lane=lane))
        written.append(raw(f"{lane}-2", "补充一下", lane=lane))
    store(channel=channel, envelopes=written, now=NOON)
    Envelope.objects.filter(key="first").update(attempts=1, retry_at=NOON + timedelta(seconds=5))
    return number


def states() -> list[str]:
    return list(Envelope.objects.order_by("pk").values_list("state", flat=True))


def test_message_that_quotes_a_promised_number_waits_for_it_and_its_lane_with_it() -> None:
    promised("lin")

    drain(NOON)

    assert states() == ["new", "new", "new"]
    assert set(Envelope.objects.filter(lane="lin").values_list("attempts", flat=True)) == {0}
    assert Ticket.objects.count() == 0


def test_it_joins_the_case_once_that_is_there() -> None:
    number = promised("lin", "wu")
    drain(NOON)

    drain(NOON + timedelta(seconds=6))
    drain(NOON + timedelta(seconds=8))

    assert states() == ["processed"] * 5
    assert Ticket.objects.get().number == number
    assert Conversation.objects.filter(claim="pending").count() == 2
    assert Message.objects.filter(decision__rule="unknown_number").count() == 0


def test_promise_that_is_given_up_holds_nobody_up() -> None:
    promised("lin")
    Envelope.objects.filter(key="first").update(state="dead", processed_at=NOON, retry_at=None)

    drain(NOON)

    assert states() == ["dead", "processed", "processed"]
    assert Message.objects.filter(decision__rule="unknown_number").count() == 1
