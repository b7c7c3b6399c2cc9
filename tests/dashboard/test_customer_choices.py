"""What customers chose and sent by the form, as agents see it: no hurry, and listed archives."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories
from tests.dashboard.conftest import Desk
from tickets.models import Attachment, History, Message, Ticket

pytestmark = pytest.mark.django_db


def page(desk: Desk, ticket: Ticket) -> str:
    return desk.get(f"/tickets/{ticket.number}/", follow=True).content.decode()


def test_row_and_side_pane_say_before_when_no_answer_is_wanted(desk: Desk) -> None:
    at = timezone.now() + timedelta(days=2)
    ticket = factories.ticket(answer_after=at)
    History.objects.create(
        ticket=ticket,
        version=1,
        at=timezone.now(),
        actor_kind="contact",
        code="answer_after",
        data={"until": at.isoformat()},
    )

    (row,) = desk.get("/open/").context["rows"]
    html = page(desk, ticket)

    assert row.not_before
    assert f"after {row.not_before}" in html
    assert "In no hurry, answer after" in html
    assert "The customer is in no hurry: answer after" in html


def test_time_that_has_come_is_shown_no_more(desk: Desk) -> None:
    ticket = factories.ticket(answer_after=timezone.now() - timedelta(minutes=1))

    (row,) = desk.get("/open/").context["rows"]

    assert row.not_before == ""
    assert "In no hurry" not in page(desk, ticket)


def archive(ticket: Ticket, **listing: object) -> Attachment:
    message = Message.objects.get(conversation__ticket=ticket)
    return factories.attachment(message, sha256="0" * 64, problem="", listing=listing)


def test_archive_is_listed_beside_the_file_with_a_warning_of_programs(desk: Desk) -> None:
    ticket = factories.ticket()
    archive(
        ticket,
        kind="zip",
        entries=[["logs/mail.log", 2048], ["<b>setup.exe", 1]],
        more=3,
        programs=1,
    )

    html = page(desk, ticket)

    assert "5 files inside" in html
    assert "logs/mail.log" in html
    assert "&lt;b&gt;setup.exe" in html
    assert "and 3 more" in html
    assert "1 program among them" in html


def test_archive_that_cannot_be_listed_says_so(desk: Desk) -> None:
    ticket = factories.ticket()
    archive(ticket, kind="7z")

    assert "cannot be told without opening it" in page(desk, ticket)
