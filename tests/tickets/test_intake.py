"""Intake stores every message once, at a fixed price per batch, whatever it holds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.tickets.arriving import message_of, note, take
from tests.tickets.cast import NOON, says
from tickets import files
from tickets.actions.intake import receive
from tickets.actions.intake.storing import MOST_TEXT
from tickets.case_numbers import format_number
from tickets.interchange import IncomingFile, IncomingMessage, Receipt
from tickets.models import (
    Attachment,
    Message,
    Ticket,
)

pytestmark = pytest.mark.django_db


# A batch


def test_nothing_costs_nothing() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert receive([], now=NOON) == []

    assert len(queries) == 0


def crowd(count: int, name: str) -> list[IncomingMessage]:
    """One message each of so many people."""
    return [note(f"{name}-{n}", f"发信失败 {n}", who=f"{name}-{n}") for n in range(count)]


def queries_of(items: list[IncomingMessage]) -> int:
    with CaptureQueriesContext(connection) as queries:
        take(*items)
    return len(queries)


def test_batch_of_newcomers_costs_the_same_however_large() -> None:
    take(*crowd(2, "warm"))

    assert queries_of(crowd(5, "few")) == queries_of(crowd(50, "many"))


def test_batch_of_known_customers_costs_the_same_however_large() -> None:
    for name, count in (("few", 5), ("many", 50)):
        take(*crowd(count, name))

    few, many = (
        [note(f"again-{name}-{n}", "还是不行", who=f"{name}-{n}") for n in range(count)]
        for name, count in (("few", 5), ("many", 50))
    )

    assert queries_of(few) == queries_of(many)


def test_batch_of_quoted_numbers_costs_the_same_however_large() -> None:
    tickets = {name: take(*crowd(count, name)) for name, count in (("few", 5), ("many", 50))}

    few, many = (
        [
            note(f"q-{name}-{n}", f"案号{format_number(landing.number)}", who=f"{name}-{n}")
            for n, landing in enumerate(landings)
        ]
        for name, landings in tickets.items()
    )

    assert queries_of(few) == queries_of(many)


def test_landings_come_in_the_order_of_the_arrivals() -> None:
    landings = take(note("1"), Receipt("x", "read", NOON), note("1"), note("2", who="ben"))

    assert [landing.outcome for landing in landings] == ["new", "ignored", "duplicate", "new"]
    assert landings[0].number != landings[3].number


def test_messages_of_one_batch_see_each_other() -> None:
    landings = take(note("1", "在吗"), note("2", "收不到邮件"), note("3", "急"))

    assert len({landing.number for landing in landings}) == 1
    assert Ticket.objects.get().subject == "收不到邮件"


def test_version_rises_with_every_message_and_is_what_the_landing_says() -> None:
    first, second = take(note("1"), note("2", "急"))

    ticket = Ticket.objects.get()
    assert second.version == ticket.version
    assert message_of(first).version < message_of(second).version == ticket.version


def test_listeners_are_told_after_commit(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        take(note("1"))

    assert len(callbacks) == 1


# Once


def test_repeated_message_changes_nothing() -> None:
    take(note("1"))
    before = Ticket.objects.get().version

    (landing,) = take(note("1"), minutes=5)

    assert landing.outcome == "duplicate"
    assert (Message.objects.count(), Ticket.objects.get().version) == (1, before)


def test_repeat_is_known_after_the_message_was_deleted() -> None:
    take(note("1"))
    Message.objects.all().delete()

    (landing,) = take(note("1"))

    assert landing.outcome == "duplicate"
    assert not Message.objects.exists()


def test_same_id_with_other_words_is_kept_and_flagged() -> None:
    take(note("1", "收不到邮件"))

    (landing,) = take(note("1", "发票没开"))

    kept = message_of(landing)
    assert landing.outcome == "new"
    assert kept.text == "发票没开"
    assert kept.decision["same_id"] == "1"


def test_same_id_with_the_same_other_words_is_kept_once() -> None:
    take(note("1", "收不到邮件"))
    take(note("1", "发票没开"))

    (landing,) = take(note("1", "发票没开"))

    assert landing.outcome == "duplicate"
    assert Message.objects.count() == 2


def test_empty_ids_never_match() -> None:
    landings = take(note(""), note(""))

    assert [landing.outcome for landing in landings] == ["new", "new"]


def test_same_id_on_another_channel_is_another_message() -> None:
    says("kim", "收不到邮件", external_id="1", by="chat")

    assert says("kim", "收不到邮件", external_id="1", by="mail").outcome == "new"


# What cannot be stored as it is


def test_long_text_is_cut_and_kept_whole_as_a_file() -> None:
    text = "长" * (MOST_TEXT + 5)

    (landing,) = take(note("1", text))

    (whole,) = Attachment.objects.filter(message=landing.message_id)
    assert len(message_of(landing).text) == MOST_TEXT
    assert whole.name == "message.txt"
    assert files.read(whole.sha256).decode() == text


def test_nul_and_lone_surrogates_do_no_harm() -> None:
    (landing,) = take(note("1", "a\0b\ud800c", subject="s\0"))

    assert message_of(landing).text == "ab?c"
    assert message_of(landing).subject == "s"


def test_files_are_stored_once_and_described() -> None:
    photo = IncomingFile("a.png", "image/png", b"same")

    take(note("1", "", files=(photo, IncomingFile("b.png", "image/png", b"same"))))

    first, second = Attachment.objects.order_by("name")
    assert first.sha256 == second.sha256
    assert (first.name, first.size, files.read(first.sha256)) == ("a.png", 4, b"same")


def test_file_offered_at_an_address_waits_there() -> None:
    take(note("1", "", files=(IncomingFile("a.png", url="https://files.example/a"),)))

    attachment = Attachment.objects.get()
    assert (attachment.sha256, attachment.source_url) == ("", "https://files.example/a")
