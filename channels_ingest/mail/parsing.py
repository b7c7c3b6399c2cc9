"""Read a raw mail into its text, its HTML and its files, keeping whatever can be read.

The standard parser walks a generator per nesting level for every line, so a deeply nested mail
stops it; this splits parts by their boundaries itself, at most 20 deep and 200 in all.
"""

import html
import mimetypes
import quopri
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import collapse_rfc2231_value

from channels_ingest.html_text import to_text
from channels_ingest.mail import charsets, headers
from channels_ingest.mail.headers import Headers
from tickets.interchange import IncomingFile

DEEPEST = 20
MOST_PARTS = 200
LONGEST_TEXT = 200_000  # characters; a longer text is cut and kept whole as a file

MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}")
UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2060-\u2069]')
NAMES = {
    "application/ms-tnef": "winmail.dat",
    "text/calendar": "invite.ics",
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a mail's tree; `group` is the same for alternatives of one another."""

    headers: Headers
    body: bytes
    content_type: str
    group: int

    @property
    def data(self) -> bytes:
        encoding = headers.value(self.headers, "Content-Transfer-Encoding").lower()
        if encoding == "base64":
            return headers.from_base64(self.body)
        return quopri.decodestring(self.body) if encoding == "quoted-printable" else self.body

    @property
    def text(self) -> str:
        label = _parameter(self.headers, "charset", "Content-Type")
        return charsets.decode(self.data, label).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def file_name(self) -> str:
        return _parameter(self.headers, "filename", "Content-Disposition") or _parameter(
            self.headers, "name", "Content-Type"
        )

    @property
    def is_attachment(self) -> bool:
        disposition = headers.value(self.headers, "Content-Disposition").lower()
        return disposition.startswith("attachment") or bool(self.file_name)


@dataclass(slots=True)
class Block:
    """One stretch of the body: its plain form, its HTML form, or both."""

    plain: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)

    def text(self) -> str:
        plain = "\n\n".join(each.strip("\n") for each in self.plain)
        return plain if plain.strip() else to_text("\n".join(self.markup))

    def html(self) -> str:
        shown = "".join(f"<pre>{html.escape(each)}</pre>" for each in self.plain)
        return "\n".join(self.markup) or shown


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail holds: `html` is as sent, never safe to show uncleaned."""

    text: str
    html: str
    files: tuple[IncomingFile, ...]


def parts(raw: bytes) -> list[Part]:
    """The leaves of a mail in order; what lies too deep or comes too late is one last leaf."""
    head, body = headers.split_head(raw)
    return list(_walk(headers.read_headers(head), body))


def _walk(top: Headers, body: bytes) -> Iterator[Part]:
    waiting = [(top, body, 0, 0)]
    leaves = seen = 0
    while waiting:
        found, content, depth, group = waiting.pop()
        content_type = _content_type(found)
        children = []
        if content_type.startswith("multipart/") and depth < DEEPEST and leaves < MOST_PARTS:
            children = _children(found, content, MOST_PARTS - leaves - len(waiting))
        if not children:
            leaves += 1
            yield Part(found, content, content_type, group)
            continue
        seen += 1
        inner = group or (seen if content_type == "multipart/alternative" else 0)
        for child in reversed(children):
            part_head, part_body = headers.split_head(child)
            waiting.append((headers.read_headers(part_head), part_body, depth + 1, inner))


def _children(found: Headers, body: bytes, limit: int) -> list[bytes]:
    """The raw parts of a multipart body; none where its boundary never occurs.

    The last of `limit` parts keeps all that follows; the last of a mail cut short, its rest.
    """
    children: list[bytes] = []
    begins = -1
    for border, after, is_last in _borders(body, _boundary(found)):
        if begins >= 0:
            children.append(body[begins:border].removesuffix(b"\n").removesuffix(b"\r"))
        begins = after
        if is_last:
            return children
        if len(children) >= limit - 1:
            break
    return [*children, body[begins:]] if begins >= 0 and limit > 0 else children


def _boundary(found: Headers) -> bytes:
    try:
        raw = found.get_boundary("")
    except (ValueError, IndexError):
        return b""
    return raw.encode("utf-8", "surrogateescape")


def _borders(body: bytes, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each border line begins, where it ends, and whether it is the closing one."""
    mark = b"--" + boundary
    start = body.find(mark) if boundary else -1
    while start >= 0:
        after = start + len(mark)
        if start == 0 or body[start - 1] == ord("\n"):
            line_end = body.find(b"\n", after)
            line_end = len(body) if line_end < 0 else line_end + 1
            rest = body[after:line_end].strip()
            if rest in (b"", b"--"):
                yield start, line_end, rest == b"--"
            after = line_end
        start = body.find(mark, after)


