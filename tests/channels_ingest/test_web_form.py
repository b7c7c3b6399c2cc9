"""The web form's connector: envelopes that repeat exactly, and what is read out of them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from channels_ingest.connectors.base import RawEnvelope
from channels_ingest.connectors.web_form import (
    Person,
    Section,
    WebForm,
    message_envelope,
)
from channels_ingest.own_page import PageFile, read_envelope
from tests.channels_ingest.account import NOON
from tests.channels_ingest.contract import SendContract, Trouble, stored
from tickets.interchange import IncomingMessage, Receipt, Sent

THREAD = "0d2a4b0cfb6a4f2e9a3f0c1d2e3f4a5b"
SCREENSHOT = PageFile("error.png", "image/png", 2048, "ab" * 32)


def filled_in(**changes: Any) -> RawEnvelope:
    values: dict[str, Any] = {
        "form": THREAD,
        "thread": THREAD,
        "sections": [
            Section("", "Mail with attachments comes back."),
            Section("Steps:", "Write a mail\nAdd two files"),
            Section("Error message:", "554 DT:SPM"),
            Section("Case number:", ""),
        ],
        "files": [SCREENSHOT],
        "name": "Kim",
        "language": "en",
        "reserved_number": "4821093710",
    }
    return message_envelope(**{**values, **changes})


class TestWebForm(SendContract):
    connector = WebForm

    def settings(self) -> WebForm.Settings:
        return WebForm.Settings(
            brand="Blue Plane Mail", link_secret="link-1", link_previous_secret="link-0"
        )

    def ordinary(self) -> Any:
        return stored(filled_in())

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

    def message(self, envelope: RawEnvelope) -> IncomingMessage:
        (item,) = self.connect().parse(stored(envelope))
        assert isinstance(item, IncomingMessage)
        return item

    def test_reply_is_delivered_at_once_and_under_one_name_however_often_it_is_sent(self) -> None:
        first, again = self.send(), self.send()

        assert first == again == Sent("reply:d-1001", state="delivered")

    def test_parts_of_the_form_become_one_text_under_their_labels(self) -> None:
        message = self.message(filled_in())

        assert message.text == (
            "Mail with attachments comes back.\n\n"
            "Steps:\nWrite a mail\nAdd two files\n\n"
            "Error message: 554 DT:SPM"
        )

    def test_message_keeps_thread_number_language_and_time_of_arrival(self) -> None:
        message = self.message(filled_in())

        assert message.thread == THREAD
        assert message.reserved_number == "4821093710"
        assert message.language == "en"
        assert message.sent_at == NOON

    def test_file_is_named_by_its_hash_and_not_carried(self) -> None:
        (file,) = self.message(filled_in()).files

        assert (file.name, file.content_type) == ("error.png", "image/png")
        assert (file.sha256, file.size, file.data) == ("ab" * 32, 2048, None)

    def test_sender_is_whoever_holds_the_thread_and_no_typed_address(self) -> None:
        sender = self.message(filled_in(name="kim@mail.example")).sender

        assert sender.external_id == THREAD
        assert (sender.address, sender.address_verified) == ("", False)

    def test_sender_who_came_by_a_signed_link_is_that_person(self) -> None:
        person = Person("u-9", "Lin", "lin@mail.example", True, "+8613800138000", "pro")

        sender = self.message(filled_in(person=person, name="typed")).sender

        assert (sender.external_id, sender.name) == ("link:u-9", "Lin")
        assert (sender.address, sender.address_verified) == ("lin@mail.example", True)
        assert (sender.phone, sender.proven) == ("+8613800138000", True)

    def test_what_is_added_to_a_case_answers_its_first_message(self) -> None:
        first = filled_in()

        added = self.message(filled_in(form="another", answers=first.key))

        assert self.message(first).in_reply_to == ()
        assert added.in_reply_to == (first.key,)

    def test_second_press_of_the_button_is_the_same_envelope(self) -> None:
        assert filled_in() == filled_in()

    def test_same_words_in_another_form_are_another_message(self) -> None:
        assert filled_in(form="a").key != filled_in(form="b").key

    def test_changed_words_in_the_same_form_are_another_message_of_the_thread(self) -> None:
        first, changed = filled_in(), filled_in(sections=[Section("", "Something else.")])

        assert first.key != changed.key
        assert first.lane == changed.lane == THREAD

    def test_opened_page_is_a_receipt_that_comes_once(self) -> None:
        envelope = read_envelope(thread=THREAD, reply="reply:d-1001")

        assert self.connect().parse(stored(envelope)) == [Receipt("reply:d-1001", "read", NOON)]
        assert envelope.key == read_envelope(thread=THREAD, reply="reply:d-1001").key
        assert envelope.lane == THREAD

    @pytest.mark.parametrize(
        "body",
        [
            b'{"type":"message"}',
            b'{"type":"message","thread":7}',
            b'{"type":"message","thread":"t","sections":"x"}',
            b'{"type":"message","thread":"t","sections":[1]}',
            b'{"type":"message","thread":"t","files":[{"name":"a"}]}',
            b'{"type":"message","thread":"t","person":{"name":"nobody"}}',
            b'{"type":"read"}',
        ],
    )
    def test_envelope_without_its_parts_is_refused(self, body: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            self.connect().parse(replace(self.ordinary(), body=body))
