"""The pane tells who a customer may be besides, and why; linking is one click and so is undoing."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW
from tests.own_cache import empty_cache
from tickets.actions.identities import mark_compromised
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import History, Identity, Link, Ticket, User

pytestmark = pytest.mark.django_db

WORDS = "My inbox shows no new mail since this morning, error 554"


def url(ticket: Ticket, rest: str = "") -> str:
    return f"/tickets/{format_number(ticket.number)}/{rest}"


def page(desk: Desk, ticket: Ticket) -> str:
    return unescape(desk.get(url(ticket)).content.decode())


def two(first: str, second: str, **fields: Any) -> tuple[Ticket, Ticket]:
    """Cases of two customers by two doors."""
    kim = factories.kim(factories.channel("email"), "Kim")
    other = factories.kim(factories.channel("qq"), "blue_pine")
    return factories.ticket(kim, first), factories.ticket(other, second, **fields)


def account_of(ticket: Ticket) -> Identity:
    return ticket.contact.identities.get()


def test_same_phone_number_is_suggested_with_the_number(desk: Desk) -> None:
    case, other = two("Call 138 1234 0192", "My number: 13812340192")

    shown = page(desk, case)

    assert "Perhaps the same customer" in shown
    assert "same phone number 138 1234 0192" in shown
    assert f"people/{account_of(other).pk}/link/" in shown


def test_quoted_number_is_suggested(desk: Desk) -> None:
    case, other = two("Mail is gone", "What about the other case?")
    Link.objects.create(ticket=other, other=case, kind="quoted", created_at=NOW)

    assert f"one quotes the other's case number {format_number(case.number)}" in page(desk, case)


def test_same_name_alone_suggests_nothing(desk: Desk) -> None:
    case, other = two(WORDS, "Where is my invoice for October?")
    Identity.objects.filter(contact=other.contact).update(name="Kim")
    assert "Perhaps the same customer" not in page(desk, case)

    other.conversations.get().messages.update(text=f"Hello, {WORDS}")
    empty_cache()  # it is weighed once a minute

    assert "same name Kim and much the same words" in page(desk, case)


def test_nothing_of_another_teams_case_is_suggested(desk: Desk) -> None:
    case, _other = two("Call 13812340192", "My number: 13812340192", team=factories.team("Billing"))

    assert "Perhaps the same customer" not in page(desk, case)


def test_stolen_account_is_not_suggested(desk: Desk, ada: User) -> None:
    case, other = two("Call 13812340192", "My number: 13812340192")
    mark_compromised(identity=account_of(other), by=Actor.of(ada), now=NOW)

    assert "Perhaps the same customer" not in page(desk, case)


def test_helper_is_told_nothing_of_who_may_be_who(sign_in: Callable[[User], Desk]) -> None:
    forum = factories.channel("discourse", is_public=True)
    case = factories.ticket(factories.kim(forum), "Call 13812340192")
    factories.ticket(factories.kim(forum, "Lin"), "My number: 13812340192")

    assert "Perhaps the same customer" not in page(sign_in(factories.hal()), case)


def test_link_and_take_back_are_one_click_each(desk: Desk, ada: User) -> None:
    case, other = two("Call 13812340192", "My number: 13812340192")
    account, before = account_of(other), other.contact

    shown = desk.send(url(case, f"people/{account.pk}/link/"), follow=True).content.decode()

    account.refresh_from_db()
    assert account.contact == case.contact
    assert "blue_pine is now an account of this customer" in shown
    assert "Ada linked the account blue_pine to this customer" in shown
    row = History.objects.get(ticket=case, code="identity_linked", actor_user=ada)
    assert url(case, f"links/{row.pk}/undo/") in shown

    shown = desk.send(url(case, f"links/{row.pk}/undo/"), follow=True).content.decode()

    account.refresh_from_db()
    assert account.contact == before
    assert "blue_pine is an account of its own again" in shown
    assert "Take back the link" not in shown


def test_second_click_says_why_nothing_happened(desk: Desk) -> None:
    case, other = two("Call 13812340192", "My number: 13812340192")
    account = account_of(other)
    desk.send(url(case, f"people/{account.pk}/link/"))

    again = desk.send(url(case, f"people/{account.pk}/link/"), follow=True).content.decode()

    assert "This account is this customer" in again


def test_account_of_a_case_that_the_agent_does_not_see_cannot_be_linked(desk: Desk) -> None:
    case, other = two("a", "b", team=factories.team("Billing"))

    answer = desk.send(url(case, f"people/{account_of(other).pk}/link/"))

    assert answer.status_code == 404


def test_only_a_link_of_this_case_can_be_taken_back_here(desk: Desk) -> None:
    case, other = two("a", "b")
    desk.send(url(case, f"people/{account_of(other).pk}/link/"))
    row = History.objects.filter(ticket=case, code="identity_linked").get()
    third = factories.ticket()
    plain = History.objects.create(
        ticket=third, version=1, at=NOW, actor_kind="system", code="resolved"
    )

    assert desk.send(url(third, f"links/{row.pk}/undo/")).status_code == 404
    assert desk.send(url(third, f"links/{plain.pk}/undo/")).status_code == 404
