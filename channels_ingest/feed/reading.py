"""Read a feed in whatever dialect it is written: its entries, its pause, its next page."""

import calendar
import hashlib
import io
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from feedparser.api import parse

from channels_ingest import wire
from channels_ingest.connectors.base import FetchFailure, RawEnvelope
from channels_ingest.html_text import to_text
from tickets.interchange import IncomingFile, IncomingMessage, Parsed, Sender

MOST_ENTRIES = 1000
MOST_FILES = 5
LONGEST_THREAD = 255  # characters of a link by which a conversation is known
LONGEST_PAUSE = 6 * 3600.0  # seconds; some servers ask for a week by mistake
PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000}

Entry = dict[str, Any]

_parse: Callable[..., Any] = parse  # the library comes without types


@dataclass(frozen=True, slots=True)
class Feed:
    """What one page of a feed says; entries in the order in which they stand there."""

    title: str
    entries: list[Entry]
    pause: float
    next_page: str


def read(body: bytes, url: str, headers: Mapping[str, str]) -> Feed:
    """Read a feed. Raises FetchFailure if it is none, or one that could blow up."""
    # Entities of a document type may unfold without end; a NUL between letters is UTF-16.
    if b"<!doctype" in body.replace(b"\0", b"").lower():
        raise FetchFailure("not_a_feed", "it has a document type")
    told = {"content-type": headers.get("Content-Type", ""), "content-location": url}
    found = _parse(io.BytesIO(body), response_headers=told)
    if not found.get("version") and not found.entries:
        raise FetchFailure("not_a_feed", "neither RSS nor Atom")
    entries: dict[str, Entry] = {}
    for each in found.entries[:MOST_ENTRIES]:
        entry = _entry(each, url)
        entries.setdefault(entry["name"], entry)  # of two with one id, the upper one counts
    return Feed(
        title=_text(found.feed.get("title")),
        entries=list(entries.values()),
        pause=_pause(found.feed, headers),
        next_page=_next_page(found.feed, url),
    )


def _entry(each: Any, url: str) -> Entry:
    link = _web_address(each.get("link"), url)
    author = each.get("author_detail") or {}
    entry: Entry = {
        "link": link,
        "title": _text(each.get("title")),
        "text": _body(each),
        "published": _moment(each),
        "author": {
            "name": _text(author.get("name") or each.get("author")),
            "email": _text(author.get("email")),
            "href": _text(author.get("href")),
        },
        "files": _files(each, url),
    }
    own_id = _text(each.get("id")) or link
    first_words = [entry[name] for name in ("title", "author", "published")]
    entry["name"] = _digest(own_id or json.dumps([*first_words, entry["text"][:200]]))
    entry["look"] = _digest(json.dumps([entry["title"], entry["text"], entry["files"]]))[:12]
    return entry


def _body(each: Any) -> str:
    contents: Any = each.get("content") or [each.get("summary_detail") or {}]
    value = _text(contents[0].get("value"))
    return value if contents[0].get("type") == "text/plain" else to_text(value)


def _moment(each: Any) -> str:
    """When it was published, or else updated, in ISO 8601; "" where the feed does not say."""
    given = each.get("published_parsed") or each.get("updated_parsed")
    if not isinstance(given, time.struct_time):
        return ""
    try:
        return datetime.fromtimestamp(calendar.timegm(given), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _files(each: Any, url: str) -> list[dict[str, str]]:
    found = []
    for given in (each.get("enclosures") or [])[:MOST_FILES]:
        address = _web_address(given.get("href"), url)
        if address:
            kind = _text(given.get("type")) or "application/octet-stream"
            name = urlsplit(address).path.rpartition("/")[2] or "file"
            found.append({"url": address, "type": kind[:100], "name": name})
    return found


def _web_address(given: object, base: str) -> str:
    """An address that a browser may open without harm, or ""."""
    try:
        address = urljoin(base, _text(given)) if given else ""
        return address if urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _next_page(feed: Any, url: str) -> str:
    rels = {str(each.get("rel")): each.get("href") for each in feed.get("links") or []}
    return _web_address(rels.get("prev-archive") or rels.get("next"), url)


def _pause(feed: Any, headers: Mapping[str, str]) -> float:
    """The seconds for which the site asks to be left alone."""
    minutes = _count(feed.get("ttl"))
    period = PERIODS.get(_text(feed.get("sy_updateperiod")).strip().lower(), 0)
    often = max(_count(feed.get("sy_updatefrequency")), 1)
    cached = re.search(r"(?<![\w-])max-age=([0-9]{1,9})", headers.get("Cache-Control", ""))
    asked = max(minutes * 60, period // often, int(cached[1]) if cached else 0)
    return min(float(asked), LONGEST_PAUSE)


def _count(given: object) -> int:
    text = _text(given).strip()
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _text(value: object) -> str:
    return wire.storable(value) if isinstance(value, str) else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def envelope_of(event: str, entry: Entry) -> RawEnvelope:
    """The envelope of an entry that is new ("create") or has changed ("edit")."""
    own = f"entry:{entry['name']}"
    body = json.dumps({"event": event, "entry": entry}, sort_keys=True)
    key = own if event == "create" else f"{own}:{entry['look']}"
    return RawEnvelope(key, own, body.encode())


def understood(body: bytes, key: str, received_at: datetime) -> Parsed:
    """The message that an entry is. Raises ValueError on nonsense."""
    said = wire.json_object(body)
    event, entry = said.get("event"), said.get("entry")
    if event not in ("create", "edit") or not isinstance(entry, dict) or not entry.get("name"):
        raise ValueError("no entry")
    own, is_new = f"entry:{wire.storable(str(entry['name']))}", event == "create"
    title, text, link = (_text(entry.get(name)) for name in ("title", "text", "link"))
    is_short = 0 < len(link) <= LONGEST_THREAD
    return IncomingMessage(
        external_id=own if is_new else key,
        sender=_sender(entry, own),
        text=(text or title) if is_short or not link else f"{text or title}\n\n{link}",
        sent_at=_sent_at(entry, received_at) if is_new else received_at,
        thread=link if is_short else own,
        subject=title,
        files=_incoming(entry),
        is_public=True,
        action="create" if is_new else "edit",
        target_id="" if is_new else own,
    )


def _sender(entry: Entry, own: str) -> Sender:
    """Who wrote, as the feed claims; entries without an author are not one person's."""
    author = entry.get("author")
    told = author if isinstance(author, dict) else {}
    name, email, href = (_text(told.get(each)) for each in ("name", "email", "href"))
    known_by = href or email.lower() or name
    return Sender(f"author:{known_by}" if known_by else own, name, proven=False, address=email)


def _sent_at(entry: Entry, received_at: datetime) -> datetime:
    """When it was published, unless the feed does not know or claims to know the future."""
    published = _text(entry.get("published"))
    if not published:
        return received_at
    at = datetime.fromisoformat(published)
    return min(at.replace(tzinfo=at.tzinfo or UTC), received_at)


def _incoming(entry: Entry) -> tuple[IncomingFile, ...]:
    files = entry.get("files")
    return tuple(
        IncomingFile(name=_text(each.get("name")), content_type=_text(each.get("type")), url=url)
        for each in (files if isinstance(files, list) else [])
        if isinstance(each, dict) and (url := _text(each.get("url")))
    )
