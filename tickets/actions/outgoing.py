"""What replies and notes have in common: files stored first, and nothing written twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from .. import files, pieces
from ..actor import Actor
from ..interchange import OutgoingFile
from ..models import Attachment, Channel, Message


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


def attach(message: Message, uploads: Sequence[StoredUpload], now: datetime) -> list[Attachment]:
    return Attachment.objects.bulk_create(
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


def pieces_for(channel: Channel, text: str, files: Sequence[UUID]) -> list[dict[str, Any]]:
    """How a reply is cut for a channel, see `tickets.pieces`."""
    return pieces.pieces(
        text,
        files,
        limit=channel.text_limit if channel.splits else None,
        in_bytes=channel.counts_bytes,
        files_apart=channel.sends_files_apart,
    )


def measured(text: str, channel: Channel) -> int:
    """The length of a text in the unit in which the channel's limit is given."""
    return len(text.encode("utf-8", "replace")) if channel.counts_bytes else len(text)


def already_written(by: Actor, client_key: str) -> Message | None:
    """What the same press of the same button wrote before."""
    if not client_key or by.user is None:
        return None
    return Message.objects.filter(author=by.user, client_key=client_key).first()
