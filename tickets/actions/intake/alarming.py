"""Call a lead to a case whose customer threatens to go elsewhere with it."""

from ...actor import SYSTEM
from ...models import Ticket
from .batch import Batch
from .reading import Read


def call_lead(batch: Batch, ticket: Ticket, read: Read) -> None:
    """Weigh what the author wrote just now; what they quote is somebody else's word."""
    if ticket.escalated_at is not None or read.automatic:
        return
    if words := list(batch.alarm.said(read.own_words)):
        ticket.escalated_at = batch.now
        ticket.escalation = {"source": "words", "words": words}
        batch.record(ticket, "threatened", SYSTEM, source="words", words=words)
