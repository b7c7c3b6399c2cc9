"""A sandbox that keeps QQ's rules for bots: who may be answered, how often, how long, what repeats.

Run it alone with `python -m channels_ingest.sandbox.qq --port 9494`: its bot has the AppID
"102000001" and the AppSecret "demo-qq-secret". It is an emulator on this machine, not QQ, and
shares no code with the connector: a mistake cannot hide on both sides.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels_ingest.sandbox.base import Answer, Call, as_json, serve
from channels_ingest.sandbox.qq_people import BEIJING, DEMO_SECRET, Customers, Inbound

TOKEN_LIFE, OVERLAP = timedelta(seconds=7200), timedelta(seconds=60)
FILE_LIFE = timedelta(hours=1)
BLOCK = 64 * 1024  # bytes of one uploaded part; small, so that ordinary files take several
LINK = re.compile(r"https?://([A-Za-z0-9.:-]+)", re.IGNORECASE)


@dataclass
class Limits:
    """How long and how often a message may be answered."""

    window: timedelta
    replies: int


@dataclass
class Upload:
    place: tuple[str, str]
    kind: int
    name: str
    size: int
    md5: str
    parts: dict[int, bytes] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)


@dataclass
class Medium:
    """An uploaded file, good in the chat that it was uploaded for and for a while."""

    place: tuple[str, str]
    name: str
    data: bytes
    until: datetime


class Refused(Exception):
    """QQ does not do it; its code and words."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        body = {"message": message, "code": code, "err_code": code, "trace_id": "sandbox"}
        self.answer = _json(body, status)


