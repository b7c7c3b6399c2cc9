"""What customers send, in words: places, cards, links and whole chat records."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from channels_ingest import wire
from tickets.interchange import IncomingFile

MEDIA = "wecom-media:"  # our own form of address for a media id
FILES = {
    "image": ("image.jpg", "application/octet-stream"),  # its bytes tell what picture it is
    "voice": ("voice.amr", "audio/amr"),
    "video": ("video.mp4", "video/mp4"),
    "file": ("file", "application/octet-stream"),
}
DEEPEST_RECORD = 5  # chat records inside chat records
MOST_RECORDS = 300
MOST_FILES = 20

Body = Mapping[str, Any]


def text_of(kind: str, item: Body) -> str:
    """The words of a message; "" where only a file was sent."""
    body = _body(kind, item)
    if kind == "merged_msg":
        return _record_text(body)
    return TEXTS[kind](body) if kind in TEXTS else _named(kind, body)


def files_of(kind: str, item: Body) -> tuple[IncomingFile, ...]:
    """The files of a message, those inside a chat record too."""
    if kind == "merged_msg":
        inner = [
            file for each in _records(_body(kind, item)) for file in files_of(each.kind, each.item)
        ]
        return tuple(inner[:MOST_FILES])
    media = _word(_body(kind, item), "media_id")
    if kind not in FILES or not media:
        return ()
    name, content_type = FILES[kind]
    return (IncomingFile(name, content_type, url=MEDIA + media),)


def _text(body: Body) -> str:
    return _word(body, "content")


def _nothing(body: Body) -> str:
    return ""  # the file says it


def _location(body: Body) -> str:
    place = [body.get(name) for name in ("latitude", "longitude")]
    known = [str(each) for each in place if isinstance(each, int | float)]
    where = f"({', '.join(known)})" if len(known) == 2 else ""
    return _lines(f"[位置] {_word(body, 'name')}", _word(body, "address"), where)


def _link(body: Body) -> str:
    return _lines(f"[链接] {_word(body, 'title')}", _word(body, "desc"), _word(body, "url"))


def _card(body: Body) -> str:
    return f"[名片] {_word(body, 'userid')}".strip()


def _menu(body: Body) -> str:
    entries = body.get("list")
    lines = [_entry(each) for each in entries[:20]] if isinstance(entries, list) else []
    head, tail = _word(body, "head_content"), _word(body, "tail_content")
    return _lines(f"[菜单] {head}", *lines, tail)


def _entry(entry: object) -> str:
    """What one entry of a menu shows: it stands under the name of the entry's own type."""
    if not isinstance(entry, dict):
        return ""
    shown = _body(str(entry.get("type")), entry)
    return _lines(f"- {_word(shown, 'content')}") if _word(shown, "content") else ""


TEXTS: Mapping[str, Callable[[Body], str]] = {
    "text": _text,
    "image": _nothing,
    "voice": _nothing,
    "video": _nothing,
    "file": _nothing,
    "location": _location,
    "link": _link,
    "business_card": _card,
    "msgmenu": _menu,
}
NAMES = {
    "miniprogram": "小程序",
    "channels": "视频号",
    "channels_shop_product": "视频号商品",
    "channels_shop_order": "视频号订单",
    "meeting": "会议",
    "schedule": "日程",
    "note": "笔记",
}


def _named(kind: str, body: Body) -> str:
    """A placeholder with the title, for what has no more words or is unknown to us."""
    if kind not in NAMES:
        return f"[暂不支持的消息类型：{wire.storable(kind)[:40]}]"
    titles = ("title", "nickname", "product_title", "order_id")
    title = next(filter(None, (_word(body, name) for name in titles)), "")
    return f"[{NAMES[kind]}] {title}".strip()


class _Record:
    """One entry of a forwarded chat: who wrote what."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.name = " ".join(_word(entry, "sender_name").split())[:60] or "?"
        self.kind = _word(entry, "msgtype")
        content = _content(entry.get("msg_content"))
        inner = content.get(self.kind)
        # The content stands under the name of its type, or is by itself what would stand there.
        self.item: Mapping[str, Any] = content if isinstance(inner, dict) else {self.kind: content}

    @property
    def text(self) -> str:
        words = text_of(self.kind, self.item)
        return f"[{SHOWN[self.kind]}]" if self.kind in SHOWN else words


SHOWN = {"image": "图片", "voice": "语音", "video": "视频", "file": "文件"}


def _record_text(body: Body) -> str:
    """A forwarded chat as quoted lines: nothing in it is the forwarder's own word."""
    lines = [f"[聊天记录] {_word(body, 'title')}".strip()]
    for record in _records(body):
        first, *rest = record.text.splitlines() or [""]
        lines += [f"> {record.name}: {first}", *(f"> {line}" for line in rest)]
    return "\n".join(lines)


def _records(body: Body, depth: int = 0) -> list[_Record]:
    """The entries of a forwarded chat; what is nested in it comes in its place."""
    entries = body.get("item")
    found: list[_Record] = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        record = _Record(entry)
        if record.kind != "merged_msg":
            found.append(record)
        elif depth < DEEPEST_RECORD:
            found += _records(_body("merged_msg", record.item), depth + 1)
    return found[:MOST_RECORDS]


def _content(value: object) -> Mapping[str, Any]:
    """What an entry holds: an object, or JSON in a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {"content": value}
    return value if isinstance(value, dict) else {}


def _body(kind: str, item: Body) -> Body:
    body = item.get(kind)
    return body if isinstance(body, dict) else {}


def _word(body: Body, name: str) -> str:
    value = body.get(name)
    return wire.storable(value).strip() if isinstance(value, str) else ""


def _lines(*lines: str) -> str:
    return "\n".join(line.strip() for line in lines if line.strip())
