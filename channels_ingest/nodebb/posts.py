"""Posts and chat messages of a forum: what is kept of one, its envelope, what it says to us.

Ids are texts throughout: in a federated forum those of other servers are addresses.
"""

import hashlib
import html
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urljoin

from channels_ingest import wire
from channels_ingest.connectors.base import RawEnvelope
from channels_ingest.html_text import to_text
from tickets.interchange import Action, IncomingFile, IncomingMessage, Parsed, Sender, Unknown

ACTIONS: dict[str, Action] = {"create": "create", "edit": "edit", "delete": "recall"}
UPLOAD = re.compile(
    r"!?\[(?P<name>[^\]\n]{0,200})\]\((?P<path>[^)\s]{0,80}/assets/uploads/[^)\s]{1,300})\)"
)

NAMED = ("pid", "tid", "uid", "username", "timestamp", "title", "cid")

Entry = dict[str, Any]


def ident(value: object) -> str:
    """An id as text. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ValueError("no id")
    text = str(value) if isinstance(value, str) or abs(value) < 2**63 else ""
    if not text:
        raise ValueError("no id")
    return wire.storable(text)


def stamp(value: object) -> int:
    """Milliseconds since 1970, 0 where there are none. Raises ValueError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value in (None, ""):
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**14:
        raise ValueError("no time")
    return value


def part(holder: Entry, name: str) -> Entry:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def listed(summary: object) -> Entry:
    """What the list of recent posts tells of one: enough to know it again. Raises ValueError."""
    if not isinstance(summary, dict):
        raise ValueError("a post is no object")
    topic, user = part(summary, "topic"), part(summary, "user")
    look = f"{summary.get('content') or ''} {summary.get('deleted') or 0}"
    return {
        "pid": ident(summary.get("pid")),
        "tid": ident(summary.get("tid")),
        "uid": ident(summary.get("uid", 0)),
        "timestamp": stamp(summary.get("timestamp")),
        "username": str(user.get("username") or summary.get("handle") or ""),
        "title": str(topic.get("title") or ""),
        "cid": str(part(summary, "category").get("cid") or topic.get("cid") or ""),
        "look": fingerprint(look),
    }


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def post_envelope(event: str, summary: Entry, post: Entry) -> RawEnvelope:
    """The envelope of what happened to a post. Raises ValueError."""
    kept = {name: value for name, value in summary.items() if name in NAMED}
    kept["content"] = str(post.get("sourceContent") or post.get("content") or "")
    kept["edited"] = stamp(post.get("edited"))
    if post.get("toPid"):
        kept["to"] = ident(post["toPid"])
    key = _key(f"post:{summary['pid']}", event, kept["edited"])
    return RawEnvelope(key, f"topic:{summary['tid']}", _body("post", event, kept))


def chat_entry(message: object, room: str) -> Entry:
    """What is kept of a chat message. Raises ValueError."""
    if not isinstance(message, dict):
        raise ValueError("a message is no object")
    return {
        "mid": ident(message.get("messageId") or message.get("mid")),
        "room": room,
        "uid": ident(message.get("fromuid", 0)),
        "username": str(part(message, "fromUser").get("username") or ""),
        "timestamp": stamp(message.get("timestamp")),
        "edited": stamp(message.get("edited")),
        "deleted": bool(message.get("deleted")),
        "system": bool(message.get("system")),
        "content": str(message.get("content") or ""),
        "to": ident(message["toMid"]) if message.get("toMid") else "",
    }


def chat_envelope(event: str, entry: Entry) -> RawEnvelope:
    """The envelope of what happened to a chat message."""
    key = _key(f"chat:{entry['mid']}", event, entry["edited"])
    return RawEnvelope(key, f"chat:{entry['room']}", _body("chat", event, entry))


def _key(own: str, event: str, edited: int) -> str:
    return {"create": own, "edit": f"{own}:e{edited}", "delete": f"{own}:deleted"}[event]


def _body(kind: str, event: str, entry: Entry) -> bytes:
    return json.dumps({"kind": kind, "event": event, "entry": entry}, sort_keys=True).encode()


def understood(body: bytes, key: str, received_at: datetime, base_url: str) -> Parsed:
    """The message in an envelope, or why there is none. Raises ValueError on nonsense."""
    said = wire.json_object(body)
    kind, event, entry = said.get("kind"), said.get("event"), part(said, "entry")
    if kind not in ("post", "chat") or not isinstance(event, str) or event not in ACTIONS:
        raise ValueError("neither post nor chat message")
    if entry.get("system"):
        return Unknown("written by the forum itself")
    action = ACTIONS[event]
    is_new = action == "create"
    own = f"post:{ident(entry.get('pid'))}" if kind == "post" else f"chat:{ident(entry.get('mid'))}"
    is_post = kind == "post"
    place = f"topic:{ident(entry.get('tid'))}" if is_post else f"chat:{ident(entry.get('room'))}"
    raw = wire.storable(str(entry.get("content") or ""))
    sent_at = datetime.fromtimestamp(stamp(entry.get("timestamp")) / 1000, UTC)
    return IncomingMessage(
        external_id=own if is_new else key,
        sender=_sender(entry),
        text=raw if is_post else to_text(raw),
        sent_at=sent_at if is_new else received_at,
        thread=place,
        subject=to_text(str(entry.get("title") or "")),
        files=_files(raw, base_url) if is_post else (),
        in_reply_to=(f"{kind}:{ident(entry['to'])}",) if entry.get("to") else (),
        is_public=is_post,
        action=action,
        target_id="" if is_new else own,
    )


def _sender(entry: Entry) -> Sender:
    uid = ident(entry.get("uid"))
    name = html.unescape(wire.storable(str(entry.get("username") or "")))  # escaped for pages
    if uid in ("0", "-1"):  # a guest: whoever writes next under this name may be another
        return Sender(f"guest:{ident(entry.get('tid'))}:{name}", name, proven=False)
    return Sender(uid, name)


def _files(raw: str, base_url: str) -> tuple[IncomingFile, ...]:
    found = {urljoin(f"{base_url}/", each["path"]): each["name"] for each in UPLOAD.finditer(raw)}
    return tuple(
        IncomingFile(name=name or unquote(url.rpartition("/")[2]), url=url)
        for url, name in found.items()
    )
