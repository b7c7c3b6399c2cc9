"""A chat's case on the desk: what the embedding site told, and what the machine did."""

from collections.abc import Callable

import pytest
from django.utils.html import strip_tags

from tests import factories
from tests.channels_ingest.chatting import Visitor, chat_channel, host_token, somebody_is_at_work
from tests.dashboard.conftest import Desk
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def path() -> str:
    somebody_is_at_work(chat_channel())
    visitor = Visitor()
    visitor.opens(host_token(name="Kim Lee", plan="enterprise", account={"seats": "<40>"}))
    visitor.talks("转人工")
    number = Ticket.objects.get().number
    return f"/tickets/QM-{number[:4]}-{number[4:8]}-{number[8:]}/"


def test_plan_and_account_stand_beside_the_case(sign_in: Callable[[User], Desk], path: str) -> None:
    page = sign_in(factories.mia()).get(path).content.decode()

    assert "Plan enterprise" in page
    assert '<dt class="dim">seats</dt><dd class="trunc">&lt;40&gt;</dd>' in page


def test_hand_over_is_told_with_its_reason(sign_in: Callable[[User], Desk], path: str) -> None:
    page = strip_tags(sign_in(factories.mia()).get(path).content.decode())

    assert "The machine handed the case over: the customer wants to talk to a person" in page
