"""What replies and notes have in common: files stored first, and nothing written twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .. import files
from ..actor import Actor
from ..interchange import OutgoingFile
from ..models import Attachment, Message


@dataclass(frozen=True, slots=True)
class StoredUpload:
    name: str
    content_type: str
    size: int
    sha256: str


def stored_uploads(uploads: Iterable[OutgoingFile]) -> list[StoredUpload]:
    """Store each file's bytes and describe it, before the row that names it."""
    return [
        StoredUpload(f.name[:255], f.content_type[:127], len(f.data), files.store(f.data))
        for f in uploads
    ]


def attach(message: Message, uploads: Sequence[StoredUpload], now: datetime) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            name=upload.name,
            content_type=upload.content_type,
            size=upload.size,
            sha256=upload.sha256,
            created_at=now,
        )
        for upload in uploads
    )


def already_written(by: Actor, client_key: str) -> Message | None:
    """What the same press of the same button wrote before."""
    if not client_key or by.user is None:
        return None
    return Message.objects.filter(author=by.user, client_key=client_key).first()
