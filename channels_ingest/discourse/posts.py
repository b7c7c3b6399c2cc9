"""Posts of a forum: which part is kept, how a version is recognised, what it says to us."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from channels_ingest import wire
from channels_ingest.connectors.base import RawEnvelope, StoredEnvelope
from channels_ingest.discourse.text import uploads_in, with_marked_quotes
from tickets.interchange import Action, IncomingFile, IncomingMessage, Parsed, Sender, Unknown

Post = dict[str, Any]

# What we keep of a post: only what stays the same while nobody edits it. A post also carries
# counters of reads and likes, and a repeat must be recognised by its content.
KEPT = (
    "id",
    "topic_id",
    "post_number",
    "reply_to_post_number",
    "user_id",
    "username",
    "created_at",
    "raw",
    "version",
    "post_type",
    "topic_title",
    "topic_archetype",
    "category_id",
    "user_deleted",
)
PASSED_OVER = {2: "moderator action", 3: "small action", 4: "whisper"}  # by post_type; 1 is a post
EVENTS = ("post_created", "post_edited", "post_destroyed", "post_recovered")


def kept(post: object) -> Post:
    """The part of a post that we keep. Raises ValueError if it has no numbers to know it by."""
    if not isinstance(post, dict):
        raise ValueError("a post is no object")
    part = {name: post[name] for name in KEPT if post.get(name) is not None}
    number(part, "id")
    number(part, "topic_id")
    return part


def envelope_of(event: str, post: Post) -> RawEnvelope:
    """The envelope of one event; pushed or asked for, the same event gives the same envelope."""
    key = f"post:{post['id']}"
    if event == "post_edited":
        # With the content: within five minutes an author edits without a new version.
        key += f":v{number(post, 'version', 1)}:{fingerprint(post)}"
    elif event != "post_created":
        key += f":{event.removeprefix('post_')}"
    body = json.dumps({"event": event, "post": post}, sort_keys=True)
    return RawEnvelope(key=key, lane=f"topic:{post['topic_id']}", body=body.encode())


def fingerprint(post: Post) -> str:
    """What changes if, and only if, somebody edits the post."""
    content = json.dumps([post.get(name) for name in ("version", "raw", "user_deleted")])
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def understood(envelope: StoredEnvelope, *, base_url: str, our_name: str) -> Parsed:
    """The message in an envelope, or why there is none. Raises ValueError on nonsense."""
    body = wire.json_object(envelope.body)
    event, post = body.get("event"), kept(body.get("post"))
    reason = _reason_to_pass_over(event, post, our_name)
    if reason:
        return Unknown(reason)
    action: Action = "create" if event == "post_created" else "edit"
    if event == "post_destroyed" or post.get("user_deleted"):
        action = "recall"
    return _message(post, envelope, action, base_url)


def _reason_to_pass_over(event: object, post: Post, our_name: str) -> str:
    if event not in EVENTS or event == "post_recovered":
        return f"event {wire.storable(str(event)[:40])}"
    if text(post, "username").lower() == our_name.lower():
        return "our own post"
    kind = number(post, "post_type", 1)
    if kind != 1:
        return PASSED_OVER.get(kind, "unknown type of post")
    if number(post, "user_id") <= 0:
        return "written by the forum itself"
    if event == "post_created" and post.get("user_deleted"):
        return "deleted by its author"
    return ""


def _message(
    post: Post, envelope: StoredEnvelope, action: Action, base_url: str
) -> IncomingMessage:
    raw = wire.storable(text(post, "raw"))
    topic, answered = number(post, "topic_id"), post.get("reply_to_post_number")
    is_private = post.get("topic_archetype") == "private_message"
    if is_private and not answered and post.get("post_number") != 1:
        answered = 1  # who answers the whole of a private topic answers what began it
    own_id = f"post:{post['id']}"
    is_new = action == "create"
    return IncomingMessage(
        external_id=own_id if is_new else envelope.key,
        sender=Sender(str(number(post, "user_id")), wire.storable(text(post, "username"))),
        text=with_marked_quotes(raw),
        sent_at=_moment(text(post, "created_at")) if is_new else envelope.received_at,
        thread=str(topic),
        subject=wire.storable(str(post.get("topic_title") or "")),
        files=tuple(
            IncomingFile(name=name, url=f"{base_url}/uploads/short-url/{path}")
            for name, path in uploads_in(raw)
        ),
        in_reply_to=(f"topic:{topic}:{answered}",) if answered else (),
        is_public=False if is_private else None,
        action=action,
        target_id="" if is_new else own_id,
    )


def number(holder: dict[str, Any], name: str, default: int | None = None) -> int:
    """A whole number that the database can keep. Raises ValueError."""
    value = holder.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise ValueError(f"{name} is no number")
    return value


def text(holder: dict[str, Any], name: str) -> str:
    """A text, however empty. Raises ValueError."""
    value = holder.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def _moment(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None
