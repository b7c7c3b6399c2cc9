"""Edits, recalls and receipts: what happens to a message that is already there."""

from dataclasses import replace

from ...actor import SYSTEM, Actor
from ...interchange import IncomingMessage, Receipt
from ...models import Channel, Delivery, DeliveryState, Message, Revision
from .arrival import Landing
from .batch import Batch
from .writing import exposed_kinds

_RANK = {
    DeliveryState.STARTED: 0,
    DeliveryState.UNKNOWN: 0,
    DeliveryState.SENT: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.READ: 3,
}


def revised_message(batch: Batch, channel: Channel, item: IncomingMessage) -> Message | None:
    """The message that an edit or recall speaks of, if it is here and by the same author."""
    message = batch.messages.get((channel.pk, item.target_id or item.external_id))
    if message is None or message.conversation is None or not message.is_inbound:
        return None
    author = batch.identities.get((channel.pk, item.sender.external_id))
    same = author is not None and message.conversation.identity_id == author.pk
    return message if same else None


def revise(batch: Batch, channel: Channel, message: Message, item: IncomingMessage) -> Landing:
    """Apply an edit or a recall; what the message said before is kept."""
    assert message.conversation is not None
    ticket = batch.ticket_of(message.conversation)
    by = Actor.customer(message.conversation.identity)
    if item.action == "recall":
        if message.recalled_at:
            return Landing("duplicate", ticket, message)
        message.recalled_at = batch.now
        code = "message_recalled"
    else:
        if (message.text, message.html) == (item.text, item.html):
            return Landing("duplicate", ticket, message)
        batch.new[Revision].append(
            Revision(message=message, text=message.text, html=message.html, replaced_at=batch.now)
        )
        message.text, message.html, message.edited_at = item.text, item.html, batch.now
        message.exposes = exposed_kinds(item, channel)
        code = "message_edited"
    message.version = batch.touch(ticket)
    batch.change(message)
    batch.record(ticket, code, by, message=message.external_id)
    return Landing("recalled" if item.action == "recall" else "edited", ticket, message)


def as_new(item: IncomingMessage) -> IncomingMessage:
    """An edit of something never received is the first that we see of it: a message."""
    return replace(item, action="create", external_id=item.target_id or item.external_id)


def apply_receipt(batch: Batch, channel: Channel, receipt: Receipt) -> Landing:
    """Move a delivery on by the vendor's word; an older word than the present state is ignored."""
    delivery = batch.deliveries.get((channel.pk, receipt.external_id))
    if delivery is None or delivery.message.conversation is None:
        return Landing("ignored", reason="receipt_for_nothing_of_ours")
    if not _moves_on(delivery, receipt):
        return Landing("duplicate")
    delivery.state = DeliveryState(receipt.state)
    delivery.changed_at = batch.now
    if receipt.state == "failed":
        delivery.error = {"code": "bounced", "detail": receipt.reason}
    batch.change(delivery)
    ticket = batch.ticket_of(delivery.message.conversation)
    delivery.message.version = batch.touch(ticket)
    batch.change(delivery.message)
    if receipt.state == "failed":
        batch.record(ticket, "delivery_failed", SYSTEM, delivery=delivery.pk, reason=receipt.reason)
    return Landing("receipt", ticket, delivery.message)


def _moves_on(delivery: Delivery, receipt: Receipt) -> bool:
    state = DeliveryState(delivery.state)
    if receipt.state == "failed":
        return state != DeliveryState.FAILED
    return _RANK.get(state, 9) < _RANK[DeliveryState(receipt.state)]
