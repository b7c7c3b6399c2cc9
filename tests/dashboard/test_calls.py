"""An agent on the line: the form, the way to the case, and the call that was promised."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from channels_ingest import api, pipeline
from channels_ingest.models import Envelope
from tests import factories
from tests.channels_ingest.doors import drain
from tests.dashboard.conftest import Desk
from tickets.actions import lifecycle
from tickets.actor import Actor
from tickets.models import Alias, Channel, State, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(db: None) -> Channel:
    made = api.create_channel(
        kind="phone", slug="phone", values={}, now=timezone.now(), team=factories.team("Mail")
    )
    return made.channel


def tomorrow_at_ten() -> datetime:
    local = timezone.now().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    return local.replace(hour=10, minute=0, second=0, microsecond=0)


def fields(line: Channel, **changes: str) -> dict[str, str]:
    given = {
        "channel": str(line.pk),
        "number": "138 0013 8000",
        "name": "Wang",
        "notes": "He cannot sign in.",
        "language": "zh-hans",
        "client_key": "form-1",
    }
    return given | changes


def read(answer: Any) -> str:
    return unescape(answer.content.decode())


def put_through(desk: Desk, line: Channel, **changes: str) -> Any:
    """Send the form, let a worker read the call, and follow to wherever that leads."""
    waiting = desk.send("/phone/new/", fields(line, **changes))["Location"]
    drain()
    return desk.get(waiting)


def test_form_is_reached_from_every_page_by_link_and_key(desk: Desk, line: Channel) -> None:
    link = re.search(r'<a href="/phone/new/"[^>]*>', read(desk.get("/")))

    assert link
    assert 'data-key="p"' in link[0]
    assert 'name="number"' in read(desk.get("/phone/new/"))


def test_telephone_system_may_fill_in_what_it_knows(desk: Desk, line: Channel) -> None:
    page = read(desk.get("/phone/new/", {"number": "+8613800138000", "name": "Wang"}))

    assert 'value="+8613800138000"' in page
    assert 'value="Wang"' in page


def test_call_is_stored_first_and_tells_its_number_while_no_worker_runs(
    desk: Desk, line: Channel
) -> None:
    answer = desk.send("/phone/new/", fields(line))
    page = desk.get(answer["Location"])

    number = Envelope.objects.get().reserved_number
    assert Ticket.objects.count() == 0
    assert page.status_code == 200
    assert number[:4] in read(page)
    assert 'http-equiv="refresh"' in read(page)


def test_page_of_a_stored_call_leads_to_its_case(desk: Desk, line: Channel) -> None:
    answer = put_through(desk, line)

    ticket = Ticket.objects.get()
    assert ticket.number in answer["Location"].replace("-", "")
    assert "He cannot sign in." in read(desk.get(answer["Location"]))


def test_promised_call_puts_the_case_off_and_shows_on_it(
    desk: Desk, line: Channel, ada: User
) -> None:
    at = tomorrow_at_ten()

    answer = put_through(desk, line, call_back_at=f"{at:%Y-%m-%dT%H:%M}")

    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.snoozed_until) == (State.SNOOZED, at)
    row = ticket.history.get(code="call_back")
    assert row.actor_user == ada
    page = read(desk.get(answer["Location"]))
    assert "The customer was promised a call on" in page
    assert "Ada promised to call back on" in page


def test_case_comes_back_when_the_call_is_due_and_says_why(
    desk: Desk, line: Channel, ada: User
) -> None:
    at = tomorrow_at_ten()
    put_through(desk, line, call_back_at=f"{at:%Y-%m-%dT%H:%M}")

    lifecycle.wake_due(now=at)

    ticket = Ticket.objects.get()
    assert ticket.state == State.OPEN
    assert ticket.history.filter(code="call_back_due").count() == 1
    assert "It is time to call the customer back" in read(
        desk.get(f"/tickets/{ticket.number}/", follow=True)
    )


def test_later_snooze_wakes_as_a_snooze(line: Channel, desk: Desk, ada: User) -> None:
    at, now = tomorrow_at_ten(), timezone.now()
    put_through(desk, line, call_back_at=f"{at:%Y-%m-%dT%H:%M}")
    later = at + timedelta(days=1)
    lifecycle.snooze(ticket=Ticket.objects.get(), until=later, by=Actor.of(ada), now=now)

    lifecycle.wake_due(now=later)

    assert Ticket.objects.get().history.order_by("-pk")[0].code == "woken"


def test_appointment_of_a_mere_claim_changes_nothing_of_the_case(desk: Desk, line: Channel) -> None:
    put_through(desk, line)
    ticket = Ticket.objects.get()
    at = tomorrow_at_ten()

    answer = put_through(
        desk,
        line,
        number="139 0013 9000",
        case_number=f"QM-{ticket.number}",
        client_key="form-2",
        call_back_at=f"{at:%Y-%m-%dT%H:%M}",
    )

    ticket.refresh_from_db()
    assert (ticket.state, ticket.snoozed_until) == (State.OPEN, None)
    assert Alias.objects.filter(ticket=ticket).count() == 2
    assert "Call back:" in read(desk.get(answer["Location"]))


def test_composer_of_a_call_offers_a_note_and_says_why(desk: Desk, line: Channel) -> None:
    page = read(desk.get(put_through(desk, line)["Location"]))

    note = re.search(r'<input[^>]*id="compose-note"[^>]*>', page)
    assert note
    assert "checked" in note[0]
    assert "Nothing can be sent by" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"notes": " "}, "required"),
        ({"number": "the usual one"}, "This is no telephone number."),
        ({"case_number": "QM-4821-0937-11"}, "This is not a case number."),
        ({"call_back_at": "2020-01-01T10:00"}, "This moment has passed."),
        ({"channel": "0"}, "valid choice"),
    ],
)
def test_what_cannot_be_right_is_given_back_with_all_that_was_typed(
    desk: Desk, line: Channel, changes: dict[str, str], words: str
) -> None:
    answer = desk.send("/phone/new/", fields(line, **changes))

    assert answer.status_code == 422
    assert words in read(answer)
    assert 'value="Wang"' in read(answer)
    assert Envelope.objects.count() == 0


def test_page_says_so_while_there_is_no_line(desk: Desk) -> None:
    assert "There is no telephone line yet." in read(desk.get("/phone/new/"))


def test_helper_takes_no_calls(sign_in: Callable[[User], Desk], line: Channel) -> None:
    hal = sign_in(factories.hal())

    assert hal.get("/phone/new/").status_code == 404
    assert hal.send("/phone/new/", fields(line)).status_code == 404
    assert "/phone/new/" not in read(hal.get("/"))
    assert Envelope.objects.count() == 0


def test_caller_of_another_teams_case_is_written_down_all_the_same(
    sign_in: Callable[[User], Desk], line: Channel
) -> None:
    otto = sign_in(factories.otto())

    answer = put_through(otto, line)

    assert Ticket.objects.count() == 1
    assert answer["Location"] == "/"


def test_page_of_a_call_cannot_be_made_up(desk: Desk, line: Channel) -> None:
    assert desk.get("/phone/calls/made-up/").status_code == 404


class Worker(threading.Thread):
    """A worker that reads what is stored until it is told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(0.02):
            pipeline.process(now=timezone.now())
        connection.close()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Worker]:
    thread = Worker()
    thread.start()
    yield thread
    thread.is_over.set()
    thread.join()


def test_with_a_worker_the_form_leads_straight_to_the_case(
    worker: Worker, sign_in: Callable[[User], Desk], line: Channel
) -> None:
    desk, at = sign_in(factories.ada()), tomorrow_at_ten()

    answer = desk.send("/phone/new/", fields(line, call_back_at=f"{at:%Y-%m-%dT%H:%M}"))

    ticket = Ticket.objects.get()
    assert answer["Location"].startswith("/tickets/")
    assert (ticket.state, ticket.snoozed_until) == (State.SNOOZED, at)
