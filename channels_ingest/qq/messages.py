"""What QQ's events say to us: which are messages, who wrote where, until when we may answer."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from channels_ingest import wire
from channels_ingest.connectors.base import RawEnvelope, StoredEnvelope
from channels_ingest.qq import records
from channels_ingest.qq.records import name_of, objects, text
from tickets.interchange import IncomingMessage, Parsed, Sender, Unknown

PRIVATE = "C2C_MESSAGE_CREATE"
MENTION = "GROUP_AT_MESSAGE_CREATE"
ANY_IN_GROUP = "GROUP_MESSAGE_CREATE"
MESSAGES = (PRIVATE, MENTION, ANY_IN_GROUP)
PASSED_OVER = {
    "FRIEND_ADD": "somebody added the bot",
    "FRIEND_DEL": "somebody removed the bot",
    "C2C_MSG_REJECT": "somebody switched unasked messages off",
    "C2C_MSG_RECEIVE": "somebody switched unasked messages on",
    "GROUP_ADD_ROBOT": "the bot was added to a group",
    "GROUP_DEL_ROBOT": "the bot was removed from a group",
    "GROUP_MSG_REJECT": "a group switched unasked messages off",
    "GROUP_MSG_RECEIVE": "a group switched unasked messages on",
    "INTERACTION_CREATE": "a button was pressed",
}
PARALLEL = 101  # message_type: several things sent at once

LONGEST_ID, LONGEST_OPENID = 255, 127  # characters; two openids make the id of a group's member

AT = re.compile(r"<@!?([0-9A-Za-z_-]{1,64})>")
FACE = re.compile(r"<(?:faceType|emoji)[^<>]{0,2000}>")
FACE_NAME = re.compile(r'ext="([A-Za-z0-9+/=]{1,1000})"')


@dataclass(frozen=True, slots=True)
class Window:
    """How long and how often a message may be answered."""

    minutes: int
    replies: int


@dataclass(frozen=True, slots=True)
class Rules:
    private: Window
    group: Window
    trusts_union: bool = False


def envelope_of(frame: dict[str, Any], body: bytes) -> RawEnvelope:
    """The envelope of an event: keyed by its message or else by itself, in the lane of its chat."""
    data = frame.get("d")
    event: dict[str, Any] = data if isinstance(data, dict) else {}
    name = text(frame, "t")
    own = text(event, "id") if name in MESSAGES else ""
    key = own or text(frame, "id") or f"body:{hashlib.sha256(body).hexdigest()}"
    group, author = text(event, "group_openid"), event.get("author")
    person = text(author, "user_openid") if isinstance(author, dict) else text(event, "openid")
    lane = f"group:{group}" if group else f"c2c:{person or key}"
    return RawEnvelope(key=key, lane=lane, body=body)


def understood(envelope: StoredEnvelope, rules: Rules) -> Parsed:
    """The message in an envelope, or why there is none. Raises ValueError on nonsense."""
    frame = wire.json_object(envelope.body)
    name, event = text(frame, "t"), frame.get("d")
    if name not in MESSAGES:
        return Unknown(PASSED_OVER.get(name) or f"event {name[:40] or 'without a name'}")
    if not isinstance(event, dict) or not isinstance(event.get("author"), dict):
        raise ValueError("a message without its author")
    if event["author"].get("bot") is True:
        return Unknown("written by a bot")
    if name == ANY_IN_GROUP and not _mentions_us(event):
        return Unknown("said in a group, not to us")
    if name == PRIVATE:
        return _message(event, envelope, _private(event, rules), "c2c", rules.private)
    thread = f"group:{_required(event, 'group_openid')}"
    return _message(event, envelope, _member(event), thread, rules.group)


def _message(
    event: dict[str, Any], envelope: StoredEnvelope, sender: Sender, thread: str, window: Window
) -> IncomingMessage:
    at = _moment(text(event, "timestamp"), envelope.received_at)
    kind = event.get("message_type")
    event = _with_parts(event) if kind == PARALLEL else event
    files, quotes = records.files_in(event), list(records.records_in(event))
    if kind == records.RECORDS:
        quotes = [*records.flat_records(text(event, "content")), *quotes]
        files += [file for each in quotes for file in each.files]
    own = "[聊天记录]" if kind == records.RECORDS else _own_text(event)
    heard = records.transcript_of(event)
    if not (own or quotes or files):
        own = "[空消息]" if kind in (None, 0) else f"[无法显示的消息，类型 {kind}]"
    return IncomingMessage(
        external_id=_required(event, "id"),
        sender=sender,
        text=_together(own, records.quoted(quotes), kind),
        sent_at=at,
        thread=thread,
        files=tuple(files[: records.MOST_FILES]),
        is_public=thread != "c2c",
        transcript=heard,
        reply_until=at + timedelta(minutes=window.minutes),
        replies_left=window.replies,
    )


def _together(own: str, quotes: str, kind: object) -> str:
    """A record follows its label; what is answered stands before the answer."""
    parts = (own, quotes) if kind == records.RECORDS else (quotes, own)
    return "\n".join(filter(None, parts))


def _with_parts(event: dict[str, Any]) -> dict[str, Any]:
    """The event with what its author sent at once made its own; the parts of others stay parts."""
    elements = objects(event.get("msg_elements"))
    ours = [each for each in elements if not isinstance(each.get("author"), dict)]
    words = (text(each, "content").strip() for each in (event, *ours))
    return event | {
        "content": "\n".join(filter(None, words)),
        "attachments": [
            file for each in (event, *ours) for file in objects(each.get("attachments"))
        ],
        "msg_elements": [each for each in elements if each not in ours],
    }


def _own_text(event: dict[str, Any]) -> str:
    """What the author wrote, without what was forwarded or quoted."""
    content = FACE.sub(_face, text(event, "content"))
    names = {
        text(each, key): "" if each.get("is_you") is True else f"@{text(each, 'username')}"
        for each in objects(event.get("mentions"))
        for key in ("id", "member_openid", "user_openid")
        if text(each, key)
    }
    content = AT.sub(lambda match: names.get(match[1], ""), content)
    return "\n".join(filter(None, (content.strip(), *records.cards_in(event))))


def _face(match: re.Match[str]) -> str:
    """A face by the name that QQ gives it."""
    given = FACE_NAME.search(match[0])
    try:
        name = text(json.loads(base64.b64decode(given[1])), "text") if given else ""
    except (ValueError, AttributeError, RecursionError):
        name = ""
    return name if re.fullmatch(r"\[?/?\w{1,20}\]?", name) else "[表情]"


def _private(event: dict[str, Any], rules: Rules) -> Sender:
    union = text(event["author"], "union_openid") if rules.trusts_union else ""
    return Sender(
        external_id=_required(event["author"], "user_openid"),
        name=name_of(event)[:255],
        vouched=f"qq-union:{union}" if union else "",
    )


def _member(event: dict[str, Any]) -> Sender:
    """Somebody in a group: QQ gives a person another id in every group."""
    group, member = _required(event, "group_openid"), _required(event["author"], "member_openid")
    return Sender(external_id=f"{group}/{member}", name=name_of(event)[:255])


def _mentions_us(event: dict[str, Any]) -> bool:
    return any(each.get("is_you") is True for each in objects(event.get("mentions")))


def _required(holder: dict[str, Any], name: str) -> str:
    value = text(holder, name)
    if not value or len(value) > (LONGEST_ID if name == "id" else LONGEST_OPENID):
        raise ValueError(f"{name} is no id")
    return value


def _moment(written: str, otherwise: datetime) -> datetime:
    """The instant that a text names; a message is not lost for a time that cannot be read."""
    try:
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else otherwise
    except (ValueError, OverflowError):
        return otherwise