class QQSandbox(Customers):
    """The vendor: what `Customers` do reaches the bot, and the bot's calls are judged here."""

    name = "QQ sandbox"

    def __init__(
        self,
        callback: str = "",
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        secret: str = DEMO_SECRET,
    ) -> None:
        super().__init__(callback, port=port, clock=clock, secret=secret)
        self.private = Limits(timedelta(minutes=60), 4)
        self.group = Limits(timedelta(minutes=5), 5)
        self.proactive = False
        self.lists_us = True  # whether the bot's white list names the caller's address
        self.registered: set[str] = set()  # hosts that texts may link to
        self.forbidden: set[str] = set()  # words
        self.longest = 2000  # characters
        self.uploads_left = 1000
        self.slow_parts = 0  # how many parts are not seen when first told
        self.tokens: list[tuple[str, datetime]] = []
        self.uploads: dict[str, Upload] = {}
        self.media: dict[str, Medium] = {}

    def inspect(self) -> Any:
        with self.lock:
            return super().inspect() | {"tokens": len(self.tokens), "uploads": len(self.uploads)}

    # What the console of the bot sets

    def register(self, host: str) -> None:
        """Let texts link to a host, with its port where it has one."""
        self.registered.add(host.lower())

    def forbid(self, word: str) -> None:
        self.forbidden.add(word)

    def permit(self, *, proactive: bool) -> None:
        """Let the bot write unasked, or no longer."""
        self.proactive = proactive

    def revoke_tokens(self) -> None:
        """End every token at once, as a reset of the secret does."""
        with self.lock:
            self.tokens.clear()

    # What the API answers

    def answer(self, call: Call) -> Answer:
        try:
            for method, pattern, action, needs_token in ROUTES:
                match = re.fullmatch(pattern, call.path)
                if match and method == call.method:
                    if needs_token:
                        self._check_caller(call)
                    return action(self, call, *match.groups())
            raise Refused(11254, "no such api", 404)
        except Refused as refusal:
            return refusal.answer

    def _check_caller(self, call: Call) -> None:
        if not self.lists_us:
            raise Refused(11298, "接口访问源IP不在白名单", 401)
        kind, _space, value = call.headers.get("authorization", "").partition(" ")
        alive = {token for token, until in self.tokens if self.now() < until}
        if kind != "QQBot" or value not in alive:
            raise Refused(11244, "token not exist or expire", 401)

    def _give_token(self, call: Call) -> Answer:
        asked = call.json()
        if asked.get("appId") != self.app_id or asked.get("clientSecret") != self.secret:
            return _json({"code": 100016, "message": "invalid appid or secret"})
        now = self.now()
        if not self.tokens or self.tokens[-1][1] - now <= OVERLAP:
            self.tokens.append((f"sandbox-token-{self._next()}", now + TOKEN_LIFE))
        value, until = self.tokens[-1]
        seconds = int((until - now).total_seconds())
        return _json({"access_token": value, "expires_in": str(seconds)})

    def _me(self, call: Call) -> Answer:
        return _json({"id": self.app_id, "username": "安好客服", "bot": True})

    def _message(self, call: Call, kind: str, openid: str) -> Answer:
        place, asked = (kind, openid), call.json()
        answered = self._answered(place, asked)
        text, files = self._content(place, asked)
        number = self._number("out")
        if answered is not None:
            answered.answered[asked.get("msg_seq", 1)] = number
        self._keep("out", number, place, text, files)
        told = {"id": number, "timestamp": self.now().astimezone(BEIJING).isoformat()}
        return _json(told | {"ext_info": {"ref_idx": f"REFIDX_{number}"}})

    def _answered(self, place: tuple[str, str], asked: dict[str, Any]) -> Inbound | None:
        """The message that is answered, if it may be. Raises Refused."""
        if place[1] in self.gone:
            in_group = place[0] == "groups"
            raise Refused(40034101 if in_group else 40054004, "机器人与对方没有关系")
        if not asked.get("msg_id"):
            if not self.proactive:
                raise Refused(40034102, "主动消息失败, 无权限")
            return None
        found = self.inbound.get(asked["msg_id"])
        if found is None or found.place != place:
            raise Refused(40034024, "msg_id 无效")
        if asked.get("msg_seq", 1) in found.answered:
            raise Refused(40054005, "消息被去重，请检查请求msgseq")
        limits = self.group if place[0] == "groups" else self.private
        if self.now() - found.at > limits.window:
            raise Refused(40034005, "被动回复消息超时")
        if len(found.answered) >= limits.replies:
            raise Refused(40034128, "被动回复次数超过限制")
        return found

    def _content(self, place: tuple[str, str], asked: dict[str, Any]) -> tuple[str, list[str]]:
        """The text and the names of the files of a message. Raises Refused."""
        text, files = str(asked.get("content") or "").strip(), []
        if asked.get("msg_type") == 7:
            medium = self.media.get((asked.get("media") or {}).get("file_info", ""))
            if medium is None or medium.place != place or self.now() > medium.until:
                raise Refused(11255, "invalid file_info")
            files = [medium.name]
        elif asked.get("msg_type") != 0:
            raise Refused(11255, "invalid msg_type")
        elif not text:
            raise Refused(50006, "消息为空")
        if len(text) > self.longest:
            raise Refused(40054007, "消息过长")
        if not {each.lower() for each in LINK.findall(text)} <= self.registered:
            raise Refused(40054010, "消息不允许包含url")
        if any(word in text for word in self.forbidden):
            raise Refused(40034006, "消息包含敏感内容")
        return text, files

    def _prepare(self, call: Call, kind: str, openid: str) -> Answer:
        asked = call.json()
        if self.uploads_left <= 0:
            raise Refused(40093002, "今日上传超过限制")
        self.uploads_left -= 1
        number, size = f"upload-{self._next()}", int(asked["file_size"])
        needed = ("md5", "sha1", "md5_10m", "file_name")
        if not all(asked.get(each) for each in needed) or asked.get("file_type") not in (
            1,
            2,
            3,
            4,
        ):
            raise Refused(11255, "invalid request")
        self.uploads[number] = Upload(
            (kind, openid), asked["file_type"], asked["file_name"], size, asked["md5"]
        )
        parts = [
            {"index": index, "presigned_url": f"{self.url}/cos/{number}/{index}?sign=s{index}"}
            for index in range(1, max(1, -(-size // BLOCK)) + 1)
        ]
        return _json({"upload_id": number, "block_size": str(BLOCK), "parts": parts})

    def _part(self, call: Call, number: str, index: str) -> Answer:
        if call.query.get("sign") != [f"s{index}"] or "authorization" in call.headers:
            return Answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        self.uploads[number].parts[int(index)] = call.body
        return Answer(200)

    def _part_done(self, call: Call, kind: str, openid: str) -> Answer:
        asked = call.json()
        upload, index = self._upload(asked, (kind, openid)), asked.get("part_index")
        if self.slow_parts > 0:
            self.slow_parts -= 1
            raise Refused(40093001, "part not ready")
        data = upload.parts.get(index)
        if data is None or _md5(data) != asked.get("md5") or str(len(data)) != asked["block_size"]:
            raise Refused(11255, "invalid part")
        upload.confirmed.add(index)
        return _json({})

    def _file(self, call: Call, kind: str, openid: str) -> Answer:
        """Finish an upload, or take a file from an address."""
        asked, place = call.json(), (kind, openid)
        if asked.get("upload_id"):
            upload = self._upload(asked, place)
            data, name = (
                b"".join(upload.parts[each] for each in sorted(upload.confirmed)),
                upload.name,
            )
            if len(data) != upload.size or _md5(data) != upload.md5:
                raise Refused(11255, "invalid file")
        else:
            name = str(asked.get("url", ""))
            data = self.shared.get(name.removeprefix(self.url), b"")
            if not data:
                raise Refused(304082, "upload media info fail")
        info = f"info-{self._next()}"
        self.media[info] = Medium(place, name, data, self.now() + FILE_LIFE)
        seconds = int(FILE_LIFE.total_seconds())
        return _json({"file_uuid": f"uuid-{info}", "file_info": info, "ttl": seconds})

    def _upload(self, asked: dict[str, Any], place: tuple[str, str]) -> Upload:
        found = self.uploads.get(asked.get("upload_id", ""))
        if found is None or found.place != place:
            raise Refused(11255, "invalid upload_id")
        return found

    def _download(self, call: Call) -> Answer:
        if call.path not in self.shared:
            return Answer(404)
        kind = {"Content-Type": "application/octet-stream"}
        return Answer(200, self.shared[call.path], kind)


CHAT = r"/v2/(users|groups)/([0-9A-Za-z_-]+)"
ROUTES: tuple[tuple[str, str, Callable[..., Answer], bool], ...] = (
    ("POST", r"/app/getAppAccessToken", QQSandbox._give_token, False),
    ("GET", r"/users/@me", QQSandbox._me, True),
    ("POST", rf"{CHAT}/messages", QQSandbox._message, True),
    ("POST", rf"{CHAT}/upload_prepare", QQSandbox._prepare, True),
    ("PUT", r"/cos/([\w-]+)/(\d+)", QQSandbox._part, False),
    ("POST", rf"{CHAT}/upload_part_finish", QQSandbox._part_done, True),
    ("POST", rf"{CHAT}/files", QQSandbox._file, True),
    ("GET", r"/download/\d+", QQSandbox._download, False),
)


def _json(value: object, status: int = 200) -> Answer:
    # Without a charset, as QQ sends it: its own client reads no other content type as JSON.
    return as_json(
        value, status, **{"Content-Type": "application/json", "X-Tps-Trace-Id": "sandbox-trace"}
    )


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


if __name__ == "__main__":
    serve(QQSandbox)
