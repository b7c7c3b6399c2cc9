"""Read what lies in an archive from its directory alone; nothing is ever unpacked. Pure."""

import io
import struct
import tarfile
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePath
from typing import Final

MOST_ENTRIES: Final = 200  # names that are kept
MOST_COUNTED: Final = 20_000  # entries that are looked at
MOST_INFLATED: Final = 32 * 1024 * 1024  # bytes of a compressed tape that are read
LONGEST_NAME: Final = 200
ENDINGS: Final = frozenset({".zip", ".tar", ".gz", ".tgz", ".7z", ".rar"})
RUN_BY_PEOPLE: Final = frozenset(
    (
        *(".exe", ".msi", ".bat", ".cmd", ".com", ".scr", ".pif", ".ps1", ".vbs", ".vbe", ".js"),
        *(".jse", ".wsf", ".hta", ".lnk", ".jar", ".apk", ".dll", ".reg", ".sh", ".iso", ".chm"),
    )
)
_END: Final = b"PK\x05\x06"
_END_LENGTH: Final = 22
_LONGEST_COMMENT: Final = 65_535
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_PLACE: Final[struct.Struct] = struct.Struct("<2L")
_IS_UTF8: Final = 0x800
_IS_ENCRYPTED: Final = 0x1
_UNKNOWN: Final = 0xFFFFFFFF  # the true size stands in an extra field
_CHUNK: Final = 64 * 1024

Entry = tuple[str, int]


class Unreadable(Exception):
    """The archive is broken, or more than we are willing to read."""


def may_be_archive(name: str) -> bool:
    """Whether a file of this name is worth looking into."""
    return PurePath(name.lower()).suffix in ENDINGS


def listing(data: bytes, *, name: str) -> dict[str, object]:
    """What lies in an archive, as data; empty for a file that is none.

    `kind` is zip, tar, gzip, 7z or rar; `entries` are pairs of name and size, at most
    MOST_ENTRIES; `more` counts the others; `programs` counts what runs when it is opened.
    `broken` and `locked` (by a password) are there where true. Of 7z and rar only the kind is told.
    """
    if not may_be_archive(name):
        return {}
    if data.startswith((b"PK\x03\x04", _END)):
        return _listed("zip", _zip_entries(data), is_locked=_is_locked(data))
    if data.startswith(b"7z\xbc\xaf\x27\x1c"):
        return {"kind": "7z"}
    if data.startswith(b"Rar!\x1a\x07"):
        return {"kind": "rar"}
    if data.startswith(b"\x1f\x8b"):
        return _gzip_listing(data)
    if data[257:262] == b"ustar":
        return _listed("tar", _tar_entries(io.BytesIO(data)))
    return {}


def _listed(kind: str, entries: Iterator[Entry], *, is_locked: bool = False) -> dict[str, object]:
    """Take what can be read of the entries, up to the limits."""
    kept: list[list[object]] = []
    count = programs = 0
    is_broken = False
    try:
        for name, size in entries:
            count += 1
            programs += PurePath(name.lower()).suffix in RUN_BY_PEOPLE
            if len(kept) < MOST_ENTRIES:
                kept.append([_shown(name), size])
            if count >= MOST_COUNTED:
                break
    except (Unreadable, tarfile.TarError, zlib.error, struct.error, EOFError, ValueError):
        is_broken = True
    found: dict[str, object] = {"kind": kind, "entries": kept, "more": count - len(kept)}
    extra = {"programs": programs, "broken": is_broken, "locked": is_locked}
    return found | {key: value for key, value in extra.items() if value}


def _zip_entries(data: bytes) -> Iterator[Entry]:
    """The central directory, entry by entry: libraries read it whole, however large it says."""
    place = _directory_start(data)
    while data[place : place + 4] == b"PK\x01\x02":
        fields = _ENTRY.unpack_from(data, place)
        flags, size = fields[3], fields[9]
        name_length, extra_length, comment_length = fields[10:13]
        start = place + _ENTRY.size
        name = _decoded(data[start : start + name_length], is_utf8=bool(flags & _IS_UTF8))
        extra = data[start + name_length : start + name_length + extra_length]
        if not name.endswith("/"):
            yield name, _long_size(extra) if size == _UNKNOWN else size
        place = start + name_length + extra_length + comment_length


def _directory_start(data: bytes) -> int:
    end = data.rfind(_END, max(0, len(data) - _END_LENGTH - _LONGEST_COMMENT))
    if end < 0:
        raise Unreadable
    length, start = _PLACE.unpack_from(data, end + 12)
    # What was put before an archive shifts it all; the end is where its directory stops.
    found: int = start if data[start : start + 2] == b"PK" else end - length
    return found


def _is_locked(data: bytes) -> bool:
    flags = struct.unpack_from("<H", data, 6)[0] if len(data) > 8 else 0
    return bool(flags & _IS_ENCRYPTED)


def _long_size(extra: bytes) -> int:
    """The size of 8 bytes that a large entry has in its extra field 1."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == 1 and length >= 8:
            return int(struct.unpack_from("<Q", extra, 4)[0])
        extra = extra[4 + length :]
    return 0


def _decoded(name: bytes, *, is_utf8: bool) -> str:
    """A name as it was meant: older programs wrote the code page of their country."""
    for encoding in ("utf-8",) if is_utf8 else ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return name.decode(encoding)
    return name.decode("cp437")


def _gzip_listing(data: bytes) -> dict[str, object]:
    """A compressed tape with its entries, or one compressed file."""
    tape = _Inflating(data)
    try:
        is_tar = tape.peek(512)[257:262] == b"ustar"
    except (Unreadable, zlib.error):
        return {"kind": "gzip", "broken": True}
    return _listed("tar", _tar_entries(tape)) if is_tar else {"kind": "gzip"}


def _tar_entries(tape: "io.BytesIO | _Inflating") -> Iterator[Entry]:
    with tarfile.open(fileobj=tape, mode="r|") as opened:  # type: ignore[call-overload]  # a stream needs read() alone
        for member in opened:
            if not member.isdir():
                yield member.name, member.size


class _Inflating:
    """The content of a gzip file, read as a stream and only so far."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._place = 0
        self._inflate = zlib.decompressobj(wbits=31)
        self._ready = b""
        self._left = MOST_INFLATED

    def peek(self, size: int) -> bytes:
        self._fill(size)
        return self._ready[:size]

    def read(self, size: int) -> bytes:
        self._fill(size)
        taken, self._ready = self._ready[:size], self._ready[size:]
        return taken

    def _fill(self, size: int) -> None:
        """Raises Unreadable where more than we take would be needed."""
        parts, held = [self._ready], len(self._ready)
        while held < size and not self._inflate.eof:
            given = self._inflate.unconsumed_tail or self._next()
            if not given:
                break
            part = self._inflate.decompress(given, _CHUNK)
            self._left -= len(part)
            if self._left < 0:
                raise Unreadable
            parts.append(part)
            held += len(part)
        self._ready = b"".join(parts)

    def _next(self) -> bytes:
        part = bytes(self._data[self._place : self._place + _CHUNK])
        self._place += len(part)
        return part


def _shown(name: str) -> str:
    """A name without what would hide or turn round a part of it."""
    seen = "".join(each for each in name if unicodedata.category(each)[0] != "C")
    return seen[:LONGEST_NAME]
