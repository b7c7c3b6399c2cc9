"""A Bot API that keeps Telegram's rules: its queue of updates, its chats, what it refuses.

Run it alone with `python -m channels_ingest.sandbox.telegram --port 9494`: its bot has the token
"700:demo-bot-token".
"""

import base64
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs

from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json, serve

DEMO_TOKEN = "700:demo-bot-token"  # noqa: S105 - of the demo, which listens on loopback only
KEPT_FOR = timedelta(hours=24)
LARGEST_FILE = 20 * 1024 * 1024
LONGEST_TEXT = 4096  # units of UTF-16
BOT = {"id": 700, "is_bot": True, "first_name": "Desk", "username": "desk_bot"}
# Updates that are about a message, and the kinds that a bot is given unless it says otherwise.
WANTED = ["message", "edited_message", "my_chat_member"]


class Refused(Exception):
    """The API does not do it; the answer that says so."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        self.answer = as_json(body | ({"parameters": parameters} if parameters else {}), status)


@dataclass
class Chat:
    """A private chat, which has the id of its person, or a group."""

    id: int
    title: str = ""
    is_blocked: bool = False
    moved_to: int | None = None
    last_message: int = 0
    sent_at: list[datetime] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        if self.id > 0:
            return {"id": self.id, "type": "private", "first_name": self.title}
        kind = "supergroup" if str(self.id).startswith("-100") else "group"
        return {"id": self.id, "type": kind, "title": self.title}


@dataclass
class Update:
    id: int
    at: datetime
    content: dict[str, Any]


class Telegram(Emulator):
    """One bot and the people who write to it."""

    name = "Telegram"

    def __init__(
        self,
        token: str = DEMO_TOKEN,
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.token = token
        self.webhook = ""
        self.per_minute: int | None = None  # messages to one chat before 429
        self.queue: list[Update] = []
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.log: list[dict[str, Any]] = []
        self._allowed = WANTED
        self._next_update = 900_001
        self._asked: tuple[int, datetime] | None = None

    # What people do

    def inject(self, do: str = "say", **what: Any) -> Any:
        """Let a person `say` something, `edit` it, `block` the bot; let a group be `upgrade`d."""
        if do not in ("say", "edit", "block", "upgrade", "repeat"):
            raise LookupError(f"nobody does {do!r} here")
        return getattr(self, do)(**what)

    def say(
        self,
        sender: int | str,
        text: str = "",
        *,
        name: str = "Lin",
        group: int | str | None = None,
        files: list[dict[str, str]] | None = None,
        reply_to: int | None = None,
        language: str = "zh-hans",
        **more: Any,
    ) -> dict[str, Any]:
        """Write a message to the bot or in a group; `more` are further fields of the message.

        A file is {"name", "data" in base64, "type"}. With several files several messages are
        sent, as an album; the last one is returned.
        """
        person = int(sender)
        chat = self._chat(int(group) if group else person, name if not group else "Group")
        chat.is_blocked = chat.is_blocked and bool(group)
        author = {"id": person, "is_bot": False, "first_name": name, "language_code": language}
        fields = {"from": author, **more}
        if reply_to is not None:
            fields["reply_to_message"] = {"message_id": reply_to, "chat": chat.shown(), "date": 0}
        shown: dict[str, Any] = {}
        contents = [self._keep(file) for file in files or ()] or [{}]
        words = "caption" if files else "text"
        for place, content in enumerate(contents):
            said = {words: text} if text and place == 0 else {}
            shown = self._write(chat, {**fields, **content, **said})
            self._tell("message", shown)
        return shown

    def edit(self, message: dict[str, Any], text: str) -> dict[str, Any]:
        """Change the words of a message that `say` returned."""
        edited = {**message, "text": text, "edit_date": int(self.now().timestamp())}
        place = f"{message['chat']['id']}:{message['message_id']}"
        with self.lock:
            for entry in self.log:
                entry["text"] = text if entry["id"] == place else entry["text"]
        self._tell("edited_message", edited)
        return edited

    def repeat(self) -> None:
        """Queue the newest update once more under its own id, as after a lost acknowledgement."""
        with self.changed:
            self.queue.append(self.queue[-1])

    def block(self, sender: int | str) -> None:
        with self.lock:
            self._chat(int(sender), "").is_blocked = True
        status = {"user": BOT, "status": "kicked"}
        self._tell("my_chat_member", {"chat": {"id": int(sender)}, "new_chat_member": status})

    def upgrade(self, group: int | str) -> int:
        """Make a supergroup of a group; its chat has another id from then on."""
        with self.lock:
            old = self._chat(int(group), "Group")
            new = self._chat(-1_000_000_000_000 - abs(old.id), old.title)
            old.moved_to = new.id
        return new.id

    def inspect(self) -> Any:
        with self.lock:
            waiting = [each.id for each in self.queue]
            return {"messages": list(self.log), "waiting": waiting, "calls": len(self.calls)}

    def _chat(self, number: int, title: str) -> Chat:
        return self.chats.setdefault(number, Chat(number, title))

    def _keep(self, file: dict[str, str]) -> dict[str, Any]:
        data, kind = base64.b64decode(file["data"]), file.get("type", "application/octet-stream")
        file_id = f"file-{len(self.files) + 1}"
        self.files[file_id] = (file["name"], data)
        if kind.startswith("image/"):
            small = {"file_id": f"{file_id}-small", "width": 90}
            return {"photo": [small, {"file_id": file_id, "width": 1280}]}
        if kind.startswith("audio/"):
            return {"voice": {"file_id": file_id, "mime_type": kind, "duration": 3}}
        return {"document": {"file_id": file_id, "file_name": file["name"], "mime_type": kind}}

    def _write(self, chat: Chat, fields: dict[str, Any], *, is_ours: bool = False) -> Any:
        """Number a message of a chat and note it for `inspect`."""
        with self.lock:
            chat.last_message += 1
            now = self.now()
            place = {"message_id": chat.last_message, "date": int(now.timestamp())}
            message = {**place, "chat": chat.shown(), **fields}
            person = message["from"]["id"]
            entry = {
                "direction": "out" if is_ours else "in",
                "sender": str(person) if not is_ours else "bot",
                "recipient": str(chat.id) if is_ours else "bot",
                "thread": str(chat.id),
                "text": fields.get("text") or fields.get("caption") or "",
                "files": [k for k in ("document", "photo", "voice") if k in fields],
                "at": now.isoformat(),
                "id": f"{chat.id}:{chat.last_message}",
            }
            self.log.append(entry)
            return message

    def _tell(self, kind: str, content: dict[str, Any]) -> None:
        with self.changed:
            if kind in self._allowed:
                update = {"update_id": self._next_update, kind: content}
                self.queue.append(Update(self._next_update, self.now(), update))
                self._next_update += 1
            self.changed.notify_all()

    # What the API answers

    def answer(self, call: Call) -> Answer:
        try:
            file = re.fullmatch(rf"/file/bot{re.escape(self.token)}/(.+)", call.path)
            if file:
                return self._download(file[1])
            method = re.fullmatch(r"/bot([^/]*)/(\w+)", call.path)
            if method is None or ":" not in method[1]:
                raise Refused(404, "Not Found")
            if method[1] != self.token:
                raise Refused(401, "Unauthorized")
            action = METHODS.get(method[2].lower())
            if action is None:
                raise Refused(404, "Not Found: method not found")
            return as_json({"ok": True, "result": action(self, _fields(call))})
        except Refused as refusal:
            return refusal.answer

    def _me(self, fields: dict[str, Any]) -> Any:
        return BOT

    def _webhook_info(self, fields: dict[str, Any]) -> Any:
        return {"url": self.webhook, "pending_update_count": len(self.queue)}

    def _set_webhook(self, fields: dict[str, Any]) -> Any:
        """Remember the address, which is all that a reader of the queue notices of it."""
        self.webhook = str(fields.get("url", ""))
        return True

    def _updates(self, fields: dict[str, Any]) -> Any:
        if self.webhook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active;"
                " use deleteWebhook to delete the webhook first",
            )
        if "allowed_updates" in fields:
            self._allowed = json.loads(fields["allowed_updates"]) or WANTED
        offset, now = int(fields.get("offset", 0)), self.now()
        self.queue = [each for each in self.queue if now - each.at < KEPT_FOR]
        if offset < 0:
            self.queue = self.queue[offset:]
        elif offset > 0:
            self.queue = [each for each in self.queue if each.id >= offset]
        # Who asks for the same again within half a second is given one update at a time.
        hasty = self._asked is not None and self._asked[0] == offset
        hasty = hasty and now - self._asked[1] < timedelta(seconds=0.5) if self._asked else False
        self._asked = (offset, now)
        limit = 1 if hasty else min(int(fields.get("limit", 100)), 100)
        return [each.content for each in self.queue[:limit]]

    def _send_message(self, fields: dict[str, Any]) -> Any:
        chat, text = self._writable(fields), str(fields.get("text", ""))
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) > 2 * LONGEST_TEXT:
            raise Refused(400, "Bad Request: message is too long")
        return self._write(chat, {"from": BOT, "text": text, **_answered(fields)}, is_ours=True)

    def _send_document(self, fields: dict[str, Any]) -> Any:
        chat, file = self._writable(fields), fields.get("document")
        if not isinstance(file, tuple):
            raise Refused(400, "Bad Request: there is no document in the request")
        file_id = f"file-{len(self.files) + 1}"
        self.files[file_id] = file
        document = {"file_id": file_id, "file_name": file[0]}
        return self._write(
            chat, {"from": BOT, "document": document, **_answered(fields)}, is_ours=True
        )

    def _writable(self, fields: dict[str, Any]) -> Chat:
        """The chat to write in. Raises Refused as Telegram does for each obstacle."""
        chat = self.chats.get(int(fields.get("chat_id") or 0))
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        if chat.moved_to:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.moved_to,
            )
        if chat.is_blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        now = self.now()
        chat.sent_at = [at for at in chat.sent_at if now - at < timedelta(minutes=1)]
        if self.per_minute is not None and len(chat.sent_at) >= self.per_minute:
            wait = 60 - int((now - chat.sent_at[0]).total_seconds())
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        chat.sent_at.append(now)
        return chat

    def _file(self, fields: dict[str, Any]) -> Any:
        found = self.files.get(str(fields.get("file_id")))
        if found is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(found[1]) > LARGEST_FILE:
            raise Refused(400, "Bad Request: file is too big")
        size = {"file_id": fields["file_id"], "file_size": len(found[1])}
        return size | {"file_path": f"documents/{fields['file_id']}/{found[0]}"}

    def _download(self, path: str) -> Answer:
        file = self.files.get(path.split("/")[1] if "/" in path else "")
        if file is None:
            raise Refused(404, "Not Found")
        return Answer(200, file[1], {"Content-Type": "application/octet-stream"})


METHODS: dict[str, Callable[[Telegram, dict[str, Any]], Any]] = {
    "getme": Telegram._me,
    "getwebhookinfo": Telegram._webhook_info,
    "setwebhook": Telegram._set_webhook,
    "getupdates": Telegram._updates,
    "sendmessage": Telegram._send_message,
    "senddocument": Telegram._send_document,
    "getfile": Telegram._file,
}


def _answered(fields: dict[str, Any]) -> dict[str, Any]:
    if "reply_parameters" not in fields:
        return {}
    return {
        "reply_to_message": {"message_id": json.loads(fields["reply_parameters"])["message_id"]}
    }


def _fields(call: Call) -> dict[str, Any]:
    """The fields of a call, sent in its address, as a form, in parts or as JSON."""
    kind = call.headers.get("content-type", "")
    found: dict[str, Any] = {name: values[0] for name, values in call.query.items()}
    if "json" in kind:
        found.update(call.json())
        return found
    if not kind.startswith("multipart/"):
        return found | {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    message = BytesParser(policy=HTTP).parsebytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + call.body
    )
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        file = part.get_filename()
        found[name] = (html.unescape(file), data) if file else bytes(data).decode()
    return found


if __name__ == "__main__":
    serve(Telegram)
