"""Small files for the demo's messages: screenshots drawn from nothing, logs, tables."""

import io
import struct
import zipfile
import zlib

from tickets.interchange import IncomingFile

WIDTH, HEIGHT = 480, 270
PAPER, PINK = b"\xfa\xfa\xfb", b"\xfc\xec\xea"
INK, WARNING = b"\xc4\xca\xd2", b"\xc4\x48\x3c"
BARS = (b"\x2f\x6b\x5c", b"\x3a\x5c\x96", b"\x7a\x52\x8c", b"\x96\x60\x32")


def file_named(name: str) -> IncomingFile:
    """A file whose content fits its name and is the same at every load."""
    seed = zlib.crc32(name.encode())
    match name.rpartition(".")[2].lower():
        case "png":
            return IncomingFile(name, "image/png", screenshot(seed))
        case "csv":
            return IncomingFile(name, "text/csv", _table(seed).encode())
        case "zip":
            return IncomingFile(name, "application/zip", _archive(_log(seed)))
    return IncomingFile(name, "text/plain", _log(seed).encode())


def screenshot(seed: int) -> bytes:
    """A PNG that looks like a window with an error message in it."""
    rows = [bytearray(PAPER * WIDTH) for _ in range(HEIGHT)]
    _fill(rows, 0, 0, WIDTH, 28, BARS[seed % len(BARS)])
    for line in range(6):
        length = 120 + (seed >> line) % 280
        _fill(rows, 24, 48 + 22 * line, 24 + length, 56 + 22 * line, INK)
    left = 60 + seed % 60
    _fill(rows, left, 186, left + 300, 246, PINK)
    _fill(rows, left, 186, left + 6, 246, WARNING)
    _fill(rows, left + 24, 206, left + 180 + seed % 90, 214, WARNING)
    return _png(rows)


def _fill(
    rows: list[bytearray], left: int, top: int, right: int, bottom: int, colour: bytes
) -> None:
    for row in rows[top:bottom]:
        row[3 * left : 3 * right] = colour * (right - left)


def _png(rows: list[bytearray]) -> bytes:
    pixels = b"".join(b"\0" + bytes(row) for row in rows)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def _log(seed: int) -> str:
    lines = [
        f"10:{(seed >> n) % 60:02}:{(seed >> n * 2) % 60:02} smtp[{2000 + n}]: "
        f"{'554 5.7.1 content rejected' if n % 5 == 4 else '250 queued'} id={seed + n:x}"
        for n in range(24)
    ]
    return "\n".join(lines) + "\n"


def _table(seed: int) -> str:
    rows = [f"member{n:02}@example.com,{(seed >> n) % 5},{n % 3}" for n in range(20)]
    return "address,sent,failed\n" + "\n".join(rows) + "\n"


def _archive(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mail.log", (2026, 1, 1, 0, 0, 0)), text)
    return packed.getvalue()
