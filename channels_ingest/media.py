"""Fetch the files that vendors only gave an address for, and tell what a file really is."""

import logging
import mimetypes
import re
import time
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import QuerySet

from tickets import archives, files
from tickets.actions import attachments
from tickets.interchange import IncomingFile
from tickets.models import Attachment

from . import accounts
from .connectors.base import FetchFailure
from .models import ChannelAccount
from .safe_fetch import FetchError

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
BUDGET = 20.0  # seconds in which fetches are begun
NEVER_COMES = {"gone", "too_large", "refused"}  # codes of connectors that no later try mends
LOOKED_AT = 200  # files among which those are sought whose pause is over

NAMELESS = "file"  # what connectors call a file whose name comes only with its content
OCTETS = "application/octet-stream"
PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
SHOWN_TYPES = {content_type for _, content_type in PICTURES}
# What a browser would run, were it ever served under this type.
ACTIVE_TYPE = re.compile(r"html|xml|svg|script|flash|java|wasm|x-msdownload|executable")
WELL_FORMED_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+_-]*")
PROGRAM = re.compile(
    rb"MZ|\x7fELF|#!|dex\n|\xca\xfe\xba\xbe|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe"
)


def real_type(data: bytes, *, name: str, claimed: str = "") -> str:
    """The type to keep a file under: by its content for pictures, else as claimed if harmless.

    A picture type is never taken on trust, since pictures are what pages show.
    """
    for start, content_type in PICTURES:
        if start.match(data):
            return content_type
    told = claimed.partition(";")[0].strip().lower()
    if told in {"", OCTETS}:
        told = (mimetypes.guess_type(name)[0] or OCTETS).lower()
    if told in SHOWN_TYPES or ACTIVE_TYPE.search(told) or not WELL_FORMED_TYPE.fullmatch(told):
        return OCTETS
    return told


def is_program(data: bytes) -> bool:
    """Whether a file begins as programs of the common systems do."""
    return PROGRAM.match(data) is not None


def fetch_due(limit: int, now: datetime) -> int:
    """Fetch up to `limit` files that wait at an address; return how many came.

    What failed for the moment is tried again by later calls, at growing intervals, for a day.
    Safe to run twice at once.
    """
    _give_up(now)
    until = time.monotonic() + BUDGET
    came = tried = 0
    for attachment in _waiting(now).order_by("-created_at")[:LOOKED_AT]:
        if tried >= limit or time.monotonic() > until:
            break
        if _is_its_turn(attachment, now):
            tried += 1
            came += _fetch(attachment, now)
    return came


def _waiting(now: datetime) -> QuerySet[Attachment]:
    return attachments.unfetched().filter(created_at__gt=now - GIVE_UP_AFTER)


def _give_up(now: datetime) -> None:
    late = attachments.unfetched().filter(created_at__lte=now - GIVE_UP_AFTER)
    for attachment in late.order_by("created_at")[:LOOKED_AT]:
        attachments.content_missing(attachment=attachment, problem="unreachable", now=now)


def _is_its_turn(attachment: Attachment, now: datetime) -> bool:
    """Claim the next try. Only the pause is kept in the cache: lost, a try comes early."""
    age = now - attachment.created_at
    pause = min(max(FIRST_PAUSE, age / 4), LONGEST_PAUSE)
    return bool(cache.add(f"media:{attachment.pk}", 1, timeout=pause.total_seconds()))


def _fetch(attachment: Attachment, now: datetime) -> bool:
    try:
        fetched = _download(attachment)
        data = fetched.data or b""
        sha256 = files.store(data)
    except (FetchError, FetchFailure) as error:
        logger.info("attachment %s: %s", attachment.pk, error.code)
        if _is_final(error):
            attachments.content_missing(attachment=attachment, problem=error.code, now=now)
        return False
    name = fetched.name if attachment.name == NAMELESS else attachment.name
    content_type = real_type(
        data, name=attachment.name, claimed=_better(attachment, fetched.content_type)
    )
    return attachments.content_arrived(
        attachment=attachment,
        sha256=sha256,
        size=len(data),
        content_type=content_type,
        now=now,
        name=name if attachment.name == NAMELESS else "",
        listing=archives.listing(data, name=name),
    )


def _is_final(error: FetchError | FetchFailure) -> bool:
    if isinstance(error, FetchError):
        return not error.is_temporary
    return error.code in NEVER_COMES


def _download(attachment: Attachment) -> IncomingFile:
    """Ask the connector of the channel that the message came by: it knows its vendor's addresses.

    Raises FetchError or FetchFailure.
    """
    account = ChannelAccount.objects.select_related("channel").get(
        channel__conversations__messages__attachments=attachment.pk
    )
    with accounts.connected(account) as connector:
        return connector.download(attachment.source_url)


def _better(attachment: Attachment, served_as: str) -> str:
    """What the vendor said in its message, unless that was nothing in particular."""
    claimed: str = attachment.content_type
    return served_as if claimed in {"", OCTETS} else claimed
