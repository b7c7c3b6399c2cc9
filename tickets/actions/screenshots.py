"""The code of a case number on a picture that a customer sent: a hint, like a number in a quote.

Such a number never decides alone. If the picture has just opened a case of its own, and the code
leads to another open case of the same customer, nobody acted yet and nothing else was said by
anybody, the two are one, and an agent can take that back. In every other case a link to look at
is proposed, and the history says where it came from.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from ..actor import RULE
from ..models import (
    Alias,
    Attachment,
    Conversation,
    Direction,
    History,
    Link,
    LinkKind,
    Message,
    Move,
    MoveKind,
    Ticket,
)
from .chains import with_survivors
from .changes import Change, changing
from .settling import settle_clocks

SEEN, JOINED, JOINED_BY = "code_seen", "code_joined", "code_joined_by"
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_OPENED_BY_ITSELF = "new_ticket"


def unsearched() -> QuerySet[Attachment]:
    """Pictures from customers that nobody has searched yet."""
    kept = Attachment.objects.filter(
        searched_at__isnull=True,
        content_type__startswith="image/",
        content_type__in=_PICTURES,
        message__direction=Direction.INBOUND,
        message__recalled_at__isnull=True,
    )
    return kept.exclude(sha256="")


def searched(*, attachment: Attachment, numbers: Iterable[str] = (), now: datetime) -> bool:
    """Note that a picture was searched and which case numbers its codes hold.

    False: somebody else was faster and nothing changed. Safe to run twice.
    """
    if not Attachment.objects.filter(pk=attachment.pk, searched_at=None).update(searched_at=now):
        return False
    for number in dict.fromkeys(numbers):
        _act_on(attachment, number, now)
    return True


def _act_on(attachment: Attachment, number: str, now: datetime) -> None:
    alias = Alias.objects.filter(number=number).select_related("ticket").first()
    found = Conversation.objects.filter(messages__attachments=attachment).first()
    if alias is None or found is None:
        return
    involved = with_survivors([alias.ticket_id, found.ticket_id])
    with changing(*involved, by=RULE, now=now) as change:
        conversation = Conversation.objects.select_related("identity").get(pk=found.pk)
        ticket = change.tickets.get(conversation.ticket_id)
        target = _survivor(change, alias.ticket_id)
        if ticket is None or target is None or ticket == target:
            return
        if _is_one_case(ticket, target, conversation, attachment):
            _join(change, ticket, target, conversation)
        else:
            _propose(change, ticket, target, number, attachment)


def _survivor(change: Change, pk: int) -> Ticket | None:
    """What a ticket has become, or None where a merge slipped in before the locks."""
    ticket = change.tickets.get(pk)
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = change.tickets.get(ticket.merged_into_id)
    return ticket


def _is_one_case(
    ticket: Ticket, target: Ticket, conversation: Conversation, attachment: Attachment
) -> bool:
    """Whether the picture's message opened the case by itself, for the customer of the other."""
    same = ticket.contact_id == target.contact_id and not conversation.identity.is_compromised
    plain = not conversation.claim and not target.is_closed and not ticket.is_merged
    if not (same and plain):
        return False
    message = attachment.message
    said = Message.objects.filter(conversation__ticket=ticket, direction=Direction.INBOUND)
    written = Message.objects.filter(conversation__ticket=ticket, author__isnull=False)
    acted = History.objects.filter(ticket=ticket, actor_user__isnull=False)
    return (
        message.decision.get("rule") == _OPENED_BY_ITSELF
        and not said.exclude(pk=message.pk).exists()
        and not ticket.notes.exists()
        and not written.exists()
        and not acted.exists()
        and ticket.conversations.count() == 1
    )


def _join(change: Change, fresh: Ticket, target: Ticket, conversation: Conversation) -> None:
    """The fresh case gives way, exactly as that of a corrected number does; can be undone."""
    change.level(fresh, target)
    fresh.merged_into = target
    conversation.ticket = target
    conversation.save(update_fields=["ticket"])
    move = Move.objects.create(
        kind=MoveKind.CORRECTION,
        source=fresh,
        target=target,
        conversations=[conversation.pk],
        moved_at=change.now,
    )
    change.record(fresh, JOINED, number=target.number, move=move.pk)
    change.record(target, JOINED_BY, number=fresh.number, move=move.pk)
    settle_clocks(change, target)


def _propose(
    change: Change, ticket: Ticket, target: Ticket, number: str, attachment: Attachment
) -> None:
    _link, is_new = Link.objects.get_or_create(
        ticket=ticket,
        other=target,
        kind=LinkKind.QUOTED,
        defaults={
            "reason": {"screenshot": number, "attachment": str(attachment.pk)},
            "created_at": change.now,
        },
    )
    if is_new:
        change.record(ticket, SEEN, number=number)
