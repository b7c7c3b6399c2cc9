"""What the REST API keeps back: recalled messages from all, a post's personal data from helpers."""

import pytest
from django.utils import timezone

from tests.tickets.cast import case, door, says
from tests.tickets.test_api import client_of
from tickets.interchange import IncomingFile
from tickets.models import Role, Ticket

pytestmark = pytest.mark.django_db

PHONE = "13812340192"


def messages(ticket: Ticket, role: str) -> str:
    answer = client_of("ada", role=role).get(f"/api/v1/tickets/{ticket.number}/messages/")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(("role", "is_shown"), [(Role.AGENT, True), (Role.HELPER, False)])
def test_personal_data_of_a_public_post_is_masked_for_helpers(role: str, is_shown: bool) -> None:
    door("forum", is_public=True)
    ticket = case("kim", f"请打 {PHONE}", by="forum", at=timezone.now())

    shown = messages(ticket, role)

    assert (PHONE in shown) == is_shown
    assert "请打" in shown


def test_recalled_message_says_nothing() -> None:
    file = IncomingFile("regret.txt", "text/plain", b"regret")
    ticket = case("kim", f"电话 {PHONE}", external_id="m1", transcript="后悔", files=(file,))
    says("kim", "", external_id="r1", action="recall", target_id="m1")

    shown = messages(ticket, Role.AGENT)

    for gone in (PHONE, "后悔", "regret.txt"):
        assert gone not in shown
