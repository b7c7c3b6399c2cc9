"""What stands in a push of an Official Account: its envelope, and the message in words."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from channels_ingest import wire
from channels_ingest.connectors.base import RawEnvelope, StoredEnvelope
from tickets.interchange import IncomingFile, IncomingMessage, Parsed, Sender, Unknown

MEDIA = "wechat-media:"  # our own form of address for a media id
OPENID = re.compile(r"[\w@.-]{1,128}", re.ASCII)

Fields = Mapping[str, str]


def envelope_of(fields: Fields) -> RawEnvelope:
    """The envelope of one push. Raises ValueError if it names no sender or has no time."""
    sender = _sender_of(fields)
    _moment(fields)
    # Compatible mode sends the closed half besides, and closes it anew at every try.
    kept = {name: value for name, value in fields.items() if name != "Encrypt"}
    body = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    return RawEnvelope(key=_key_of(fields, sender), lane=sender, body=body.encode())


def _key_of(fields: Fields, sender: str) -> str:
    """The id of a message; for events, which have none, what the vendor tells them apart by."""
    number = fields.get("MsgId", "")
    if fields.get("MsgType") != "event" and re.fullmatch(r"[0-9]{1,30}", number):
        return number
    told = "\n".join(fields.get(name, "") for name in ("MsgType", "Event", "EventKey", "Ticket"))
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    return f"event:{sender}:{fields['CreateTime']}:{digest}"


def understood(envelope: StoredEnvelope, *, window: timedelta, replies: int) -> Parsed:
    """The message in an envelope, or why there is none. Raises ValueError on nonsense."""
    body = wire.json_object(envelope.body)
    fields = {name: wire.storable(str(value)) for name, value in body.items()}
    sender, sent_at = _sender_of(fields), _moment(fields)
    kind = fields.get("MsgType", "")
    if kind == "event":
        return Unknown(f"event {fields.get('Event', '')[:40]}")
    if not kind:
        raise ValueError("MsgType is missing")
    return IncomingMessage(
        external_id=envelope.key,
        sender=Sender(sender, proven=True),
        text=TEXTS.get(kind, _placeholder)(fields),
        sent_at=sent_at,
        files=_files(kind, fields),
        transcript=fields.get("Recognition", "").strip() if kind == "voice" else "",
        reply_until=sent_at + window,
        replies_left=replies,
    )


def _text(fields: Fields) -> str:
    return fields.get("Content", "")


def _nothing(fields: Fields) -> str:
    return ""  # the file says it


def _location(fields: Fields) -> str:
    place = ", ".join(filter(None, (fields.get("Location_X"), fields.get("Location_Y"))))
    return _lines(f"[位置] {fields.get('Label', '').strip()}", f"({place})" if place else "")


def _link(fields: Fields) -> str:
    title, description, url = (
        fields.get(name, "").strip() for name in ("Title", "Description", "Url")
    )
    return _lines(f"[链接] {title}", description, url)


def _placeholder(fields: Fields) -> str:
    return f"[暂不支持的消息类型：{fields.get('MsgType', '')[:40]}]"


def _lines(*lines: str) -> str:
    return "\n".join(line.strip() for line in lines if line.strip())


TEXTS: Mapping[str, Callable[[Fields], str]] = {
    "text": _text,
    "image": _nothing,
    "voice": _nothing,
    "video": _nothing,
    "shortvideo": _nothing,
    "location": _location,
    "link": _link,
}
VOICE_TYPES = {"amr": "audio/amr", "speex": "audio/ogg", "mp3": "audio/mpeg"}


def _files(kind: str, fields: Fields) -> tuple[IncomingFile, ...]:
    if kind not in ("image", "voice", "video", "shortvideo"):
        return ()
    media, picture = fields.get("MediaId", ""), fields.get("PicUrl", "")
    # A picture has a plain address besides, which needs no token and does not end.
    address = picture if re.match(r"https?://", picture) else MEDIA + media if media else ""
    if not address:
        return ()
    if kind == "image":
        return (IncomingFile("image.jpg", url=address),)
    if kind == "voice":
        ending = re.sub(r"[^a-z0-9]", "", fields.get("Format", "").lower())[:8] or "amr"
        content_type = VOICE_TYPES.get(ending, "application/octet-stream")
        return (IncomingFile(f"voice.{ending}", content_type, url=address),)
    return (IncomingFile("video.mp4", "video/mp4", url=address),)


def _sender_of(fields: Fields) -> str:
    sender = fields.get("FromUserName", "")
    if not OPENID.fullmatch(sender):
        raise ValueError("FromUserName is missing or too long")
    return sender


def _moment(fields: Fields) -> datetime:
    written = fields.get("CreateTime", "")
    if not re.fullmatch(r"[0-9]{1,11}", written):
        raise ValueError("CreateTime is no time")
    return datetime.fromtimestamp(int(written), UTC)
