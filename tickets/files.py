"""Content-addressed storage of files: the same bytes are kept once, under their sha256."""

import hashlib
import re

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

_SHA256 = re.compile(r"[0-9a-f]{64}")


def store(data: bytes) -> str:
    """Keep `data` and return its sha256 in hex. Storing the same bytes again changes nothing."""
    digest = hashlib.sha256(data).hexdigest()
    path = _path(digest)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))
    return digest


def open_file(sha256: str) -> File:  # type: ignore[type-arg]  # Django's File is generic in stubs only
    """The stored bytes as an open file. Raises FileNotFoundError or ValueError."""
    return default_storage.open(_path(sha256))


def read(sha256: str) -> bytes:
    """The stored bytes. Raises FileNotFoundError or ValueError."""
    with open_file(sha256) as stored:
        content: bytes = stored.read()
    return content


def discard(sha256: str) -> None:
    """Delete stored bytes for good; the caller knows that nobody needs them. Raises ValueError."""
    default_storage.delete(_path(sha256))


def _path(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError("a sha256 is 64 lower-case hex digits")
    return f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"
