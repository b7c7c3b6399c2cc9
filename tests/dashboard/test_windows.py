"""Reply windows on the desk: seen before writing, in the row, in a list of their own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.dashboard.conftest import Desk
from tests.factories import channel, conversation, kim, ticket
from tickets.actions import deliveries
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import Channel, Conversation, Delivery, Ticket, User

pytestmark = pytest.mark.django_db

CLOSING = "/closing/"


def chat_case(*, minutes: float = 20, replies_left: int = 2) -> tuple[Ticket, Conversation]:
    """A case whose customer waits in a chat with a reply window of `minutes` more."""
    now = timezone.now()
    case = ticket(kim(channel("qq", label="QQ")), "收不到邮件", at=now)
    Conversation.objects.filter(ticket=case).update(
        reply_until=now + timedelta(minutes=minutes), replies_left=replies_left
    )
    return case, case.conversations.get()


def page(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def address(case: Ticket) -> str:
    return f"/tickets/{format_number(case.number)}/"


def test_case_whose_window_closes_soon_stands_in_a_list_of_its_own_with_a_clock(
    desk: Desk,
) -> None:
    case, where = chat_case()

    listed = page(desk, CLOSING)

    assert f'id="row-{case.number}"' in listed
    assert where.reply_until is not None
    assert f'data-until="{where.reply_until.isoformat()}"' in listed


@pytest.mark.parametrize(("minutes", "replies_left"), [(600, 2), (-1, 2), (20, 0)])
def test_window_that_is_far_off_or_shut_is_no_alarm(
    desk: Desk, minutes: float, replies_left: int
) -> None:
    case, _ = chat_case(minutes=minutes, replies_left=replies_left)

    assert f'id="row-{case.number}"' not in page(desk, CLOSING)


def test_answered_case_leaves_the_list(desk: Desk, ada: User) -> None:
    case, where = chat_case()
    reply(conversation=where, text="已处理", by=Actor.of(ada), now=timezone.now())

    assert f'id="row-{case.number}"' not in page(desk, CLOSING)


def test_composer_tells_window_and_replies_left_before_anything_is_written(desk: Desk) -> None:
    case, where = chat_case(replies_left=3)

    strip = page(desk, address(case)).split(f'data-window="{where.pk}"')[1].split("</div>")[0]

    assert "The reply window closes in" in strip
    assert "3 replies left" in strip


def test_composer_tells_that_a_reply_would_wait(desk: Desk) -> None:
    case, _ = chat_case(minutes=-5)

    assert "leaves when the customer writes again" in page(desk, address(case))


def test_waiting_reply_can_leave_by_the_customers_other_proven_place(desk: Desk, ada: User) -> None:
    case, where = chat_case(minutes=-5)
    mail = kim(channel("email", label="Mail"))
    mail.contact = case.contact
    mail.save()
    other = conversation(case, mail)
    written = reply(conversation=where, text="已处理", by=Actor.of(ada), now=timezone.now())
    waits = written.deliveries.get()

    shown = page(desk, address(case))
    desk.send(f"{address(case)}deliveries/{waits.pk}/detour/", {"conversation": other.pk})

    assert "Send by Mail instead" in shown
    waits.refresh_from_db()
    assert waits.state == "cancelled"
    assert Delivery.objects.get(message__conversation=other).state == "queued"


def test_parts_of_a_long_reply_are_told_as_one(desk: Desk, ada: User) -> None:
    door = channel("qq", label="QQ", capabilities={"text_limit": 10, "splits": True})
    case = ticket(kim(door))
    where = case.conversations.get()
    text = "first one. second one."
    written = reply(conversation=where, text=text, by=Actor.of(ada), now=timezone.now())
    for _ in range(3):
        claimed = deliveries.claim(channels=Channel.objects.all(), now=timezone.now())
        assert claimed is not None
        deliveries.record_sent(delivery=claimed, now=timezone.now())

    assert written.deliveries.count() == 3
    assert "Sent ×3" in page(desk, address(case))
