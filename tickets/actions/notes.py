"""Internal notes: what agents tell each other on a ticket."""

from collections.abc import Sequence
from datetime import datetime

from ..actor import Actor
from ..interchange import OutgoingFile
from ..models import Direction, Message, Ticket
from .changes import changing
from .following import call_mentioned
from .outgoing import already_written, attach, stored_uploads
from .refusals import Refused


def add_note(
    *,
    ticket: Ticket,
    text: str,
    by: Actor,
    now: datetime,
    files: Sequence[OutgoingFile] = (),
    client_key: str = "",
) -> Message:
    """Write a note that no customer sees; the same `client_key` returns what it wrote before.

    Whom it calls by name (`@Ada`) is told. On a merged case it stays with that case and is shown
    with the survivor's.
    Raises Refused("empty").
    """
    if not text.strip() and not files:
        raise Refused("empty")
    uploads = stored_uploads(files)
    with changing(ticket, by=by, now=now) as change:
        if written := already_written(by, client_key):
            return written
        locked = change[ticket]
        locked.last_activity_at = now
        note = Message.objects.create(
            ticket=locked,
            direction=Direction.NOTE,
            author=by.user,
            client_key=client_key if by.user else "",
            text=text,
            version=change.touch(locked),
            sent_at=now,
            created_at=now,
        )
        attach(note, uploads, now)
        call_mentioned(note=note, ticket=locked, now=now)
        return note
