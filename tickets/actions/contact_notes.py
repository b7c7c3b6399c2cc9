"""Notes about a customer: written, put right and removed from one of their cases."""

from datetime import datetime
from typing import Final

from ..access import may_edit_contact_note
from ..actor import Actor
from ..models import ContactNote, Ticket
from .changes import changing
from .refusals import Refused

LONGEST: Final = 2000


def write_contact_note(*, ticket: Ticket, text: str, by: Actor, now: datetime) -> ContactNote:
    """Write one about the customer of a case. Raises Refused: empty or too_long."""
    text = _worded(text)
    with changing(ticket, by=by, now=now, moves_clocks=False) as change:
        locked = change[ticket]
        note = ContactNote.objects.create(
            contact_id=locked.contact_id, author=by.user, text=text, created_at=now
        )
        change.record(locked, "contact_noted", note=note.pk)
        return note


def edit_contact_note(
    *, note: ContactNote, ticket: Ticket, text: str, by: Actor, now: datetime
) -> ContactNote:
    """Word it anew. Raises Refused: empty, too_long or not_allowed."""
    text = _worded(text)
    _check(note, by)
    with changing(ticket, by=by, now=now, moves_clocks=False) as change:
        if note.text != text:
            note.text, note.edited_at = text, now
            note.save(update_fields=["text", "edited_at"])
            change.record(change[ticket], "contact_note_edited", note=note.pk)
        return note


def remove_contact_note(*, note: ContactNote, ticket: Ticket, by: Actor, now: datetime) -> None:
    """Delete it. Raises Refused("not_allowed")."""
    _check(note, by)
    with changing(ticket, by=by, now=now, moves_clocks=False) as change:
        change.record(change[ticket], "contact_note_removed", note=note.pk)
        note.delete()


def _worded(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refused("empty")
    if len(text) > LONGEST:
        raise Refused("too_long", limit=LONGEST)
    return text


def _check(note: ContactNote, by: Actor) -> None:
    if by.user is None or not may_edit_contact_note(by.user, note):
        raise Refused("not_allowed")
