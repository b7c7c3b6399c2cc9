"""Keep what people have begun to write, across reloads and devices; nothing of it is ever lost."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from .. import files
from ..interchange import OutgoingFile
from ..models import (
    Attachment,
    Conversation,
    Draft,
    DraftFile,
    LaterReply,
    Macro,
    Ticket,
    User,
)
from .outgoing import StoredUpload, stored_uploads
from .refusals import Refused

LONGEST = 20_000
MOST_FILES = 20


class WrittenElsewhere(Refused):
    """Another device saved a newer text; `draft` is that one, untouched."""

    def __init__(self, draft: Draft) -> None:
        super().__init__("written_elsewhere")
        self.draft = draft


def keep(
    *,
    ticket: Ticket,
    user: User,
    mode: str,
    text: str,
    conversation: Conversation | None,
    macro: Macro | None = None,
    seen: int | None,
    now: datetime,
) -> Draft:
    """Save a draft over version `seen` of it; None saves it over whatever there is.

    Raises WrittenElsewhere where a newer one says something else, Refused("too_long").
    """
    if len(text) > LONGEST:
        raise Refused("too_long", limit=LONGEST)
    with transaction.atomic():
        draft = _locked(ticket, user, mode, now)
        if seen is not None and seen != draft.version and text != draft.text and draft.text:
            raise WrittenElsewhere(draft)
        draft.text, draft.conversation, draft.macro = text, conversation, macro
        _save(draft, now)
        return draft


def attach(*, ticket: Ticket, user: User, file: OutgoingFile, now: datetime) -> DraftFile:
    """Put a file beside the draft of a reply. Raises Refused("too_many")."""
    (upload,) = stored_uploads([file])
    with transaction.atomic():
        draft = _locked(ticket, user, "reply", now)
        if draft.files.count() >= MOST_FILES:
            raise Refused("too_many", limit=MOST_FILES)
        (made,) = _add(draft, [upload], now)
        return made


def detach(file: DraftFile) -> None:
    """Take a file away from a draft."""
    sha256 = file.sha256
    file.delete()
    transaction.on_commit(lambda: discard_unused({sha256}))


def dismiss(*, ticket: Ticket, user: User, suggestion: str, now: datetime) -> None:
    """Show this suggested draft no more to this person on this case."""
    with transaction.atomic():
        draft = _locked(ticket, user, "reply", now)
        draft.suggestion = suggestion[:80]
        draft.save()


def drop(*, ticket: Ticket, user: User, mode: str) -> None:
    """Delete a draft whose text has been sent, or is wanted no more."""
    own = Q(ticket=ticket) | Q(ticket__merged_into=ticket)
    drafts = Draft.objects.filter(own, user=user, mode=mode)
    held = set(DraftFile.objects.filter(draft__in=drafts).values_list("sha256", flat=True))
    drafts.delete()
    if held:
        transaction.on_commit(lambda: discard_unused(held))


def bring_back(
    *,
    ticket: Ticket,
    user: User,
    text: str,
    conversation: Conversation,
    files: Iterable[Attachment | StoredUpload],
    now: datetime,
) -> Draft:
    """Make what has not left a draft again, above whatever was begun since."""
    draft = _locked(ticket, user, "reply", now)
    begun = draft.text.strip()
    draft.text = f"{text}\n\n{begun}" if begun and begun != text.strip() else text
    draft.conversation = conversation
    _save(draft, now)
    _add(draft, files, now)
    return draft


def pass_on(*, tickets: Iterable[int], giver: User, receiver: User, now: datetime) -> None:
    """Give what somebody has begun to write on cases to somebody else, below what those had
    begun themselves."""
    begun = Draft.objects.filter(ticket__in=list(tickets), user=giver).select_for_update()
    for draft in begun.order_by("pk"):
        own = Draft.objects.filter(ticket=draft.ticket_id, user=receiver, mode=draft.mode)
        before = own.select_for_update().first()
        if before is None:
            draft.user = receiver
            _save(draft, now)
            continue
        before.text = "\n\n".join(filter(None, (before.text.strip(), draft.text.strip())))
        before.conversation = before.conversation or draft.conversation
        _save(before, now)
        draft.files.update(draft=before)
        draft.delete()


def discard_unused(gone: Iterable[str]) -> None:
    """Delete the bytes that nothing holds any more; the same file may stand elsewhere."""
    hashes = {each for each in gone if each}
    kept = set(Attachment.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    kept |= set(DraftFile.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    for sha256 in hashes - kept:
        if not LaterReply.objects.filter(files__contains=[{"sha256": sha256}]).exists():
            files.discard(sha256)


def _locked(ticket: Ticket, user: User, mode: str, now: datetime) -> Draft:
    """The draft, made where there is none, locked until the transaction ends."""
    Draft.objects.get_or_create(
        ticket=ticket, user=user, mode=mode, defaults={"changed_at": now, "version": 0}
    )
    return Draft.objects.select_for_update().get(ticket=ticket, user=user, mode=mode)


def _save(draft: Draft, now: datetime) -> None:
    draft.version += 1
    draft.changed_at = now
    draft.save()


def _add(
    draft: Draft, uploads: Iterable[Attachment | StoredUpload], now: datetime
) -> list[DraftFile]:
    return DraftFile.objects.bulk_create(
        DraftFile(
            draft=draft,
            name=each.name,
            content_type=each.content_type,
            size=each.size,
            sha256=each.sha256,
            created_at=now,
        )
        for each in uploads
    )
