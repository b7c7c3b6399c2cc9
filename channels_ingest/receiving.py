"""Take files in pieces: begin, add, put together; and forget those that nobody sent."""

from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from tickets import files
from tickets.models import Attachment, Channel

from .models import Envelope, EnvelopeState
from .partial import Upload

PIECE = 512 * 1024  # bytes that a page sends at once
LARGEST_PIECE = 2 * 1024 * 1024
KEPT_FOR = timedelta(hours=25)  # a little longer than the form itself
MOST_FORGOTTEN = 200  # in one round


class OutOfStep(Exception):
    """The piece does not begin where the last one ended; `received` says where that is."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


def begin(
    *,
    channel: Channel,
    form: str,
    lane: str,
    client_key: str,
    name: str,
    content_type: str,
    size: int,
    now: datetime,
) -> Upload:
    """Make room for a file; the same form and key give the same upload as before."""
    known = Upload.objects.filter(form=form, client_key=client_key)
    if found := known.first():
        return found
    try:
        with transaction.atomic():
            return Upload.objects.create(
                channel=channel,
                form=form,
                lane=lane,
                client_key=client_key,
                name=name,
                content_type=content_type[:127],
                size=size,
                created_at=now,
            )
    except IntegrityError:  # begun twice at once
        return known.get()


def add(*, upload: Upload, offset: int, piece: bytes) -> Upload:
    """Add a piece that begins at `offset`; nothing of it is kept unless all of it is.

    Raises OutOfStep, also for what would be longer than was said.
    """
    with transaction.atomic():
        locked = Upload.objects.select_for_update().get(pk=upload.pk)
        fits = offset == locked.received and locked.received + len(piece) <= locked.size
        if not fits or locked.sha256 or locked.problem:
            raise OutOfStep(locked.received)
        if piece:
            path = _path(locked, offset)
            default_storage.delete(path)  # left by a try that was not committed
            locked.pieces.append(default_storage.save(path, ContentFile(piece)))
            locked.received += len(piece)
            locked.save(update_fields=("received", "pieces"))
        return locked


def whole(upload: Upload) -> bytes:
    """The content of a file that is here whole. Raises FileNotFoundError."""
    parts = []
    for path in upload.pieces:
        with default_storage.open(path) as stored:
            parts.append(stored.read())
    return b"".join(parts)


def keep(*, upload: Upload, data: bytes, content_type: str) -> Upload:
    """Keep a whole file for its form, and its pieces no longer."""
    return _settle(upload, sha256=files.store(data), content_type=content_type)


def refuse(*, upload: Upload, problem: str) -> Upload:
    """Give up a file that is not taken, with words for its sender."""
    return _settle(upload, problem=problem)


def forget(upload: Upload) -> None:
    """Remove an upload that its sender gave up; what was sent with a form stays."""
    _remove([upload])


def forget_old(*, now: datetime, limit: int = MOST_FORGOTTEN) -> int:
    """Remove uploads that can be sent with no form any more; return how many."""
    old = list(Upload.objects.filter(created_at__lte=now - KEPT_FOR).order_by("created_at")[:limit])
    _remove(old)
    return len(old)


def _settle(upload: Upload, **outcome: str) -> Upload:
    with transaction.atomic():
        locked = Upload.objects.select_for_update().get(pk=upload.pk)
        if locked.sha256 or locked.problem:
            return locked
        pieces, locked.pieces = locked.pieces, []
        for name, value in outcome.items():
            setattr(locked, name, value)
        locked.save(update_fields=("pieces", *outcome))
        transaction.on_commit(lambda: _drop(pieces))
    return locked


def _remove(uploads: list[Upload]) -> None:
    contents = {each.sha256 for each in uploads if each.sha256 and not _waits(each)}
    pieces = [path for each in uploads for path in each.pieces]
    Upload.objects.filter(pk__in=[each.pk for each in uploads]).delete()
    _drop(pieces)
    for sha256 in contents - _needed(contents):
        files.discard(sha256)


def _waits(upload: Upload) -> bool:
    """Whether a form of the same place lies unread, which may name the file."""
    unread = Q(state=EnvelopeState.NEW) | Q(state=EnvelopeState.DEAD)
    found: QuerySet[Envelope] = Envelope.objects.filter(
        unread, channel=upload.channel_id, lane=upload.lane
    )
    return found.exists()


def _needed(contents: set[str]) -> set[str]:
    """What a message or another upload holds."""
    held = Attachment.objects.filter(sha256__in=contents).values_list("sha256", flat=True)
    coming = Upload.objects.filter(sha256__in=contents).values_list("sha256", flat=True)
    return {*held, *coming}


def _drop(pieces: list[str]) -> None:
    for path in pieces:
        default_storage.delete(path)


def _path(upload: Upload, offset: int) -> str:
    return f"uploads/{upload.pk.hex}/{offset}"
