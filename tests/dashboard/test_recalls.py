"""Edits show the newest text; what was recalled is folded away and opened on record only."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets import files
from tickets.case_numbers import format_number
from tickets.models import Attachment, History, Message, Revision, Ticket, User

pytestmark = pytest.mark.django_db

SAID = "what Kim regrets"


def url(ticket: Ticket, rest: str = "") -> str:
    return f"/tickets/{format_number(ticket.number)}/{rest}"


def page(desk: Desk, ticket: Ticket) -> str:
    return unescape(desk.get(url(ticket)).content.decode())


@pytest.fixture
def recalled(ada: User) -> Message:
    """A message with all that one may have, taken back by its author."""
    case = factories.ticket(text="harmless", subject="Mail")
    message = factories.message(
        case.conversations.get(),
        SAID,
        at=NOW + minutes(1),
        html=f"<p>{SAID} in colour</p>",
        transcript=f"{SAID} aloud",
        recalled_at=NOW + minutes(2),
        edited_at=NOW,
        decision={"rule": "weak_number", "evidence": [{"text": SAID, "start": 0, "end": 16}]},
    )
    Revision.objects.create(message=message, text=f"{SAID} before", replaced_at=NOW)
    factories.attachment(message, f"{SAID}.txt", sha256=files.store(b"regret"), problem="")
    return message


def ticket_of(message: Message) -> Ticket:
    assert message.conversation is not None
    return message.conversation.ticket


def opens(desk: Desk, message: Message) -> Any:
    return desk.send(url(ticket_of(message), f"recalled/{message.pk}/opening/"))


def test_nothing_of_a_recalled_message_is_in_the_page(desk: Desk, recalled: Message) -> None:
    shown = page(desk, ticket_of(recalled))

    assert "The customer recalled this message." in shown
    assert "Open it" in shown
    assert SAID not in shown


def test_opening_it_shows_it_and_is_recorded(desk: Desk, recalled: Message, ada: User) -> None:
    shown = unescape(opens(desk, recalled).content.decode())

    for each in (SAID, f"{SAID} before", f"{SAID} aloud", f"{SAID}.txt"):
        assert each in shown
    row = History.objects.get(code="recalled_opened")
    assert row.actor_user == ada
    assert row.data["message"] == recalled.pk
    assert "Ada opened a recalled message" in shown


def test_next_view_folds_it_again(desk: Desk, recalled: Message) -> None:
    opens(desk, recalled)

    assert SAID not in page(desk, ticket_of(recalled))


def test_its_file_and_layout_are_only_for_who_opened_it(
    desk: Desk, sign_in: Callable[[User], Desk], recalled: Message
) -> None:
    file = f"/attachments/{Attachment.objects.get().pk}/"
    layout = f"/messages/{recalled.pk}/formatted/"
    assert [desk.get(file).status_code, desk.get(layout).status_code] == [404, 404]

    opens(desk, recalled)

    assert [desk.get(file).status_code, desk.get(layout).status_code] == [200, 200]
    mia = sign_in(factories.mia())
    assert [mia.get(file).status_code, mia.get(layout).status_code] == [404, 404]


def test_message_that_was_not_recalled_is_not_opened(desk: Desk) -> None:
    case = factories.ticket()
    message = Message.objects.get()

    assert opens(desk, message).status_code == 302
    assert not History.objects.filter(ticket=case, code="recalled_opened").exists()


def test_recalled_claim_is_folded_too(desk: Desk) -> None:
    case = factories.ticket()
    claim = factories.claim(case, factories.kim(factories.channel("qq")))
    factories.message(claim, SAID, recalled_at=NOW)

    assert SAID not in page(desk, case)


def test_deleted_content_is_said_to_be_deleted(desk: Desk) -> None:
    case = factories.ticket()
    factories.message(case.conversations.get(), "", recalled_at=NOW)

    shown = page(desk, case)

    assert "Its content has been deleted." in shown
    assert "Open it" not in shown


def test_edited_message_shows_its_newest_text_and_folds_the_earlier_ones(desk: Desk) -> None:
    case = factories.ticket(text="the newest words")
    message = Message.objects.get()
    message.edited_at = NOW
    message.save()
    Revision.objects.create(message=message, text="the first words", replaced_at=NOW)

    shown = page(desk, case)

    assert "the newest words" in shown
    before = shown[: shown.index("the first words")]
    assert before.rindex("<details") > before.rindex("the newest words")
    assert before.rfind("</details>") < before.rindex("<details")


def test_page_that_refreshes_itself_keeps_open_what_was_opened_there(
    desk: Desk, sign_in: Callable[[User], Desk], recalled: Message
) -> None:
    opens(desk, recalled)
    refreshing = {"HX-Request": "true", "HX-Trigger": "timeline"}

    refreshed = desk.get(url(ticket_of(recalled)), headers=refreshing)

    assert SAID in refreshed.content.decode()
    hers = sign_in(factories.mia()).get(url(ticket_of(recalled)), headers=refreshing)
    assert SAID not in hers.content.decode()
    assert SAID not in page(desk, ticket_of(recalled))
    assert SAID not in desk.get(url(ticket_of(recalled)), headers=refreshing).content.decode()
