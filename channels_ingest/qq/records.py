"""Chat records and quoted messages of QQ as lines that begin with ">": context, not own words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from channels_ingest import wire
from tickets.interchange import IncomingFile

DEEPEST = 8  # records inside records
MOST_FILES = 30
MOST_LINES = 2000

QUOTED, RECORDS = 103, 102  # message_type
# Forwarded records come as one text: a mark before each message, its parts under names.
MARK = re.compile(r"=== 消息 \d+ ===|--- 第\d+条 ---")
PART = re.compile(r"\[(消息内容|发送者|消息类型|关联消息|附件\d*)\] ?(.*)")
FILE_NAME = re.compile(r"文件名:(\S+)")
FILE_KIND = re.compile(r"类型:(\S+)")
FILE_URL = re.compile(r"URL:(https?://\S+)")

CARDS = {"map": "位置", "contact_card": "名片", "miniapp": "小程序", "forward_msg": "聊天记录"}
CARD_PARTS = ("title", "desc", "nickname", "address", "jump_url")
KINDS = {"image": "图片", "video": "视频", "audio": "语音"}


@dataclass(slots=True)
class Record:
    """One message of a forwarded chat."""

    name: str = ""
    words: list[str] = field(default_factory=list)
    files: list[IncomingFile] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        first, *rest = self.words or [""]
        for line in (f"{self.name}: {first}" if self.name else first, *rest):
            yield f"> {line}".rstrip()


def quoted(elements: Iterable[Record]) -> str:
    """Records as quoted lines, at most MOST_LINES."""
    lines = [line for each in elements for line in each.lines()]
    left = len(lines) - MOST_LINES
    return "\n".join((*lines[:MOST_LINES], *([f"> … (+{left})"] if left > 0 else ())))


def records_in(holder: dict[str, Any], depth: int = 0) -> Iterator[Record]:
    """The messages that a record or a quote is made of, nested ones flattened, in their order."""
    for element in objects(holder.get("msg_elements")):
        content = text(element, "content")
        if element.get("message_type") == RECORDS or _is_flat(content):
            yield from flat_records(content)
        else:
            words = [*content.strip().splitlines(), *cards_in(element)]
            files = files_in(element)
            record = Record(name_of(element), [*words, *map(_label, files)], files)
            if record.words:
                yield record
        if depth < DEEPEST:
            yield from records_in(element, depth + 1)


def flat_records(content: str) -> Iterator[Record]:
    """The messages of a record that came as one text; any other text is one message."""
    if not _is_flat(content):
        if content.strip():
            yield Record(words=content.strip().splitlines())
        return
    record, part = Record(), "消息内容"  # what stands before the first mark is the title
    for line in map(str.strip, content.splitlines()):
        if MARK.fullmatch(line):
            if record.words:
                yield record
            record, part = Record(), ""
        elif match := PART.fullmatch(line):
            part = match[1]
            _add(record, part, match[2])
        elif line and part == "消息内容":
            record.words.append(line)
    if record.words:
        yield record


def _is_flat(content: str) -> bool:
    return any(MARK.fullmatch(line.strip()) for line in content.splitlines())


def _add(record: Record, part: str, value: str) -> None:
    if part == "发送者":
        record.name = value
    elif part == "消息内容":
        record.words.append(value)
    elif part.startswith("附件"):
        name, kind, url = (each.search(value) for each in (FILE_NAME, FILE_KIND, FILE_URL))
        shown = f"[{kind[1] if kind else '文件'}] {name[1] if name else ''}".rstrip()
        record.words.append(shown)
        if url:
            record.files.append(IncomingFile(name=name[1] if name else "file", url=url[1]))


def files_in(holder: dict[str, Any]) -> list[IncomingFile]:
    """The files of a message or an element, as addresses."""
    return [each for each in map(_file, objects(holder.get("attachments"))) if each.url]


def _file(attachment: dict[str, Any]) -> IncomingFile:
    kind = text(attachment, "content_type")
    wav, url = text(attachment, "voice_wav_url"), text(attachment, "url")
    name = " ".join(text(attachment, "filename").split())  # it may stand in a quoted line
    is_voice = kind == "voice" or kind.startswith("audio/")
    size = attachment.get("size")
    if is_voice and wav:  # browsers play it; they do not play SILK, in which QQ records
        name = (name or "voice").rpartition("/")[2]
        return IncomingFile(f"{name.rpartition('.')[0] or name}.wav", "audio/wav", url=_url(wav))
    if "/" not in kind:
        kind = "audio/silk" if is_voice else "application/octet-stream"
    return IncomingFile(
        name=name or _default_name(kind),
        content_type=kind,
        url=_url(url),
        size=size if isinstance(size, int) and 0 <= size < 2**40 else 0,
    )


def _default_name(kind: str) -> str:
    family, _slash, precise = kind.partition("/")
    return f"{family}.{precise}" if family in KINDS else "file"


def _url(written: str) -> str:
    """An address as QQ writes it: sometimes without its scheme."""
    if not written or re.match(r"https?://", written):
        return written
    return "https://" + written.lstrip("/")


def _label(file: IncomingFile) -> str:
    return f"[{KINDS.get(file.content_type.partition('/')[0], '文件')}] {file.name}"


def transcript_of(holder: dict[str, Any]) -> str:
    """What QQ heard in the voice messages."""
    heard = (text(each, "asr_refer_text").strip() for each in objects(holder.get("attachments")))
    return "\n".join(filter(None, heard))


def cards_in(holder: dict[str, Any]) -> list[str]:
    """Cards (a place, a link, a mini program) as text that a person can read."""
    data = holder.get("ark_data")
    return [_card(each) for each in objects([data] if isinstance(data, dict) else data)]


def _card(card: dict[str, Any]) -> str:
    given = card.get("fields")
    fields = given if isinstance(given, dict) else {}
    told = [text(fields, name).strip() for name in CARD_PARTS]
    label = CARDS.get(text(card, "ark_type")) or text(card, "ark_name") or "卡片"
    words = " ".join(filter(None, told)) or text(card, "prompt")
    return " ".join(f"[{label}] {words}".split())


def name_of(holder: dict[str, Any]) -> str:
    """The name of the author, on one line."""
    author = holder.get("author")
    return " ".join(text(author, "username").split()) if isinstance(author, dict) else ""


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing of anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(holder: dict[str, Any], name: str) -> str:
    """A text that the database can keep; "" where there is none."""
    value = holder.get(name)
    return wire.storable(value) if isinstance(value, str) else ""
