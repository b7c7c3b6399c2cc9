"""Public posts as Weibo lists them: comments and mentions, what is kept of one, what it says."""

import json
from dataclasses import dataclass
from typing import Any

from channels_ingest import wire
from channels_ingest.connectors.base import RawEnvelope
from channels_ingest.weibo import values
from tickets.interchange import IncomingMessage, Parsed, Sender, Unknown

SUBJECT = 60  # characters of the post that was commented

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list that the vendor keeps: its path, the name of the list inside, what stands in it."""

    path: str
    name: str
    kind: str


LISTINGS = (
    Listing("comments/to_me", "comments", "comment"),
    Listing("comments/mentions", "comments", "comment"),
    Listing("statuses/mentions", "statuses", "status"),
)


def kept(listing: Listing, item: object) -> Item:
    """The part of an entry that stays the same at every look. Raises ValueError without an id."""
    if not isinstance(item, dict):
        raise ValueError("an entry is no object")
    part: Item = {
        "id": values.number(item.get("id")),
        "created_at": item.get("created_at"),
        "text": item.get("text"),
        "user": _author(item),
    }
    if listing.kind == "status":
        return part | _quoted(item, "retweeted_status")
    status = values.part(item, "status")
    if status:
        part["status"] = {"id": values.number(status.get("id")), "text": status.get("text")}
    return part | _quoted(item, "reply_comment")


def _author(item: Item) -> Item:
    user = values.part(item, "user")
    return {name: user[name] for name in ("id", "screen_name") if name in user}


def _quoted(item: Item, name: str) -> Item:
    other = values.part(item, name)
    if not other:
        return {}
    return {name: {"id": other.get("id"), "text": other.get("text"), "user": _author(other)}}


def envelope_of(listing: Listing, item: Item) -> RawEnvelope:
    """The same entry of two lists gives the same envelope."""
    place = item["id"] if listing.kind == "status" else values.part(item, "status").get("id", 0)
    body = json.dumps({"kind": listing.kind, "item": item}, sort_keys=True)
    return RawEnvelope(f"{listing.kind}:{item['id']}", f"status:{place}", body.encode())


def understood(body: bytes, own_uid: str) -> Parsed:
    """The public message in an envelope, or why there is none. Raises ValueError on nonsense."""
    said = wire.json_object(body)
    kind, item = said.get("kind"), values.part(said, "item")
    if kind not in ("comment", "status"):
        raise ValueError("neither comment nor status")
    author = values.part(item, "user")
    status = values.part(item, "status")
    if not author.get("id"):
        return Unknown("its author is gone")
    if values.uid(author["id"]) == own_uid:
        return Unknown("our own post")
    if kind == "comment" and not status:
        return Unknown("what it comments is gone")
    place = item.get("id") if kind == "status" else status.get("id")
    answered = values.part(item, "reply_comment").get("id")
    return IncomingMessage(
        external_id=f"{kind}:{values.number(item.get('id'))}",
        sender=Sender(
            values.uid(author["id"]), wire.storable(str(author.get("screen_name") or ""))
        ),
        text=_with_quote(item),
        sent_at=values.moment(item.get("created_at")),
        thread=f"status:{values.number(place)}",
        subject=wire.storable(str(status.get("text") or ""))[:SUBJECT],
        in_reply_to=(f"comment:{values.number(answered)}",) if answered else (),
        is_public=True,
    )


def _with_quote(item: Item) -> str:
    """The author's own words; a post handed on follows as a quotation, line by line."""
    text = wire.storable(str(item.get("text") or ""))
    passed_on = values.part(item, "retweeted_status")
    if not passed_on:
        return text
    name = wire.storable(str(values.part(passed_on, "user").get("screen_name") or ""))
    quoted = wire.storable(str(passed_on.get("text") or "")).splitlines() or [""]
    return "\n".join((text, f"> {name}: {quoted[0]}", *(f"> {line}" for line in quoted[1:])))
