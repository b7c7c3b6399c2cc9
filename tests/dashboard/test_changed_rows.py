"""The rows that a page asks for after changes: all in one answer, each as its list shows it."""

import re
from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets.models import State, Ticket, User

pytestmark = pytest.mark.django_db


def rows(desk: Desk, path: str, *named: str) -> list[str]:
    """The numbers of the rows that come back, in their order on the page."""
    answer = desk.get(f"{path}?only={','.join(named)}").content.decode()
    assert "<html" not in answer
    return re.findall(r'id="row-(\d+)"', answer)


def test_named_rows_come_back_and_no_others(desk: Desk) -> None:
    first, second, _other = (factories.ticket() for _case in range(3))

    assert set(rows(desk, "/open/", first.number, second.number)) == {first.number, second.number}


def test_row_that_has_left_its_list_does_not_come_back(desk: Desk, ada: User) -> None:
    kept, leaving = factories.ticket(assignee=ada), factories.ticket(assignee=ada)
    before = rows(desk, "/", kept.number, leaving.number)

    Ticket.objects.filter(pk=leaving.pk).update(assignee=None)

    assert set(before) == {kept.number, leaving.number}
    assert rows(desk, "/", kept.number, leaving.number) == [kept.number]


def test_claimed_case_comes_back_with_its_longest_waiting_claim_first(desk: Desk) -> None:
    case = factories.ticket(state=State.CLOSED, closed_at=NOW)
    factories.claim(case, factories.kim(name="Late"), at=NOW + minutes(2))
    factories.claim(case, factories.kim(name="Early"), at=NOW + minutes(1))

    answer = desk.get(f"/claims/?only={case.number}").content.decode()

    assert answer.index("Early") < answer.index("Late")


@pytest.mark.parametrize("named", ["", ",", "x", "0" * 300, "１２"])
def test_name_that_no_case_has_brings_nothing(desk: Desk, named: str) -> None:
    factories.ticket()

    assert rows(desk, "/open/", named) == []


def test_otto_of_another_team_gets_no_row_by_naming_it(sign_in: Callable[[User], Desk]) -> None:
    case = factories.ticket()

    assert rows(sign_in(factories.otto()), "/open/", case.number) == []


def test_twenty_rows_take_as_many_queries_as_one(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    named = [factories.ticket(due_at=NOW).number for _case in range(20)]

    with django_assert_num_queries(8):
        assert len(rows(desk, "/open/", named[0])) == 1
    with django_assert_num_queries(8):
        assert len(rows(desk, "/open/", *named)) == 20
