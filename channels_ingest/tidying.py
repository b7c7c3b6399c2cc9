"""Make what a connector parsed fit our columns, so that no odd byte kills an envelope."""

from dataclasses import replace

from tickets.interchange import IncomingMessage, Receipt, Sender

from .store import storable


def tidy(item: IncomingMessage | Receipt) -> IncomingMessage | Receipt:
    """The same item with storable ids, names and reasons. Texts and files are intake's concern.

    Ids are changed in the same way wherever they stand, so they still refer to each other.
    """
    if isinstance(item, Receipt):
        return replace(item, external_id=storable(item.external_id), reason=storable(item.reason))
    return replace(
        item,
        external_id=storable(item.external_id),
        target_id=storable(item.target_id),
        thread=storable(item.thread),
        in_reply_to=tuple(storable(each) for each in item.in_reply_to),
        sender=_tidy_sender(item.sender),
        language=storable(item.language)[:10],
    )


def _tidy_sender(sender: Sender) -> Sender:
    return replace(
        sender,
        external_id=storable(sender.external_id),
        name=storable(sender.name),
        address=storable(sender.address),
        phone=storable(sender.phone),
        vouched=storable(sender.vouched),
    )
