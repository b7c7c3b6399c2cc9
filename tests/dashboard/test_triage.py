"""What triage says of a case, beside the case; and calls for a lead."""

from collections.abc import Callable

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW
from tickets.case_numbers import format_number
from tickets.models import Ticket, Triage, User

pytestmark = pytest.mark.django_db

ARTICLE = {"slug": "bounced-554", "title": "Why mail comes back", "steps": ["Look", "Send"]}


def triage(ticket: Ticket, **fields: object) -> Triage:
    values = {
        "model": "told",
        "category": "sending_receiving",
        "confidence": 0.91,
        "abstained": False,
        "urgency": "high",
        "urgency_confidence": 0.8,
        "missing": ["steps"],
        "articles": [ARTICLE],
        "at": NOW,
        **fields,
    }
    return Triage.objects.create(ticket=ticket, **values)


def url(ticket: Ticket) -> str:
    return f"/tickets/{format_number(ticket.number)}/"


def side(desk: Desk, ticket: Ticket, query: str = "") -> str:
    page = " ".join(desk.get(url(ticket) + query).content.decode().split())
    return page.split('id="side-triage"')[1].split("</aside>")[0]


def test_page_says_how_sure_triage_is(desk: Desk) -> None:
    case = factories.ticket()
    triage(case)

    page = side(desk, case)

    assert "very sure" in page
    assert "91%" in page
    assert "Sending and receiving" in page
    assert "It reads as: High" in page


def test_unsure_triage_says_so(desk: Desk) -> None:
    case = factories.ticket()
    triage(case, abstained=True, confidence=0.3)

    assert "Triage was not sure. Perhaps: Sending and receiving" in side(desk, case)


def test_agent_agrees_with_one_click(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    row = triage(case)

    desk.send(f"{url(case)}category/", {"category": "sending_receiving"})

    row.refresh_from_db()
    assert Ticket.objects.get(pk=case.pk).category == "sending_receiving"
    assert (row.corrected_category, row.corrected_by) == ("sending_receiving", ada)
    assert "Ada agrees." in side(desk, case)


def test_agent_confirms_what_triage_has_set(desk: Desk, ada: User) -> None:
    case = factories.ticket(category="sending_receiving")
    row = triage(case)
    assert "That is right" in side(desk, case)

    desk.send(f"{url(case)}category/", {"category": "sending_receiving"})

    row.refresh_from_db()
    assert row.corrected_by == ada
    desk.send(f"{url(case)}category/", {"category": "sending_receiving"})
    assert case.history.filter(code="category_set", actor_user=ada).count() == 1


def test_agent_corrects(desk: Desk) -> None:
    case = factories.ticket()
    triage(case)

    desk.send(f"{url(case)}category/", {"category": "spam_blocking"})

    assert "Ada says: Spam and blocking." in side(desk, case)


def test_question_and_article_come_into_the_reply_without_script(desk: Desk) -> None:
    case = factories.ticket(language="ja")
    triage(case)

    asked = desk.get(f"{url(case)}?ready=ask-steps").content.decode()
    answered = desk.get(f"{url(case)}?ready=article-bounced-554").content.decode()
    unknown = desk.get(f"{url(case)}?ready=article-other").content.decode()

    def composed(page: str) -> str:
        return (
            page.split('id="reply-text"')[1].split("</textarea>", maxsplit=1)[0].partition(">")[2]
        )

    assert composed(asked)
    assert composed(answered).startswith("Why mail comes back\n1. Look\n2. Send")
    assert composed(unknown) == ""


def test_theft_suggests_to_mark_the_account_until_it_is_marked(desk: Desk) -> None:
    case = factories.ticket()
    triage(case, category="account_security", signs=["theft"])
    assert "The words speak of a stolen account" in side(desk, case)
    identity = case.conversations.get().identity

    desk.send(f"{url(case)}identities/{identity.pk}/takeover/")

    assert "The words speak of a stolen account" not in side(desk, case)


def test_helper_sees_nothing_of_triage(sign_in: Callable[[User], Desk]) -> None:
    case = factories.ticket(factories.kim(factories.channel("discourse", is_public=True)))
    triage(case)

    page = sign_in(factories.hal()).get(url(case)).content.decode()

    assert "side-triage" not in page


def test_helper_is_not_told_for_which_cases_a_lead_is_called(
    sign_in: Callable[[User], Desk],
) -> None:
    forum = factories.kim(factories.channel("discourse", is_public=True))
    case = factories.ticket(forum, escalated_at=NOW, escalation={"source": "words"})
    hal = sign_in(factories.hal())

    assert case.number in hal.get("/open/").content.decode()
    assert "tag--danger" not in hal.get("/open/").content.decode()
    assert case.number not in hal.get("/escalated/").content.decode()


def test_lead_is_called_and_looks_after_it(desk: Desk) -> None:
    case = factories.ticket()

    desk.send(f"{url(case)}escalation/")
    page = desk.get(url(case)).content.decode()
    assert "A lead is called" in page
    assert "a colleague asked for one" in page
    assert case.number in desk.get("/escalated/").content.decode()
    assert "Lead called" in desk.get("/open/").content.decode()

    desk.send(f"{url(case)}escalation/", {"done": "yes"})

    assert Ticket.objects.get(pk=case.pk).escalated_at is None
    assert case.number not in desk.get("/escalated/").content.decode()


def test_call_says_which_words_made_it(desk: Desk) -> None:
    case = factories.ticket(
        escalated_at=NOW, escalation={"source": "words", "words": ["12315", "<b>"]}
    )

    assert "the customer wrote “12315”, “&lt;b&gt;”" in desk.get(url(case)).content.decode()
