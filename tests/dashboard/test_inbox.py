"""The lists: what stands in which, page by page, counted and searched."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets.actions.indexing import index_due
from tickets.models import State, Ticket, User
from tickets.queries import counting
from tickets.queries.inbox import View
from tickets.queries.sorting import Cursor

pytestmark = pytest.mark.django_db


def numbers(desk: Desk, path: str) -> list[str]:
    return [row.number for row in desk.get(path).context["rows"]]


def test_each_case_stands_in_the_lists_of_its_state(desk: Desk, ada: User) -> None:
    mine = factories.ticket(assignee=ada)
    free = factories.ticket()
    waiting = factories.ticket(state=State.PENDING)
    later = factories.ticket(state=State.SNOOZED, snoozed_until=NOW)
    done = factories.ticket(state=State.CLOSED, closed_at=NOW)

    assert numbers(desk, "/") == [mine.number]
    assert numbers(desk, "/unassigned/") == [free.number]
    assert set(numbers(desk, "/open/")) == {mine.number, free.number}
    assert numbers(desk, "/pending/") == [waiting.number]
    assert numbers(desk, "/snoozed/") == [later.number]
    assert numbers(desk, "/closed/") == [done.number]


def test_merged_case_stands_in_no_list(desk: Desk) -> None:
    kept = factories.ticket()
    factories.ticket(merged_into=kept)

    assert numbers(desk, "/open/") == [kept.number]


def test_lists_of_a_team_and_of_a_channel_hold_their_cases_only(desk: Desk) -> None:
    by_mail = factories.ticket(factories.kim(factories.channel("email")))
    by_chat = factories.ticket(factories.kim(factories.channel("qq")), team=None)

    assert numbers(desk, "/teams/mail/") == [by_mail.number]
    assert numbers(desk, "/channels/qq/") == [by_chat.number]


def test_list_of_a_foreign_team_does_not_exist(desk: Desk) -> None:
    factories.team("Billing")

    assert desk.get("/teams/billing/").status_code == 404


def test_claims_stand_in_their_own_list_longest_waiting_first(desk: Desk) -> None:
    closed = factories.ticket(state=State.CLOSED, closed_at=NOW)
    opened = factories.ticket()
    factories.claim(closed, factories.kim(name="Late"), at=NOW + minutes(2))
    factories.claim(opened, factories.kim(name="Early"), at=NOW + minutes(1))

    rows = desk.get("/claims/").context["rows"]

    assert [row.number for row in rows] == [opened.number, closed.number]
    assert rows[0].contact.startswith("Early")


def test_row_shows_every_channel_in_order_of_arrival(desk: Desk, ada: User) -> None:
    case = factories.ticket(factories.kim(factories.channel("qq", "Chat")), assignee=ada)
    by_mail = factories.kim(factories.channel("email", "Mailbox"))
    factories.conversation(case, by_mail, at=NOW + minutes(1))

    chain = desk.get("/").context["rows"][0].chain

    assert chain.index("Chat") < chain.index("Mailbox")


def test_waiting_case_is_unread_until_it_was_opened(desk: Desk, ada: User) -> None:
    case = factories.ticket(assignee=ada)
    before = desk.get("/").context["rows"][0].is_unread

    desk.get(f"/tickets/{case.number}/", follow=True)

    assert (before, desk.get("/").context["rows"][0].is_unread) == (True, False)


def test_new_message_makes_a_case_unread_again(desk: Desk, ada: User) -> None:
    case = factories.ticket(assignee=ada)
    desk.get(f"/tickets/{case.number}/", follow=True)

    Ticket.objects.update(version=9)

    assert desk.get("/").context["rows"][0].is_unread


def test_pages_hold_every_case_once_even_within_one_moment(desk: Desk) -> None:
    kim = factories.kim()
    cases = [factories.ticket(kim, at=NOW + minutes(n // 30)) for n in range(120)]
    seen, url = [], "/open/"

    while url:
        page = desk.get(url).context
        seen += [row.number for row in page["rows"]]
        url = page["more_url"]

    assert sorted(seen) == sorted(case.number for case in cases)
    assert len(seen) == len(set(seen))


def test_further_page_comes_as_rows_alone(desk: Desk) -> None:
    kim = factories.kim()
    for _case in range(51):
        factories.ticket(kim)
    more = desk.get("/open/").context["more_url"]

    page = desk.get(more, headers={"hx-request": "true"}).content.decode()

    assert page.count('id="row-') == 1
    assert "<html" not in page


@pytest.mark.parametrize("after", ["x", "1-", "-1", "1-2-3", "9" * 40 + "-1"])
def test_cursor_that_is_none_finds_nothing(desk: Desk, after: str) -> None:
    assert desk.get(f"/open/?after={after}").status_code == 404


def test_cursor_keeps_the_microsecond() -> None:
    cursor = Cursor(NOW + timedelta(microseconds=123_457), 7)

    assert Cursor.parse(str(cursor)) == cursor


def test_counts_stop_at_their_cap(desk: Desk, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    # A thousand cases would take seconds to make; the cap itself is what is tested.
    monkeypatch.setattr(counting, "COUNT_CAP", 2)
    kim = factories.kim()
    for _case in range(4):
        factories.ticket(kim)

    counted = counting.counts([View("open"), View("mine")], ada)

    assert counted == {View("open"): 3, View("mine"): 0}


def test_news_counts_what_came_after_the_top_and_is_not_shown(desk: Desk) -> None:
    factories.ticket()
    top = desk.get("/open/").context["top"]
    known = factories.ticket(at=NOW + minutes(1))
    factories.ticket(at=NOW + minutes(2))

    answer = desk.get(f"/open/?above={top}&shown={known.number}")

    assert answer.context["count"] == 1


def test_search_finds_subject_name_and_address(desk: Desk) -> None:
    kim = factories.kim(name="Kim Sample")
    kim.address = "kim@post.example"
    kim.save()
    case = factories.ticket(kim, "Printer on fire")
    factories.ticket(factories.kim(name="Lo"), "Something else")
    index_due()

    for text in ("printer", "kim sam", "KIM@post.example"):
        assert numbers(desk, f"/search/?q={text}") == [case.number]


def test_search_and_lists_keep_foreign_cases_to_themselves(
    sign_in: Callable[[User], Desk],
) -> None:
    factories.ticket(text="Printer on fire")
    index_due()
    otto = sign_in(factories.otto())

    assert numbers(otto, "/open/") == []
    assert numbers(otto, "/search/?q=printer") == []
    assert [e.count for e in otto.get("/").context["rail"].main if e.view.name == "open"] == ["0"]


def test_helper_sees_of_a_case_only_what_public_places_told(
    sign_in: Callable[[User], Desk],
) -> None:
    case = factories.ticket(factories.kim(name="Private Kim"), "A private subject")
    forum = factories.channel("discourse", "Forum", is_public=True)
    factories.conversation(case, factories.kim(forum, "blue_pine"), at=NOW + minutes(1))
    index_due()
    hal = sign_in(factories.hal())

    page = hal.get("/open/")

    assert page.context["rows"][0].contact == "blue_pine"
    assert b"A private subject" not in page.content
    assert b"Private Kim" not in page.content
    assert numbers(hal, "/search/?q=private") == []


def test_inbox_takes_as_many_queries_for_forty_cases_as_for_one(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.ticket(due_at=NOW)
    with django_assert_num_queries(14):
        desk.get("/open/")
    for n in range(39):
        factories.claim(factories.ticket(), factories.kim(factories.channel("qq")), at=NOW)
        factories.ticket(at=NOW + minutes(n), due_at=NOW)

    with django_assert_num_queries(14):
        desk.get("/open/")
