"""Files that came after their message: put the content in its place, or say why there is none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ..actor import SYSTEM
from ..models import Attachment, Ticket
from .changes import Change, changing


def unfetched() -> QuerySet[Attachment]:
    """Attachments of which so far only the vendor's address is known."""
    return Attachment.objects.filter(Q(sha256="", problem="") & ~Q(source_url=""))


def content_arrived(
    *,
    attachment: Attachment,
    sha256: str,
    size: int,
    content_type: str,
    now: datetime,
    name: str = "",
    listing: Mapping[str, object] | None = None,
) -> bool:
    """Give an attachment its stored content and have open pages show it.

    `name` replaces the one that it has, where the vendor told it only with the content;
    `listing` is what lies in an archive.
    False: somebody else was faster and nothing changed.
    """
    outcome: dict[str, Any] = {"sha256": sha256, "size": size, "content_type": content_type[:127]}
    outcome["listing"] = dict(listing or {})
    if name:
        outcome["name"] = name[:255]
    return _settle(attachment, outcome, now)


def content_missing(*, attachment: Attachment, problem: str, now: datetime) -> bool:
    """Record by a code why an attachment will have no content. False: nothing changed."""
    return _settle(attachment, {"problem": problem[:40]}, now)


def _settle(attachment: Attachment, outcome: dict[str, Any], now: datetime) -> bool:
    """Change an attachment under the lock of its ticket, unless it was deleted meanwhile."""
    holding = Ticket.objects.filter(conversations__messages__attachments=attachment)
    while ticket := holding.first():
        with changing(ticket, by=SYSTEM, now=now) as change:
            # A merge may have moved the conversation away while we waited for the lock.
            if holding.filter(pk=ticket.pk).exists():
                return _write(change, change[ticket], attachment, outcome)
    return False


def _write(change: Change, ticket: Ticket, attachment: Attachment, outcome: dict[str, Any]) -> bool:
    if not unfetched().filter(pk=attachment.pk).update(**outcome):
        return False
    message = attachment.message
    message.version = change.touch(ticket)
    message.save(update_fields=("version",))
    return True
