"""The search page and the palette: who finds what, where it stands, and what it leads to."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets.actions.indexing import index_due
from tickets.case_numbers import format_number
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db


def numbers(desk: Desk, text: str, **more: str) -> list[str]:
    """The cases on the page that a search gives, once everything has been read."""
    while index_due():
        pass
    answer = desk.get("/search/", {"q": text, **more})
    assert answer.status_code == 200
    return [row.number for row in answer.context["rows"]]


def note(of: Ticket, text: str, by: User) -> Message:
    return Message.objects.create(
        ticket=of, text=text, direction="note", author=by, version=9, sent_at=NOW, created_at=NOW
    )


def test_page_says_where_the_words_stand_and_leads_there(desk: Desk, ada: User) -> None:
    case = factories.ticket(text="附件上传失败 <b>554</b>")
    written = note(case, "Looked into the 554 of the relay.", ada)

    assert numbers(desk, "554") == [case.number]
    page = desk.get("/search/?q=554").content.decode()

    assert "&lt;b&gt;<mark>554</mark>&lt;/b&gt;" in page
    assert f'href="/tickets/{format_number(case.number)}/#message-{written.pk}"' in page
    assert "Note by Ada" in page


@pytest.mark.parametrize(
    "writing", ["{digits}", "ＱＭ－{dashed}", "案号 {dashed} 谢谢", "{spoken}"]
)
def test_number_in_any_writing_opens_the_case(desk: Desk, writing: str) -> None:
    number = factories.ticket().number
    dashed = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    asked = writing.format(digits=number, dashed=dashed, spoken=dashed.replace("-", " - "))

    assert desk.get("/search/", {"q": asked})["Location"] == f"/tickets/QM-{dashed}/"


def test_number_of_nothing_is_said_to_be_unknown_and_looked_for(desk: Desk) -> None:
    foreign = factories.ticket(team=factories.team("Billing"))

    page = desk.get("/search/", {"q": foreign.number})

    assert page.status_code == 200
    assert b"There is no case" in page.content


def test_conditions_typed_and_chosen_narrow_what_is_found(desk: Desk) -> None:
    opened = factories.ticket(text="printer on fire")
    closed = factories.ticket(text="printer is out", state="closed", closed_at=NOW)

    assert set(numbers(desk, "printer")) == {opened.number, closed.number}
    assert numbers(desk, "printer state:closed") == [closed.number]
    assert numbers(desk, "printer", state="open") == [opened.number]
    assert numbers(desk, "printer", team="mail", state="closed") == [closed.number]
    assert numbers(desk, "DT:SPM") == []


@pytest.mark.parametrize("order", ["time", "relevance"])
def test_pages_go_on_where_the_last_one_ended(desk: Desk, order: str) -> None:
    cases = [factories.ticket(text="same words", at=NOW + minutes(n)) for n in range(52)]

    first = numbers(desk, "same words", order=order)
    more = desk.get("/search/", {"q": "same words", "order": order}).context["more_url"]
    rest = desk.get(more, headers={"HX-Request": "true"}).context["results"]

    assert first == [case.number for case in cases[:1:-1]]
    assert [result.row.number for result in rest] == [cases[1].number, cases[0].number]


@pytest.mark.parametrize("after", ["x", "2026-11-20~5", "~", "2026-11-20T00:00:00+00:00~x"])
def test_what_is_no_cursor_does_not_exist(desk: Desk, after: str) -> None:
    answers = [
        desk.get("/search/", {"q": "words", "after": after, "order": order}).status_code
        for order in ("time", "relevance")
    ]

    assert answers == [404, 404]


def test_search_takes_as_many_queries_for_fifty_cases_as_for_two(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for text in ("same words one", "same words two"):
        factories.attachment(factories.ticket(text=text).notes.model.objects.latest("pk"))
    assert len(numbers(desk, "same words")) == 2
    with django_assert_num_queries(20):
        desk.get("/search/?q=same+words")
    for n in range(48):
        factories.ticket(text=f"same words {n}", at=NOW + minutes(n))
    assert len(numbers(desk, "same words")) == 50

    with django_assert_num_queries(20):
        desk.get("/search/?q=same+words")


def test_palette_offers_cases_commands_and_the_search(desk: Desk, ada: User) -> None:
    case = factories.ticket(text="printer on fire")
    factories.lea()
    index_due()

    by_number = desk.get("/palette/", {"q": f"qm {case.number}"}).content.decode()
    by_part = desk.get("/palette/", {"q": case.number[4:8]}).content.decode()
    command = desk.get("/palette/", {"q": "lea", "case": case.number}).content.decode()

    assert f'href="/tickets/{format_number(case.number)}/"' in by_number
    assert f"<mark>{case.number[4:8]}</mark>" in by_part
    assert "Assign to <mark>Lea</mark>" in command
    assert "/search/?q=lea" in command


def test_palette_remembers_what_was_opened_last(desk: Desk) -> None:
    first, second = factories.ticket(text="first case"), factories.ticket(text="second case")
    for case in (first, second):
        desk.get(f"/tickets/{format_number(case.number)}/")

    page = desk.get("/palette/").content.decode()

    assert page.index("second case") < page.index("first case")
    assert "second case" not in desk.get("/palette/", {"case": second.number}).content.decode()


def test_palette_keeps_foreign_cases_and_commands_to_itself(
    sign_in: Callable[[User], Desk],
) -> None:
    case = factories.ticket(text="printer on fire")
    forum = factories.channel("discourse", is_public=True)
    public = factories.ticket(factories.kim(forum, "blue_pine"), "kettle")
    index_due()

    for user in (factories.otto(), factories.hal()):
        desk = sign_in(user)
        for text in (case.number, "printer", "Kim"):
            page = desk.get("/palette/", {"q": text, "case": case.number}).content.decode()
            assert format_number(case.number) not in page
            assert "Assign" not in page
    page = desk.get("/palette/", {"q": "kettle", "case": public.number}).content.decode()
    assert format_number(public.number) in page
    assert "Add the tag" not in page


def test_single_keys_can_be_switched_off(desk: Desk) -> None:
    assert b"data-single-keys" not in desk.get("/").content

    desk.send("/single-keys/", {"single_keys": "off"})

    assert b'data-single-keys="off"' in desk.get("/").content
