"""The REST API: found through access, answered once, problems in one shape."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.tickets.assessing import triaged
from tickets.actions.intake import Arrival, receive
from tickets.case_numbers import format_number
from tickets.interchange import IncomingMessage, Sender
from tickets.models import (
    ApiToken,
    Channel,
    Conversation,
    Delivery,
    Message,
    Role,
    Team,
    Ticket,
    User,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Mail", slug="mail")


@pytest.fixture
def ticket(team: Team) -> Ticket:
    now = timezone.now()
    channel = Channel.objects.create(slug="chat", kind="http", label="Chat", team=team)
    item = IncomingMessage(external_id="1", sender=Sender("kim"), text="收不到邮件", sent_at=now)
    found = receive([Arrival(channel, item)], now=now)[0].ticket
    assert found is not None
    return found


def client_of(name: str, role: str = Role.AGENT, team: Team | None = None) -> Client:
    user = User.objects.create_user(f"{name}@example.com", name=name, role=role)
    if team:
        user.teams.add(team)
    _, secret = ApiToken.issue(user=user, name="test", now=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_ticket_is_found_by_its_number_in_any_writing(ticket: Ticket, team: Team) -> None:
    ada = client_of("ada", team=team)

    found = ada.get(f"/api/v1/tickets/qm {ticket.number}/")

    assert found.json()["number"] == format_number(ticket.number)
    assert found.json()["conversations"][0]["channel"] == "chat"


def test_message_tells_why_it_stands_where_it_does(ticket: Ticket, team: Team) -> None:
    ada = client_of("ada", team=team)

    messages = ada.get(f"/api/v1/tickets/{ticket.number}/messages/").json()["results"]

    assert messages[0]["decision"]["rule"] == "new_ticket"


@pytest.mark.parametrize("path", ["", "messages/"])
def test_another_teams_agent_is_told_that_there_is_nothing(ticket: Ticket, path: str) -> None:
    otto = client_of("otto", team=Team.objects.create(name="Other", slug="other"))

    hidden = otto.get(f"/api/v1/tickets/{ticket.number}/{path}")
    missing = otto.get(f"/api/v1/tickets/{'9' * 10}/{path}")

    assert hidden.status_code == missing.status_code == 404
    assert hidden.json() == missing.json()
    assert hidden.headers["Content-Type"] == "application/problem+json"


def test_list_leaves_out_other_teams_and_filters(ticket: Ticket, team: Team) -> None:
    ada = client_of("ada", team=team)
    otto = client_of("otto", team=Team.objects.create(name="Other", slug="other"))

    assert len(ada.get("/api/v1/tickets/").json()["results"]) == 1
    assert ada.get("/api/v1/tickets/?state=closed").json()["results"] == []
    assert ada.get("/api/v1/tickets/?state=nonsense").json()["type"] == "urn:anhao:invalid"
    assert otto.get("/api/v1/tickets/").json()["results"] == []


def test_same_idempotency_key_writes_one_reply(ticket: Ticket, team: Team) -> None:
    ada = client_of("ada", team=team)
    body = {"conversation": Conversation.objects.get().pk, "text": "已处理"}
    path = f"/api/v1/tickets/{ticket.number}/replies/"
    key = {"Idempotency-Key": "press-1"}

    answers = [ada.post(path, body, content_type="application/json", headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Delivery.objects.count() == 1


def test_empty_reply_is_refused_with_a_reason(ticket: Ticket, team: Team) -> None:
    ada = client_of("ada", team=team)
    path = f"/api/v1/tickets/{ticket.number}/replies/"

    answer = ada.post(
        path,
        {"conversation": Conversation.objects.get().pk, "text": " "},
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert "text" in answer.json()["errors"]


def test_helper_neither_sees_private_cases_nor_writes_notes(ticket: Ticket, team: Team) -> None:
    helper = client_of("hanna", role=Role.HELPER)
    ticket.conversations.update(channel=_public_channel())

    note = helper.post(
        f"/api/v1/tickets/{ticket.number}/notes/",
        {"text": "psst"},
        content_type="application/json",
    )

    assert note.status_code == 403
    assert not Message.objects.filter(direction="note").exists()


def test_revoked_or_missing_token_is_refused(ticket: Ticket, team: Team) -> None:
    ada = client_of("ada", team=team)
    ApiToken.objects.update(revoked_at=timezone.now())

    assert ada.get("/api/v1/tickets/").status_code == 401
    assert Client().get("/api/v1/tickets/").status_code == 401


def test_schema_describes_the_api(team: Team) -> None:
    ada = client_of("ada", team=team)

    schema = ada.get("/api/v1/schema/")

    assert schema.status_code == 200
    assert b"/api/v1/tickets/{number}/replies/" in schema.content


def _public_channel() -> Channel:
    return Channel.objects.create(slug="forum", kind="http", label="Forum", is_public=True)


def test_ticket_says_how_it_was_assessed_but_not_to_helpers(ticket: Ticket, team: Team) -> None:
    triaged(ticket, now=timezone.now(), category="attachments")
    Conversation.objects.update(is_public=True)
    address = f"/api/v1/tickets/{format_number(ticket.number)}/"

    told = client_of("ada", team=team).get(address).json()
    hidden = client_of("hal", Role.HELPER).get(address).json()

    assert (told["triage"]["category"], told["triage"]["abstained"]) == ("attachments", False)
    assert told["escalated_at"] is None
    assert hidden.keys() & {"triage", "escalated_at", "escalation"} == set()
