"""Send the acknowledgements that are due, and ask owners about claims, once things are quiet."""

from datetime import datetime, timedelta

from django.db import transaction

from ..actor import SYSTEM
from ..locking import lock_tickets
from ..models import Acknowledgement, AcknowledgementState
from . import claims, inviting
from .refusals import Refused
from .replies import reply

MOST_A_DAY = 5  # acknowledgements to one identity; more is a loop of two machines


def send_due(*, now: datetime, limit: int = 100) -> int:
    """Settle every acknowledgement whose quiet moment has come; return how many were sent."""
    due = Acknowledgement.objects.filter(state=AcknowledgementState.DUE, due_at__lte=now)
    ids = list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_settle(pk, now) for pk in ids)


def _settle(pk: int, now: datetime) -> bool:
    """Settle one, its ticket locked first as everybody does; one that has just moved waits."""
    with transaction.atomic():
        due = Acknowledgement.objects.filter(pk=pk, state=AcknowledgementState.DUE, due_at__lte=now)
        ticket_id = due.values_list("conversation__ticket", flat=True).first()
        lock_tickets([ticket_id] if ticket_id else [])
        owed = (
            due.filter(conversation__ticket=ticket_id)
            .select_for_update(of=("self",))
            .select_related("conversation__channel", "conversation__ticket", "identity__contact")
            .first()
        )
        if owed is None:
            return False
        owed.reason = owed.reason or _refusal(owed, now)
        if owed.reason:
            owed.state = AcknowledgementState.SKIPPED
        else:
            _send(owed, now)
        owed.save()
        _ask_about_claim(owed, now)
        return owed.state == AcknowledgementState.SENT


def _refusal(owed: Acknowledgement, now: datetime) -> str:
    """Why nothing is sent after all, as a code, or ""."""
    if owed.identity.is_compromised:
        return "compromised"
    left = owed.conversation.replies_left
    if left is not None and left <= 1:
        return "last_reply"
    if not owed.conversation.takes_replies(now):
        return "window"
    today = Acknowledgement.objects.filter(
        identity=owed.identity,
        state=AcknowledgementState.SENT,
        first_message_at__gt=now - timedelta(days=1),
    )
    return "loop" if today.count() >= MOST_A_DAY else ""


def _send(owed: Acknowledgement, now: datetime) -> None:
    conversation = owed.conversation
    text = inviting.acknowledgement(conversation, owed.number, owed.quotes_a_number, now=now)
    try:
        owed.message = reply(
            conversation=conversation, text=text, by=SYSTEM, now=now, automatic=True
        )
    except Refused as refused:
        owed.state, owed.reason = AcknowledgementState.SKIPPED, refused.code[:20]
        return
    owed.state = AcknowledgementState.SENT


def _ask_about_claim(owed: Acknowledgement, now: datetime) -> None:
    if not owed.conversation.is_pending_claim:
        return
    try:
        claims.ask_owner(conversation=owed.conversation, by=SYSTEM, now=now)
    except Refused:
        return  # nobody to ask, or asked enough: the claim stands in its view for an agent
