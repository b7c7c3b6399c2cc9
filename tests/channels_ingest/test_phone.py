"""The telephone: numbers as they are dialled, and calls that become messages."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels_ingest import api
from channels_ingest.connectors.base import RawEnvelope, StoredEnvelope
from channels_ingest.connectors.phone import BadNumber, Phone, call_envelope, normalised
from channels_ingest.models import Envelope
from tests.channels_ingest.account import NOON, LocalAccount
from tests.channels_ingest.contract import ConnectorContract, stored
from tests.channels_ingest.doors import drain
from tickets.actions.replies import ReplyRefused, reply
from tickets.actor import Actor
from tickets.interchange import IncomingMessage
from tickets.models import (
    Channel,
    Conversation,
    Delivery,
    Identity,
    IdentityStatus,
    Message,
    Ticket,
    User,
)


def call(**changes: Any) -> RawEnvelope:
    given: dict[str, Any] = {
        "form": "f-1",
        "caller": "+8613800138000",
        "name": "Wang",
        "lines": ["He cannot sign in.", "", "Case number: QM-4821-0937-10"],
        "language": "zh-hans",
        "reserved_number": "4821093710",
        "taken_by": 1,
    }
    return call_envelope(**{**given, **changes})


class TestPhone(ConnectorContract):
    connector = Phone

    def settings(self) -> Phone.Settings:
        return Phone.Settings()

    def ordinary(self) -> StoredEnvelope:
        return stored(call())

    def unknown(self) -> StoredEnvelope:
        return replace(self.ordinary(), body=b'{"type":"fax"}')


def heard(envelope: RawEnvelope) -> IncomingMessage:
    (item,) = Phone(LocalAccount(Phone.Settings())).parse(stored(envelope))
    assert isinstance(item, IncomingMessage)
    return item


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("0086 138 0013 8000", "+8613800138000"),
        ("010-6552 9988", "+861065529988"),
        ("(0755) 2688–1234", "+8675526881234"),
        ("400-820-8820", "+864008208820"),
        ("+81 90-1234-5678", "+819012345678"),
        ("8012", "8012"),
    ],
)
def test_number_is_kept_in_one_writing_however_it_is_typed(typed: str, kept: str) -> None:
    assert normalised(typed, country_code="86", trunk_prefix="0") == kept


def test_country_of_the_line_decides_about_national_numbers() -> None:
    assert normalised("(212) 555-1234", country_code="1", trunk_prefix="1") == "+12125551234"
    assert normalised("1 212 555 1234", country_code="1", trunk_prefix="1") == "+12125551234"
    assert normalised("06 1234 5678", country_code="39", trunk_prefix="") == "+390612345678"


@pytest.mark.parametrize("typed", ["", "+", "Wang", "138x0013", "+1234567890123456", "13800 转 12"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadNumber):
        normalised(typed, country_code="86", trunk_prefix="0")


def test_call_is_a_message_of_its_number_which_proves_nothing() -> None:
    message = heard(call())

    assert message.sender.external_id == message.sender.phone == "+8613800138000"
    assert (message.sender.name, message.sender.proven) == ("Wang", False)
    assert message.text == "He cannot sign in.\n\nCase number: QM-4821-0937-10"
    assert (message.thread, message.language) == ("+8613800138000", "zh-hans")
    assert message.reserved_number == "4821093710"


def test_callers_who_withhold_their_number_are_different_people() -> None:
    first, second = (heard(call(form=form, caller="")).sender for form in ("f-1", "f-2"))

    assert first.external_id != second.external_id
    assert first.phone == ""


def test_form_sent_twice_is_one_call_and_changed_it_is_another() -> None:
    assert call() == call()
    assert call().key != call(lines=["Something else."]).key


@pytest.fixture
def line(db: None) -> Channel:
    return api.create_channel(kind="phone", slug="phone", values={}, now=NOON).channel


def records(line: Channel, **changes: Any) -> str:
    given: dict[str, Any] = {
        "channel": line,
        "form": "f-1",
        "caller": "138 0013 8000",
        "name": "Wang",
        "notes": "He cannot sign in.",
        "case_number": "",
        "language": "zh-hans",
        "call_back_at": None,
        "taken_by": User.objects.get_or_create(email="ada@example.test", name="Ada")[0],
        "now": NOON,
    }
    return api.record_call(**{**given, **changes})


def test_call_is_only_stored_and_its_number_leads_to_the_case_later(line: Channel) -> None:
    number = records(line)
    before = Ticket.objects.count()

    drain(NOON)

    assert before == 0
    assert Ticket.objects.get().number == number
    identity = Identity.objects.get()
    assert (identity.external_id, identity.status) == (
        "+8613800138000",
        IdentityStatus.UNVERIFIED,
    )


def test_call_sent_twice_has_one_number(line: Channel) -> None:
    assert records(line) == records(line)
    assert Envelope.objects.count() == 1


def test_call_from_no_number_stores_nothing(line: Channel) -> None:
    with pytest.raises(BadNumber):
        records(line, caller="the man from yesterday")

    assert Envelope.objects.count() == 0


def test_number_quoted_from_a_known_telephone_joins_the_case(line: Channel) -> None:
    number = records(line)
    drain(NOON)

    records(line, form="f-2", notes="It is about this.", case_number=f"QM-{number}")
    drain(NOON + timedelta(days=3))

    assert Ticket.objects.count() == 1
    assert set(Conversation.objects.values_list("claim", flat=True)) == {""}


def test_number_quoted_from_an_unknown_telephone_is_a_claim(line: Channel) -> None:
    number = records(line)
    drain(NOON)

    claimed = records(line, form="f-2", caller="139 0013 9000", case_number=f"QM-{number}")
    drain(NOON)

    assert Ticket.objects.count() == 1
    claim = Conversation.objects.get(claim="pending")
    assert claim.claim_number == claimed
    assert claim.identity.external_id == "+8613900139000"


def test_appointment_stands_among_the_words(line: Channel) -> None:
    records(line, call_back_at=datetime.fromisoformat("2026-11-23T10:00:00+08:00"))
    drain(NOON)

    text = Message.objects.get().text
    assert text.startswith("He cannot sign in.\n\n")
    assert "10" in text.partition("2026")[2]


def test_nothing_can_be_sent_by_telephone(line: Channel) -> None:
    records(line)
    drain(NOON)
    ada = User.objects.get()

    with pytest.raises(ReplyRefused):
        reply(
            conversation=Conversation.objects.get(),
            text="We called.",
            by=Actor.of(ada),
            now=NOON,
        )
    assert Delivery.objects.count() == 0
