"""What a filter leaves of a list: compared with what the words say, and nothing foreign."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.factories import NOW, minutes
from tickets.access import visible_tickets
from tickets.actions.indexing import index_due
from tickets.filters import parse
from tickets.models import State, Ticket, User
from tickets.queries.filtering import narrowed
from tickets.queries.naming import book_for, known_tags

pytestmark = pytest.mark.django_db
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "mine": {"tags": ["502", "mobile"], "priority": "urgent", "language": "zh-Hans"},
    "waits": {"state": State.PENDING, "waiting_since": None, "created_at": NOW - timedelta(days=2)},
    "done": {"state": State.CLOSED, "closed_at": NOW, "waiting_since": None, "category": "other"},
    "late": {"due_at": NOW - minutes(5), "escalated_at": NOW, "team": None},
    "soon": {"due_at": NOW + minutes(30), "last_activity_at": NOW - timedelta(hours=5)},
}

LEFT = {
    "": "plain mine waits done late soon",
    "state:open": "plain mine late soon",
    "状态:未解决": "plain mine waits late soon",
    "state:pending,closed": "waits done",
    "-state:open": "waits done",
    "处理人:我": "mine",
    "assignee:Ada": "mine",
    "assignee:none state:open": "plain late soon",
    "tag:502": "mine",
    "-tag:502 state:open": "plain late soon",
    "tag:none state:open": "plain late soon",
    "priority:紧急 language:中文": "mine",
    "等待:>9分": "plain mine late soon",
    "waiting:>20m": "",
    "waiting:none": "waits done",
    "due:overdue": "late",
    "到期:<30分": "late soon",
    "-due:overdue state:open": "plain mine soon",
    "due:none state:open": "plain mine",
    "created:today": "plain mine done late soon",
    "created:<2026-11-20": "waits",
    "created:2026-11-18..2026-11-19": "waits",
    "updated:>4h": "soon",
    "resolved:今天": "done",
    "category:other": "done",
    "category:none -state:open": "waits",
    "escalated:yes": "late",
    "team:none": "late",
    "team:Mail state:closed": "done",
    "contact:ki company:none": "",
    "contact:kim state:closed": "done",
    "channel:Email state:closed": "done",
    "kind:email -channel:email": "",
    "claim:none state:closed": "done",
    "has:note": "",
    "comes back state:closed": "done",
    '-"comes back"': "",
}


@pytest.fixture
def ada(db: None) -> User:
    return factories.ada()


@pytest.fixture
def named(db: None) -> dict[str, Ticket]:
    return {name: factories.ticket(**fields) for name, fields in CASES.items()}


def left(text: str, user: User) -> set[str]:
    parsed = parse(text, book_for(user))
    assert parsed.problems == ()
    with timezone.override("Asia/Shanghai"):
        found = narrowed(visible_tickets(user), user, parsed.filter, now=NOW + minutes(10))
        return set(found.values_list("number", flat=True))


def test_filter_leaves_what_its_words_say(ada: User, named: dict[str, Ticket]) -> None:
    Ticket.objects.filter(pk=named["mine"].pk).update(assignee=ada)
    index_due()
    name_of = {case.number: name for name, case in named.items()}

    found = {text: {name_of[number] for number in left(text, ada)} for text in LEFT}

    assert found == {text: set(names.split()) for text, names in LEFT.items()}


def test_case_is_found_by_every_number_that_leads_to_it(ada: User) -> None:
    case = factories.ticket()
    merged = factories.ticket(merged_into=case)

    assert case.number in left(f"number:{case.number}", ada)
    assert case.number in left(f"案号:{merged.number}", ada)


def test_windows_claims_and_files_are_asked_of_the_conversations(ada: User) -> None:
    now = timezone.now()
    kim = factories.kim(factories.channel("qq"))
    closing = factories.ticket(kim, waiting_since=now)
    closing.conversations.update(reply_until=now + minutes(20), last_inbound_at=now)
    claimed = factories.ticket()
    factories.claim(claimed, factories.kim(name="Lo"))
    message = factories.message(claimed.conversations.earliest("pk"), "Look")
    factories.attachment(message)

    assert left("window:closing", ada) == {closing.number}
    assert left("claim:pending has:attachment", ada) == {claimed.number}


def test_otto_is_left_nothing_of_another_team(named: dict[str, Ticket]) -> None:
    otto = factories.otto()

    assert left("state:open", otto) == {named["late"].number}
    assert left("tag:502", otto) == set()
    assert known_tags(otto) == []


@pytest.mark.parametrize("text", ["tag:502", "contact:kim", "has:note", "private", "escalated:no"])
def test_helper_learns_nothing_of_what_was_said_in_private(text: str) -> None:
    case = factories.ticket(text="A private subject", tags=["502"])
    forum = factories.channel("discourse", "Forum", is_public=True)
    factories.conversation(case, factories.kim(forum, "blue_pine"))
    hal = factories.hal()

    assert left("channel:Forum", hal) == {case.number}
    assert left(text, hal) == set()


def test_filter_of_many_conditions_is_one_query(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    text = "state:open channel:email -tag:x assignee:me claim:none created:<9d 发票 -foo"
    parsed = parse(text)

    with django_assert_num_queries(1):
        list(narrowed(visible_tickets(ada), ada, parsed.filter))
