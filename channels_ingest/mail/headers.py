"""Read mail headers as they are: folded, mislabelled, encoded twice, or made to hurt.

The standard parser's structured headers fail on hostile input in ways of their own (deep
comments, quadratic lists), so values are taken raw, cut at a length, and read here.
"""

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from typing import TypeAlias

from channels_ingest.mail import charsets

LONGEST_HEAD = 256 * 1024
LONGEST_VALUE = 8 * 1024
LONGEST_LIST = 64 * 1024  # References and recipients
LONGEST_ID = 200  # what our tables keep; longer ids are kept as a digest
MOST_REFERENCES = 50


class RawValues(Compat32):
    """A policy whose values stay as they came; bytes beyond ASCII are surrogates."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        limit = LONGEST_LIST if name.lower() in ("references", "to", "cc") else LONGEST_VALUE
        return value[:limit]


Headers: TypeAlias = "Message[str, str]"

# A word as RFC 2047 encodes it; senders put spaces into it and split characters between two.
ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=")
HEAD_END = re.compile(rb"\r?\n\r?\n")
MESSAGE_ID = re.compile(r"<([^<>\s]{1,990})>")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address with the name that stands before it; `address` is lower case, "" if unusable."""

    name: str
    address: str

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Cut a message (or part) into its header block and its body."""
    if raw[:1] in (b"\n", b"\r"):
        return b"", raw.lstrip(b"\r\n")
    found = HEAD_END.search(raw)
    return (raw[: found.start()], raw[found.end() :]) if found else (raw, b"")


def read_headers(head: bytes) -> Headers:
    """Parse a header block; of an endless one, the beginning."""
    return BytesHeaderParser(policy=RawValues()).parsebytes(head[:LONGEST_HEAD] + b"\r\n\r\n")


def values(headers: Headers, name: str) -> list[str]:
    """All raw values of a header, unfolded, topmost first."""
    return [_unfold(value) for value in headers.get_all(name, [])]


def value(headers: Headers, name: str) -> str:
    """The first raw value of a header, unfolded, or ""."""
    return _unfold(headers.get(name, ""))


def text(headers: Headers, name: str) -> str:
    """The first value of a header as people read it."""
    return decoded(headers.get(name, ""))


def _unfold(raw: str) -> str:
    return re.sub(r"[\r\n]+[ \t]*", " ", raw).strip()


def decoded(raw: str) -> str:
    """Decode the encoded words of a raw value; control and direction characters are dropped."""
    shown = "".join(_pieces(_unfold(raw)))
    return re.sub(r"\s+", " ", INVISIBLE.sub(" ", shown)).strip()


def _pieces(raw: str) -> Iterator[str]:
    """The plain and encoded pieces; neighbours of one charset are joined before decoding."""
    position, charset, waiting = 0, "", b""
    for word in ENCODED_WORD.finditer(raw):
        gap = raw[position : word.start()]
        label = word[1].partition("*")[0].lower()
        if waiting and (gap.strip() or label != charset):
            yield charsets.decode(waiting, charset)
            waiting = b""
        if gap.strip() or (gap and position == 0):
            yield _plain(gap)
        charset = label
        waiting += _word_bytes(word[2].lower(), word[3])
        position = word.end()
    if waiting:
        yield charsets.decode(waiting, charset)
    yield _plain(raw[position:])


def _plain(raw: str) -> str:
    return charsets.decode(raw.encode("utf-8", "surrogateescape"))


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "surrogateescape")
    return from_base64(data) if encoding == "b" else _from_q(data)


def _from_q(data: bytes) -> bytes:
    return re.sub(rb"=([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))


def from_base64(data: bytes) -> bytes:
    """Decode base64 as far as it goes: foreign characters and a broken end are passed over."""
    kept = re.sub(rb"[^A-Za-z0-9+/]+", b"", data)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def mailbox(raw: str) -> Mailbox:
    """The first address of a raw From or Sender value.

    The structure is read before encoded words are decoded: they may hold brackets of their own.
    """
    raw = _unfold(raw)[:2000]
    unquoted = QUOTED.sub(lambda found: "_" * len(found[0]), raw)
    opened = unquoted.find("<")
    closed = unquoted.find(">", opened)
    if 0 <= opened < closed:
        return Mailbox(_display_name(raw[:opened]), _address(raw[opened + 1 : closed]))
    bare = next((word for word in re.split(r"[\s<>,;()]+", raw) if "@" in word), "")
    return Mailbox("", _address(bare))


def _display_name(raw: str) -> str:
    name = decoded(raw.strip().rstrip(",").strip())
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return decoded(name)[:200]


def _address(raw: str) -> str:
    address = decoded(raw).lower()
    local, at, domain = address.rpartition("@")
    usable = local and at and domain and not re.search(r"[\s<>,;]", address)
    return address if usable and len(address) <= 254 else ""


def addresses(headers: Headers, *names: str) -> list[str]:
    """Every address in these headers, lower case, however they are written."""
    joined = " ".join(value for name in names for value in values(headers, name))
    return [
        word.lower() for word in re.split(r"""[\s<>,;:"'()]+""", joined) if "@" in word.strip("@")
    ]


def message_ids(raw: str) -> list[str]:
    """The ids of a References-like value in order, without their brackets."""
    found = MESSAGE_ID.findall(_unfold(raw))
    bare = _unfold(raw).split() if not found else []
    return found or [each for each in bare if "@" in each and len(each) < 990]


def short_id(message_id: str) -> str:
    """The id as we keep it: itself, or a digest of one that is too long or unprintable."""
    if len(message_id) <= LONGEST_ID and message_id.isprintable() and message_id.isascii():
        return message_id
    data = message_id.encode("utf-8", "surrogateescape")
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def own_id(raw: bytes) -> str:
    """The Message-ID of a raw mail, or a digest of its sender, date, subject and body."""
    head, body = split_head(raw)
    headers = read_headers(head)
    if ids := message_ids(value(headers, "Message-ID")):
        return short_id(ids[0])
    parts = [value(headers, name) for name in ("From", "Date", "Subject")]
    written = "\n".join((*parts, "")).encode("utf-8", "surrogateescape")
    return f"sha256:{hashlib.sha256(written + body.strip()).hexdigest()}"


def ancestors(headers: Headers) -> list[str]:
    """The ids that a mail answers, nearest first; of endless References both ends."""
    named = message_ids(value(headers, "In-Reply-To"))[:5]
    references = message_ids(value(headers, "References"))
    nearest = [*named, *reversed(references)]
    kept = list(dict.fromkeys(short_id(each) for each in nearest))
    if len(kept) <= MOST_REFERENCES:
        return kept
    return [*kept[: MOST_REFERENCES - 1], short_id(references[0])]


def thread_root(headers: Headers, own: str) -> str:
    """The oldest id of the mail's thread: the lane in which its messages keep their order."""
    oldest = message_ids(value(headers, "References")) or message_ids(value(headers, "In-Reply-To"))
    return short_id(oldest[0]) if oldest else own


def written_at(headers: Headers, received_at: datetime) -> datetime:
    """The Date of a mail, or the moment we received it where Date is missing, wild or to come."""
    try:
        at = parsedate_to_datetime(value(headers, "Date")[:100])
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return received_at
    return at if datetime(1990, 1, 1, tzinfo=UTC) < at <= received_at else received_at