def _content_type(found: Headers) -> str:
    written = headers.value(found, "Content-Type").partition(";")[0].strip().lower()
    if MIME_TYPE.fullmatch(written):
        return written
    return "application/octet-stream" if "/" in written else "text/plain"


def _parameter(found: Headers, name: str, header: str) -> str:
    """A parameter of a header as text, in any of the ways in which names are encoded."""
    try:
        raw = found.get_param(name, header=header)
    except (ValueError, IndexError):
        return ""
    if isinstance(raw, tuple):
        charset, _language, value = raw
        return charsets.decode(value.encode("latin-1", "replace"), charset or "")
    return headers.decoded(collapse_rfc2231_value(raw)) if raw else ""


def content(leaves: list[Part]) -> Content:
    """Sort the leaves of a mail into its text, its HTML and its files."""
    blocks: dict[int, Block] = {}
    files: list[IncomingFile] = []
    for index, part in enumerate(leaves):
        if part.content_type not in ("text/plain", "text/html") or part.is_attachment:
            files.append(_file(part))
            continue
        block = blocks.setdefault(part.group or -index - 1, Block())
        if part.content_type == "text/html":
            block.markup.append(part.text)
        else:
            block.plain.append(_unflowed(part))
    text = "\n\n".join(filter(None, (block.text().strip("\n") for block in blocks.values())))
    has_html = any(block.markup for block in blocks.values())
    markup = "\n".join(block.html() for block in blocks.values()) if has_html else ""
    if len(text) > LONGEST_TEXT:
        files.append(IncomingFile("message.txt", "text/plain", text.encode()))
        text = text[:LONGEST_TEXT]
    return Content(text, markup, tuple(files))


def _unflowed(part: Part) -> str:
    """Join the lines that format=flowed broke for a narrow screen (RFC 3676)."""
    text = part.text
    if _parameter(part.headers, "format", "Content-Type").lower() != "flowed":
        return text
    deletes = _parameter(part.headers, "delsp", "Content-Type").lower() == "yes"
    lines: list[str] = []
    joins = False
    for raw in text.split("\n"):
        line = raw.removeprefix(" ")  # space-stuffed
        is_soft = raw.endswith(" ") and raw != "-- " and not raw.startswith(">")
        kept = line[:-1] if is_soft and deletes else line
        if joins and not raw.startswith(">"):
            lines[-1] += kept
        else:
            lines.append(kept)
        joins = is_soft
    return "\n".join(lines)


def _file(part: Part) -> IncomingFile:
    content_type = part.content_type
    data = part.data
    name = part.file_name or NAMES.get(content_type, "")
    if content_type == "message/rfc822" and not part.file_name:
        nested = headers.read_headers(headers.split_head(data)[0])
        name = f"{headers.text(nested, 'Subject')[:80] or 'message'}.eml"
    if content_type.startswith("multipart/"):
        content_type, name = "application/octet-stream", name or "unread-parts.eml"
    content_id = headers.value(part.headers, "Content-ID").strip("<> ")[:200]
    return IncomingFile(
        name=safe_name(name, content_type),
        content_type=content_type,
        data=data,
        content_id=content_id if content_id.isprintable() else "",
    )


def safe_name(name: str, content_type: str) -> str:
    """A file name without folders, control characters or surprises; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = UNSAFE_IN_NAMES.sub("_", last).strip(". ")
    stem, dot, extension = plain.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[:100]}.{extension}"
    guessed = "" if plain else mimetypes.guess_extension(content_type) or ""
    return f"{plain[:110] or 'attachment'}{guessed}"
