"""A NodeBB sandbox that keeps the forum's rules: who may post, how often, what is refused how.

Run it alone with `python -m channels_ingest.sandbox.nodebb --port 9295`: its token is
"demo-nodebb-token", its desk user number 2, its first topic 7 in category 5.
"""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json, serve

DEMO_ACCESS = "demo-nodebb-token"
DESK = 2
PAGE, CHAT_PAGE = 20, 50
SHORTEST, LONGEST, LONGEST_CHAT = 8, 32767, 1000
TERMS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
WORDS = {
    "not-authorised": (401, "A valid login session was not found.", "未找到有效会话。"),
    "no-privileges": (403, "You do not have enough privileges for this action.", "权限不足。"),
    "user-banned": (403, "User banned", "用户已被禁止"),
    "no-topic": (404, "Topic does not exist", "主题不存在"),
    "not-found": (404, "Not Found", "未找到"),
    "too-many-posts": (
        400,
        "You can only post once every 10 second(s) - please wait before posting again",
        "发帖需要间隔 10 秒以上",
    ),
    "already-posting": (400, "You are already posting", "您正在发帖"),
    "topic-locked": (400, "Topic Locked", "主题已锁定"),
    "no-room": (400, "Chat room does not exist.", "聊天室不存在。"),
    "not-in-room": (400, "User not in room", "用户已不在聊天室中"),
    "chat-restricted": (
        400,
        "This user has restricted their chat messages. They must follow you first",
        "该用户限制了聊天消息。",
    ),
    "chat-message-too-long": (
        400,
        "Chat messages can not be longer than 1000 characters.",
        "聊天消息不能超过 1000 个字。",
    ),
    "content-too-short": (
        400,
        "Please enter a longer post. Posts should contain at least 8 character(s).",
        "请输入更长的帖子。",
    ),
    "content-too-long": (
        400,
        "Please enter a shorter post. Posts can't be longer than 32767 character(s).",
        "请输入更短的帖子。",
    ),
    "invalid-pid": (400, "Invalid Post ID", "无效的帖子 ID"),
    "invalid-uid": (401, "Invalid User ID", "无效的用户 ID"),
    "invalid-file-type": (400, "Invalid file type. Allowed types are: png,jpg", "文件类型无效"),
}
CODES = {400: "bad-request", 401: "not-authorised", 403: "forbidden", 404: "not-found"}

Entry = dict[str, Any]


class Refused(Exception):
    """The forum does not do it; the name of its error."""


