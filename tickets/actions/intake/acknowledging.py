"""Decide whether a case owes its sender an acknowledgement, and wait for a quiet moment."""

from datetime import timedelta

from ...matching import Decision
from ...models import Acknowledgement, AcknowledgementState, Conversation, Ticket
from .batch import Batch, row_key
from .reading import Read

QUIET_FOR = timedelta(seconds=8)
AT_MOST = timedelta(seconds=30)


def owe_acknowledgement(
    batch: Batch,
    conversation: Conversation,
    ticket: Ticket,
    decision: Decision,
    read: Read,
) -> None:
    """Owe one per new case and identity; a further message only puts a due one off."""
    key = (row_key(ticket), row_key(conversation.identity))
    owed = batch.acknowledgements.get(key)
    if owed is not None:
        _put_off(batch, owed, read)
        return
    opens = decision.case is None or (decision.is_claim and conversation in batch.opened)
    if not opens:
        return
    reason = _refusal(conversation, decision, read)
    owed = Acknowledgement(
        ticket=ticket,
        identity=conversation.identity,
        conversation=conversation,
        number=conversation.claim_number or ticket.number,
        reason=reason,
        quotes_a_number=read.quotes_anything_like_a_number,
        first_message_at=batch.now,
        due_at=batch.now + QUIET_FOR,
    )
    batch.acknowledgements[key] = owed
    batch.new[Acknowledgement].append(owed)


def _put_off(batch: Batch, owed: Acknowledgement, read: Read) -> None:
    if owed.state != AcknowledgementState.DUE:
        return
    owed.due_at = min(batch.now + QUIET_FOR, owed.first_message_at + AT_MOST)
    owed.quotes_a_number = owed.quotes_a_number or read.quotes_anything_like_a_number
    batch.change(owed)


def _refusal(conversation: Conversation, decision: Decision, read: Read) -> str:
    """Why nothing will be sent, as a code: a machine wrote, the sender was told, a mute channel.

    Who sets a mistyped number right has been given a number for it. A second one would tell
    them that the number exists.
    """
    if read.automatic:
        return "automatic"
    if decision.corrects is not None:
        return "told"
    if not conversation.channel.capabilities.get("acknowledges", True):
        return "channel"
    return ""
