"""The chat's connector: envelopes that repeat exactly, and what is read out of them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from channels_ingest.connectors.chat import (
    Chat,
    Guest,
    message_envelope,
)
from channels_ingest.own_page import PageFile, read_envelope
from tests.channels_ingest.account import NOON
from tests.channels_ingest.contract import SendContract, Trouble, stored
from tickets.interchange import IncomingMessage, Receipt, Sent

THREAD = "v-0d2a4b0cfb6a4f2e9a3f0c1d2e3f4a5b"
KIM = Guest(
    thread="user:kim",
    sub="kim",
    name="Kim",
    email="kim@mail.example",
    email_verified=True,
    plan="enterprise",
    facts=(("account", "A-17"),),
)


def written(**changes: Any) -> Any:
    values = {
        "guest": Guest(THREAD),
        "client_id": "c-00000001",
        "text": "My mail comes back.",
        "files": [PageFile("error.png", "image/png", 2048, "ab" * 32)],
        "language": "en",
    }
    return message_envelope(**{**values, **changes})


class TestChat(SendContract):
    connector = Chat

    def settings(self) -> Chat.Settings:
        return Chat.Settings(
            brand="Blue Plane Mail", secret="secret-one", previous_secret="secret-zero"
        )

    def ordinary(self) -> Any:
        return stored(written())

    def unknown(self) -> Any:
        return replace(self.ordinary(), body=b'{"type":"poke"}')

    def send(self, trouble: Trouble | None = None) -> Sent:
        return self.connect().send(self.outgoing())

    # Sending calls nobody, so none of the contract's troubles can happen here. Only pytest need
    # know: to mypy a method cannot cease to be one.
    if not TYPE_CHECKING:
        test_unreachable_vendor_is_a_temporary_failure = None
        test_answer_that_never_comes_leaves_the_outcome_unknown = None
        test_broken_vendor_leaves_the_outcome_unknown = None
        test_vendor_that_asks_to_slow_down_is_asked_again_when_it_said = None
        test_refused_message_is_a_permanent_failure = None
        test_failure_has_a_code_and_keeps_secrets = None

    def message(self, envelope: Any) -> IncomingMessage:
        (item,) = self.connect().parse(stored(envelope))
        assert isinstance(item, IncomingMessage)
        return item

    def test_reply_is_delivered_at_once_and_under_one_name_however_often_it_is_sent(self) -> None:
        first, again = self.send(), self.send()

        assert first == again == Sent("reply:d-1001", state="delivered")

    def test_message_is_named_by_its_thread_and_the_browsers_own_id(self) -> None:
        message = self.message(written())

        assert message.external_id == f"{THREAD}:c-00000001"
        assert (message.thread, message.text, message.language) == (
            THREAD,
            "My mail comes back.",
            "en",
        )
        assert message.files[0].sha256 == "ab" * 32
        assert message.sent_at == NOON

    def test_whoever_holds_the_browsers_token_is_vouched_for_by_nobody(self) -> None:
        sender = self.message(written()).sender

        assert (sender.external_id, sender.address, sender.address_verified) == (THREAD, "", False)
        assert (sender.plan, sender.facts, sender.vouched) == ("", (), "")

    def test_signed_in_user_brings_name_proven_address_plan_and_account(self) -> None:
        sender = self.message(written(guest=KIM)).sender

        assert (sender.external_id, sender.name) == ("user:kim", "Kim")
        assert (sender.address, sender.address_verified) == ("kim@mail.example", True)
        assert (sender.plan, sender.facts) == ("enterprise", (("account", "A-17"),))

    def test_receipt_names_the_reply(self) -> None:
        (item,) = self.connect().parse(stored(read_envelope(thread=THREAD, reply="reply:1")))

        assert item == Receipt("reply:1", "read", NOON)

    @pytest.mark.parametrize(
        "body",
        [
            b'{"type":"message"}',
            b'{"type":"message","guest":{"thread":""}}',
            b'{"type":"message","guest":{"thread":"v","facts":[1]}}',
            b'{"type":"message","guest":{"thread":"v"},"files":[{"size":"1"}]}',
            b'{"type":"read"}',
        ],
    )
    def test_nonsense_is_a_value_error(self, body: bytes) -> None:
        with pytest.raises(ValueError, match=r"needs|must be"):
            self.connect().parse(replace(self.ordinary(), body=body))
