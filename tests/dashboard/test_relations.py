"""Beside a case: related ones, likely duplicates, notes about its customer; strangers see none."""

from collections.abc import Callable

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets.case_numbers import format_number
from tickets.models import ContactNote, Link, Ticket, User

pytestmark = pytest.mark.django_db


def url(ticket: Ticket, what: str = "") -> str:
    return f"/tickets/{format_number(ticket.number)}/{what}"


def page(desk: Desk, ticket: Ticket) -> str:
    content: str = desk.get(url(ticket)).content.decode()
    return content


@pytest.mark.parametrize("how", ["related", "parent", "child"])
def test_case_is_related_by_any_writing_and_parted_again(desk: Desk, how: str) -> None:
    case, other = factories.ticket(), factories.ticket(text="The other one")

    desk.send(url(case, "relations/"), {"number": f"qm{other.number}", "as": how})
    link = Link.objects.get()
    shown = page(desk, case)
    desk.send(url(other, f"relations/{link.pk}/removal/"))

    assert "The other one" in shown
    assert link.kind == ("related" if how == "related" else "parent")
    assert (link.ticket, link.other) == ((other, case) if how == "child" else (case, other))
    assert not Link.objects.exists()


def test_resolved_child_offers_to_resolve_its_parent(desk: Desk) -> None:
    parent, child = factories.ticket(), factories.ticket(state="closed", closed_at=NOW)
    desk.send(url(child, "relations/"), {"number": parent.number, "as": "parent"})

    assert f'action="{url(parent, "resolution/")}"' in page(desk, child)
    parent.refresh_from_db()
    assert parent.state == "open"


def test_suggestion_stands_in_both_cases_until_it_is_dismissed_in_one(
    desk: Desk, ada: User
) -> None:
    case, other = factories.ticket(), factories.ticket(text="The very same")
    Link.objects.create(ticket=case, other=other, kind="duplicate", created_at=NOW)
    bea = factories.person("Bea", "agent", factories.team("Mail"))
    factories.answer(other.conversations.get(), "Try again", bea, at=NOW + minutes(1))

    here, there = page(desk, case), page(desk, other)
    desk.send(url(other, "duplicates/dismissal/"), {"number": case.number})

    assert "Bea has answered what may be the same problem" in here
    assert 'form="reply-form" required' in here
    assert "Perhaps the same problem, still open elsewhere" in there
    assert 'form="reply-form" required' not in there
    for each in (case, other):
        assert "the same problem" not in page(desk, each)


def test_notes_about_a_customer_stand_beside_each_of_their_cases(desk: Desk) -> None:
    kim = factories.kim()
    case, second = factories.ticket(kim), factories.ticket(kim, "Another matter")

    desk.send(url(case, "customer-notes/"), {"text": "Call after two"})
    note = ContactNote.objects.get()
    shown = page(desk, second)
    desk.send(url(second, f"customer-notes/{note.pk}/"), {"text": "Call after three"})
    changed = ContactNote.objects.get().text
    desk.send(url(second, f"customer-notes/{note.pk}/"), {"remove": "1"})

    assert "Call after two" in shown
    assert "Another matter" in page(desk, case)
    assert changed == "Call after three"
    assert not ContactNote.objects.exists()


def test_helper_reads_no_notes_about_customers(sign_in: Callable[[User], Desk], desk: Desk) -> None:
    forum = factories.channel("discourse", is_public=True)
    case = factories.ticket(factories.kim(forum))
    desk.send(url(case, "customer-notes/"), {"text": "Between ourselves"})

    assert "Between ourselves" not in page(sign_in(factories.hal()), case)


def test_case_of_another_team_cannot_be_related(desk: Desk) -> None:
    case, foreign = factories.ticket(), factories.ticket(team=factories.team("Billing"))

    answer = desk.send(url(case, "relations/"), {"number": foreign.number}, follow=True)

    assert "There is no such case for you to see." in answer.content.decode()
    assert not Link.objects.exists()
