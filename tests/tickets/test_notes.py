"""Notes: what agents tell each other; no customer gets any of it."""

import pytest

from tests.tickets.cast import ada, agent, bea, case, later, standing
from tickets.actions.notes import add_note
from tickets.actions.refusals import Refused
from tickets.interchange import OutgoingFile
from tickets.models import Attachment, Delivery, Message

pytestmark = pytest.mark.django_db


def test_note_stands_on_the_case_with_its_author() -> None:
    ticket = case()

    note = add_note(ticket=ticket, text="查日志", by=ada(), now=later(minutes=1))

    assert (note.ticket, note.author, note.conversation) == (ticket, agent("ada"), None)
    assert note.version == standing(ticket).version == ticket.version + 1
    assert standing(ticket).last_activity_at == later(minutes=1)


def test_note_is_sent_to_nobody_and_stops_no_clock() -> None:
    ticket = case()

    add_note(ticket=ticket, text="查日志", by=ada(), now=later(minutes=1))

    assert not Delivery.objects.exists()
    assert standing(ticket).waiting_since == ticket.waiting_since
    assert standing(ticket).first_replied_at is None


def test_same_press_of_the_button_writes_one_note() -> None:
    ticket = case()

    first = add_note(ticket=ticket, text="一", by=ada(), now=later(minutes=1), client_key="k")
    again = add_note(ticket=ticket, text="一", by=ada(), now=later(minutes=2), client_key="k")
    other = add_note(ticket=ticket, text="一", by=bea(), now=later(minutes=3), client_key="k")

    assert again == first != other
    assert Message.objects.filter(direction="note").count() == 2


def test_note_may_be_a_file_alone() -> None:
    file = OutgoingFile("log.txt", "text/plain", b"554")

    note = add_note(ticket=case(), text="", by=ada(), now=later(minutes=1), files=[file])

    assert Attachment.objects.get(message=note).name == "log.txt"


def test_empty_note_is_refused() -> None:
    with pytest.raises(Refused, match="empty"):
        add_note(ticket=case(), text=" \n", by=ada(), now=later(minutes=1))
