"""What the tests of intake share."""

from typing import Any

from tests.tickets.cast import NOON, ada, case, door, later
from tickets.actions import replies
from tickets.actions.intake import Arrival, Landing, receive
from tickets.interchange import IncomingMessage, Receipt, Sender
from tickets.models import (
    Conversation,
    Delivery,
    DeliveryState,
    Message,
)


def note(
    external_id: str, text: str = "收不到邮件", who: str = "kim", **fields: Any
) -> IncomingMessage:
    return IncomingMessage(external_id, Sender(who), text, NOON, **fields)


def take(*items: IncomingMessage | Receipt, **span: float) -> list[Landing]:
    channel = door()
    return receive([Arrival(channel, item) for item in items], now=later(**span))


def message_of(landing: Landing) -> Message:
    assert landing.message_id is not None
    return Message.objects.select_related("conversation__identity").get(pk=landing.message_id)


def sent(external_id: str = "out-1") -> Delivery:
    ticket = case()
    conversation = Conversation.objects.get(ticket=ticket)
    message = replies.reply(conversation=conversation, text="hello", by=ada(), now=NOON)
    delivery = Delivery.objects.get(message=message)
    delivery.state, delivery.external_id = DeliveryState.SENT, external_id
    delivery.save()
    return delivery
