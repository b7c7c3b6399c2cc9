"""Private messages and events as Weibo pushes them: the key of one, and what it says."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from channels_ingest import wire
from channels_ingest.connectors.base import RawEnvelope
from channels_ingest.weibo import values
from tickets.interchange import IncomingFile, IncomingMessage, Parsed, Sender, Unknown

MEDIA = "weibo-media:"  # our own address form: the vendor's file id behind it
IDENTIFYING = ("receiver_id", "sender_id", "created_at", "type", "text", "data")

Push = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a channel's settings say about answering."""

    own_uid: str
    reply_for: timedelta
    mention_replies: int
    reads_posts: bool  # mentions are then read as public posts, and answered there


def envelope_of(body: bytes) -> RawEnvelope:
    """The envelope of a push. It has no id, so what it says is its key. Raises ValueError."""
    push = wire.json_object(body)
    sender = values.uid(push.get("sender_id"))
    said = json.dumps([push.get(name) for name in IDENTIFYING], sort_keys=True)
    key = f"push:{hashlib.sha256(said.encode()).hexdigest()}"
    return RawEnvelope(key=key, lane=f"dm:{sender}", body=body)


def understood(body: bytes, key: str, rules: Rules) -> Parsed:
    """The message in a push, or why there is none. Raises ValueError on nonsense."""
    push = wire.json_object(body)
    kind = wire.storable(str(push.get("type", ""))[:40])
    sender = values.uid(push.get("sender_id"))
    if values.uid(push.get("receiver_id")) != rules.own_uid:
        return Unknown("for another account")
    if sender == rules.own_uid:
        return Unknown("our own message")
    if kind == "mention" and rules.reads_posts:
        return Unknown("mention: it is read among the public posts")
    if kind == "event" and values.part(push, "data").get("subtype") != "click":
        return Unknown(f"event {wire.storable(str(values.part(push, 'data').get('subtype'))[:40])}")
    if kind != "event" and kind not in TEXTS:
        return Unknown(f"type {kind}")
    return _message(push, kind, sender, key, rules)


def _message(push: Push, kind: str, sender: str, key: str, rules: Rules) -> IncomingMessage:
    sent_at = values.moment(push.get("created_at"))
    written, data = wire.storable(str(push.get("text") or "")), values.part(push, "data")
    return IncomingMessage(
        external_id=key,
        sender=Sender(sender),
        text=TEXTS[kind](written, data),
        sent_at=sent_at,
        thread=f"dm:{sender}",
        files=_files(kind, data),
        is_public=False,
        reply_until=sent_at + rules.reply_for,
        replies_left=rules.mention_replies if kind == "mention" else None,
    )


def _text(written: str, data: Push) -> str:
    return written


def _position(written: str, data: Push) -> str:
    place = f"[位置] {_word(data, 'latitude')}, {_word(data, 'longitude')}"
    return f"{place} {written}".strip()


def _picture(written: str, data: Push) -> str:
    return written or "[图片]"


def _voice(written: str, data: Push) -> str:
    return written or "[语音]"


def _click(written: str, data: Push) -> str:
    return f"[菜单] {_word(data, 'key') or written}"


def _mention(written: str, data: Push) -> str:
    """The words of a public post that names us; its number is kept for whoever looks for it."""
    where = "评论" if data.get("subtype") == "comment" else "微博"
    return f"[在{where} {_word(data, 'key')} 中提到我] {written}".strip()


TEXTS: dict[str, Callable[[str, Push], str]] = {
    "text": _text,
    "position": _position,
    "image": _picture,
    "voice": _voice,
    "event": _click,
    "mention": _mention,
}
FILES = {"image": ("image.jpg", "image/jpeg"), "voice": ("voice.amr", "audio/amr")}


def _files(kind: str, data: Push) -> tuple[IncomingFile, ...]:
    fid = _word(data, "tovfid")
    if kind not in FILES or not fid:
        return ()
    name, content_type = FILES[kind]
    return (IncomingFile(name=name, content_type=content_type, url=f"{MEDIA}{fid}"),)


def _word(data: Push, name: str) -> str:
    value = data.get(name)
    return wire.storable(str(value))[:200] if isinstance(value, str | int | float) else ""