class Board(Emulator):
    """The forum. `write`, `edit`, `delete`, `chat` are what people do there in a browser."""

    name = "NodeBB sandbox"

    def __init__(self, *, port: int = 0, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.tokens: dict[str, int | None] = {DEMO_ACCESS: DESK}  # None: a master token
        self.users: dict[int | str, str] = {DESK: "desk"}
        self.topics: dict[int | str, Entry] = {}
        self.posts: dict[int | str, Entry] = {}
        self.rooms: dict[int, set[int | str]] = {}
        self.messages: dict[int, Entry] = {}
        self.uploads: dict[str, bytes] = {}
        self.hidden_cids: set[int] = set()  # categories that the desk may not see
        self.banned = self.is_moderator = self.queues = self.is_posting = False
        self.restricted: set[int | str] = set()  # who takes no chat messages
        self.preview = ""  # what a plugin adds to every post in lists, without any edit
        self.delay = timedelta(seconds=10)
        self._posted_at: datetime | None = None
        self._next_id = 100
        self.open_topic("邮件问题")

    # What people do

    def inject(self, do: str = "write", **what: Any) -> Any:
        """Let somebody write, chat, edit, delete, purge, restore, open_topic or lock.

        Given a `thread` "chat:ROOM", or `private`, a plain text goes into a private room.
        """
        thread = str(what.pop("thread", None) or what.pop("group", None) or "")
        if thread.startswith("topic:"):
            what["tid"] = int(thread.removeprefix("topic:"))
        elif thread.startswith("chat:") or what.pop("private", False):
            do = "chat"
        actions: dict[str, Callable[..., Any]] = {
            "write": self.write,
            "chat": self.chat,
            "edit": self.edit,
            "delete": self.delete,
            "purge": self.purge,
            "restore": self.restore,
            "open_topic": self.open_topic,
            "lock": self.lock_topic,
        }
        if do not in actions:
            raise LookupError(f"nobody does {do!r} here; there are: {', '.join(actions)}")
        return actions[do](**what)

    def open_topic(self, title: str, *, cid: int = 5, tid: int | str | None = None) -> int | str:
        with self.lock:
            number = tid or len(self.topics) + 7
            self.topics[number] = {"tid": number, "title": title, "cid": cid, "locked": False}
            return number

    def write(
        self,
        sender: int | str,
        text: str,
        name: str = "",
        *,
        tid: int | str = 7,
        to: int | str | None = None,
        pid: int | str | None = None,
        files: list[dict[str, str]] | None = None,
    ) -> Entry:
        """Write a post as in a browser; `pid` may be the address of a post elsewhere."""
        with self.lock:
            self._meet(sender, name)
            for each in files or []:
                path = self._keep(each["name"], each.get("text", "").encode())
                text += f"\n\n[{each['name']}]({path})"
            post = {
                "pid": pid or self._number(),
                "tid": tid,
                "uid": sender,
                "content": text,
                "timestamp": self._ms(),
                "edited": 0,
                "deleted": 0,
            }
            self.posts[post["pid"]] = post | ({"toPid": to} if to else {})
            return self.posts[post["pid"]]

    def edit(self, pid: int | str, text: str) -> Entry:
        with self.lock:
            self.posts[pid] |= {"content": text, "edited": self._ms()}
            return self.posts[pid]

    def delete(self, pid: int | str) -> None:
        with self.lock:
            self.posts[pid]["deleted"] = 1

    def restore(self, pid: int | str) -> None:
        with self.lock:
            self.posts[pid]["deleted"] = 0

    def purge(self, pid: int | str) -> None:
        with self.lock:
            del self.posts[pid]

    def lock_topic(self, tid: int | str) -> None:
        with self.lock:
            self.topics[tid]["locked"] = True

    def chat(self, sender: int, text: str, name: str = "", *, to: int | None = None) -> Entry:
        """Write to the desk in private, in a room of the two; `to` answers a message there."""
        with self.lock:
            self._meet(sender, name)
            room = next((n for n, people in self.rooms.items() if people == {sender, DESK}), 0)
            room = room or len(self.rooms) + 1
            self.rooms[room] = {sender, DESK}
            return self.say(room, sender, text, to)

    def edit_chat(self, mid: int, text: str) -> None:
        with self.lock:
            self.messages[mid] |= {"content": text, "edited": self._ms()}

    def delete_chat(self, mid: int) -> None:
        with self.lock:
            self.messages[mid]["deleted"] = 1

    def inspect(self) -> Any:
        with self.lock:
            posts, chats = self.posts.values(), self.messages.values()
            shown = [self._drawn(each, f"topic:{each['tid']}") for each in posts]
            shown += [self._drawn(each, f"chat:{each['roomId']}") for each in chats]
            return {
                "messages": sorted(shown, key=lambda each: each["at"]),
                "posts": [dict(each) for each in posts],
                "calls": len(self.calls),
                "uploads": sorted(self.uploads),
            }

    def _drawn(self, entry: Entry, thread: str) -> Entry:
        """A message as a page draws it, without what the forum does not show."""
        uid = entry.get("uid", entry.get("fromuid"))
        is_ours = uid == DESK
        at = datetime.fromtimestamp(entry["timestamp"] / 1000, UTC).isoformat()
        whom = {"recipient": thread} if is_ours else {"sender": str(uid)}
        said: Entry = {
            "direction": "out" if is_ours else "in",
            "thread": thread,
            "files": [],
            "at": at,
        }
        return said | whom | {"text": _shown(entry["content"])}

    def _meet(self, sender: int | str, name: str) -> None:
        self.users[sender] = name or self.users.get(sender, f"user{sender}")

    def _number(self) -> int:
        self._next_id += 1
        return self._next_id

    def _ms(self) -> int:
        return int(self.now().timestamp() * 1000)

    def _keep(self, name: str, data: bytes) -> str:
        path = f"/assets/uploads/files/{self._number()}-{re.sub('[^0-9A-Za-z.]+', '-', name)}"
        self.uploads[path] = data
        return path

    def say(self, room: int, sender: int | str, text: str, to: int | None = None) -> Entry:
        """Write into a room that there is."""
        mid = self._number()
        self.messages[mid] = {
            "mid": mid,
            "messageId": mid,
            "roomId": room,
            "fromuid": sender,
            "content": text,
            "timestamp": self._ms(),
            "edited": 0,
            "deleted": 0,
            "system": 0,
        } | ({"toMid": to} if to else {})
        return self.messages[mid]

    # What the API answers

    def answer(self, call: Call) -> Answer:
        if call.path in self.uploads:
            kind = {"Content-Type": "application/octet-stream"}
            return Answer(200, self.uploads[call.path], kind)
        try:
            uid = self._who(call)
            for method, pattern, action in ROUTES:
                match = re.fullmatch(pattern, call.path)
                if match and method == call.method:
                    return action(self, call, uid, *map(_number_in, match.groups()))
            raise Refused("not-found")
        except Refused as refusal:
            status, english, chinese = WORDS[str(refusal)]
            said = english if call.query.get("lang") == ["en-GB"] else chinese
            return as_json(
                {"status": {"code": CODES[status], "message": said}, "response": {}}, status
            )

    def _who(self, call: Call) -> int:
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise Refused("not-authorised")
        uid = self.tokens[token]
        named = call.query.get("_uid", [""])[0]
        if uid is None and not named:
            raise Refused("invalid-uid")
        return int(named) if uid is None else uid

    def _self(self, call: Call, uid: int) -> Answer:
        return as_json({"uid": uid, "username": self.users[uid], "userslug": self.users[uid]})

    def _recent(self, call: Call, uid: int, term: str) -> Answer:
        page = int(call.query.get("page", ["1"])[0])
        since = int((self.now() - TERMS.get(term, TERMS["day"])).timestamp() * 1000)
        latest = [each for each in self.posts.values() if each["timestamp"] >= since]
        latest.sort(key=lambda each: -each["timestamp"])
        # Cut first and hidden afterwards, as there: a page may hold fewer than twenty, or none.
        window = _newest_first(latest)[(page - 1) * PAGE : page * PAGE]
        shown = [self._summary(each) for each in window if self._is_seen(each)]
        return as_json(shown)

    def _is_seen(self, post: Entry) -> bool:
        return not post["deleted"] and self.topics[post["tid"]]["cid"] not in self.hidden_cids

    def _summary(self, post: Entry) -> Entry:
        topic = self.topics[post["tid"]]
        user = {"uid": post["uid"], "username": html.escape(self.users[post["uid"]])}
        shown = {name: post[name] for name in ("pid", "tid", "uid", "timestamp", "deleted")}
        stripped = re.sub(r"(?m)^> .*$|[*_`]", "", _shown(post["content"]))
        topic = {"tid": post["tid"], "title": html.escape(topic["title"]), "cid": topic["cid"]}
        return shown | {
            "content": stripped + self.preview,
            "user": user,
            "topic": topic,
            "category": {"cid": topic["cid"]},
        }

    def _one(self, call: Call, uid: int, pid: int | str) -> Answer:
        post = self.posts.get(pid)
        if post is None or self.topics[post["tid"]]["cid"] in self.hidden_cids:
            raise Refused("not-found")
        is_masked = post["deleted"] and not self.is_moderator
        return _wrapped(post | ({"content": "[[topic:post_is_deleted]]"} if is_masked else {}))

    def _create(self, call: Call, uid: int, tid: int | str) -> Answer:
        said, topic = call.json(), self.topics.get(tid)
        self._admit()
        if topic is None:
            raise Refused("no-topic")
        if topic["cid"] in self.hidden_cids:
            raise Refused("no-privileges")
        if topic["locked"] and not self.is_moderator:
            raise Refused("topic-locked")
        if len(said["content"].strip()) < SHORTEST:
            raise Refused("content-too-short")
        if len(said["content"]) > LONGEST:
            raise Refused("content-too-long")
        above = self.posts.get(said.get("toPid"))
        if "toPid" in said and (above is None or (above["deleted"] and not self.is_moderator)):
            raise Refused("invalid-pid")
        self._posted_at = self.now()
        if self.queues:
            return _wrapped({"queued": True, "message": "queued"})
        return _wrapped(self.write(uid, said["content"], tid=tid, to=said.get("toPid")))

    def _admit(self) -> None:
        if self.banned:
            raise Refused("user-banned")
        if self.is_posting:
            raise Refused("already-posting")
        last = self._posted_at
        if last and self.now() - last < self.delay and not self.is_moderator:
            raise Refused("too-many-posts")

    def _hide(self, call: Call, uid: int, pid: int | str) -> Answer:
        if pid not in self.posts:
            raise Refused("not-found")
        if not self.is_moderator:
            raise Refused("no-privileges")
        self.delete(pid)
        return _wrapped({})

    def _rooms(self, call: Call, uid: int) -> Answer:
        rooms: list[Entry] = []
        for number, people in self.rooms.items():
            last = [each for each in self.messages.values() if each["roomId"] == number][-1]
            teaser = {"fromuid": last["fromuid"], "content": last["content"]}
            teaser["timestamp"] = last["timestamp"]
            others = [{"uid": each, "username": self.users[each]} for each in people - {uid}]
            room = {"roomId": number, "public": False, "users": others, "teaser": teaser}
            rooms.append(room)
        rooms.sort(key=lambda room: -int(room["teaser"]["timestamp"]))
        return _wrapped({"rooms": rooms, "nextStart": len(rooms)})

    def _room(self, call: Call, uid: int, room: int) -> Answer:
        start = int(call.query.get("start", ["0"])[0])
        said = [each for each in self.messages.values() if each["roomId"] == room]
        window = _newest_first(said)[start : start + CHAT_PAGE][::-1]  # oldest first in a page
        return _wrapped({"messages": [self._told(each) for each in window]})

    def _told(self, message: Entry) -> Entry:
        uid = message["fromuid"]
        shown = "".join(
            f"<p>{html.escape(line)}</p>" for line in _shown(message["content"]).split("\n")
        )
        return message | {"content": shown, "fromUser": {"uid": uid, "username": self.users[uid]}}

    def _raw(self, call: Call, uid: int, room: int, mid: int) -> Answer:
        if mid not in self.messages:
            raise Refused("not-found")
        return _wrapped({"content": self.messages[mid]["content"]})

    def _send(self, call: Call, uid: int, room: int) -> Answer:
        said = call.json()
        if room not in self.rooms:
            raise Refused("no-room")
        if uid not in self.rooms[room]:
            raise Refused("not-in-room")
        if self.restricted & self.rooms[room]:
            raise Refused("chat-restricted")
        if len(said["message"]) > LONGEST_CHAT:
            raise Refused("chat-message-too-long")
        return _wrapped(self.say(room, uid, said["message"], None))

    def _upload(self, call: Call, uid: int) -> Answer:
        boundary = call.headers.get("content-type", "").partition("boundary=")[2].encode()
        for part in call.body.split(b"--" + boundary):
            head, _blank, data = part.partition(b"\r\n\r\n")
            name = re.search(rb'name="files\[\]"; filename="([^"]*)"', head)
            if name and name[1].rpartition(b".")[2].lower() in (b"png", b"jpg", b"txt", b"gif"):
                url = self._keep(name[1].decode(), data.removesuffix(b"\r\n"))
                return _wrapped({"images": [{"url": url, "name": name[1].decode()}]})
        raise Refused("invalid-file-type")


ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", r"/api/self", Board._self),
    ("GET", r"/api/recent/posts/(\w+)", Board._recent),
    ("GET", r"/api/v3/posts/([^/]+)", Board._one),
    ("DELETE", r"/api/v3/posts/([^/]+)/state", Board._hide),
    ("POST", r"/api/v3/topics/([^/]+)", Board._create),
    ("GET", r"/api/v3/chats", Board._rooms),
    ("GET", r"/api/v3/chats/([^/]+)/messages", Board._room),
    ("GET", r"/api/v3/chats/([^/]+)/messages/([^/]+)/raw", Board._raw),
    ("POST", r"/api/v3/chats/([^/]+)", Board._send),
    ("POST", r"/api/post/upload", Board._upload),
)


def _number_in(segment: str) -> int | str:
    text = unquote(segment)
    return int(text) if text.isdigit() else text


def _wrapped(response: object) -> Answer:
    return as_json({"status": {"code": "ok", "message": "OK"}, "response": response})


def _newest_first(entries: list[Entry]) -> list[Entry]:
    """Later ones of the same millisecond come first, as they would a millisecond apart."""
    return sorted(entries, key=lambda each: int(each["timestamp"]))[::-1]


def _shown(content: str) -> str:
    """Markdown as a page shows it, as far as it matters here: definitions stay hidden."""
    shown = re.sub(r"(?m)^\[//\]: # \(.*\)$", "", content).rstrip()
    return re.sub(r"\\([\\`*_\[\]<>~|&#.+=-])", r"\1", shown)


if __name__ == "__main__":
    serve(Board)
