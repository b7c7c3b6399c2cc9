"""Make an arrival fit to store: files first, text without what PostgreSQL cannot hold."""

from collections.abc import Mapping
from dataclasses import replace

from ... import archives, files
from ...interchange import IncomingFile, IncomingMessage
from .arrival import Arrival, StoredFile

MOST_TEXT = 100_000  # characters shown; the whole of a longer text is kept as a file
MOST_NAME = 255


def stored_files(arrival: Arrival) -> Arrival:
    """The arrival with its file contents stored and its text cleaned; receipts are unchanged."""
    item = arrival.item
    if not isinstance(item, IncomingMessage):
        return arrival
    kept = [_stored(file) for file in item.files]
    if len(item.text) > MOST_TEXT:
        whole = IncomingFile("message.txt", "text/plain", item.text.encode(errors="replace"))
        kept.append(_stored(whole))
    clean = replace(
        item,
        text=storable(item.text)[:MOST_TEXT],
        html=storable(item.html),
        transcript=storable(item.transcript)[:MOST_TEXT],
        subject=storable(item.subject)[:500],
        files=(),
    )
    return replace(arrival, item=clean, files=tuple(kept))


def storable(text: str) -> str:
    """Text without NUL and lone surrogates, which PostgreSQL refuses."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _stored(file: IncomingFile) -> StoredFile:
    name = storable(file.name)[-MOST_NAME:] or "file"
    described = StoredFile(name, file.content_type[:127], file.content_id[:255])
    if file.sha256:
        listing = _listing_of_stored(name, file.sha256)
        return replace(described, sha256=file.sha256, size=file.size, listing=listing)
    if file.data is None:
        return replace(described, source_url=file.url)
    return replace(
        described,
        sha256=files.store(file.data),
        size=len(file.data),
        listing=archives.listing(file.data, name=name),
    )


def _listing_of_stored(name: str, sha256: str) -> Mapping[str, object]:
    """What lies in an archive that our own door has stored; it is read before any lock is held."""
    if not archives.may_be_archive(name):
        return {}
    try:
        return archives.listing(files.read(sha256), name=name)
    except OSError:
        return {}
