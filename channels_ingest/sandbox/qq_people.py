"""What people do in the sandbox's QQ, and the signed pushes by which it tells the bot."""

import base64
import hashlib
import json
import queue
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Self

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels_ingest.sandbox.base import Emulator

DEMO_APP_ID = "102000001"
DEMO_SECRET = "demo-qq-secret"  # noqa: S105 - of the demo, which listens on loopback only
BEIJING = timezone(timedelta(hours=8))
SEEN_AS = {"image": "image/jpeg", "voice": "voice", "video": "video/mp4", "file": "file"}
DEEDS = (
    *("write", "swap", "befriend", "unfriend", "add_bot", "remove_bot"),
    *("connect", "repeat", "corrupt"),
    *("register", "forbid", "permit"),
)


@dataclass
class Inbound:
    """A message of a customer, and the answers that it has had."""

    id: str
    place: tuple[str, str]
    at: datetime
    answered: dict[int, str] = field(default_factory=dict)  # msg_seq and our message's id


@dataclass
class Push:
    """One event on its way to the bot's callback address, and how each try was answered."""

    id: str
    body: bytes
    corrupt: bool = False
    answers: list[int] = field(default_factory=list)


class Customers(Emulator):
    """QQ as people use it: they write to the bot, and QQ pushes that to its callback address."""

    name = "QQ sandbox"

    def __init__(
        self,
        callback: str = "",
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        secret: str = DEMO_SECRET,
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.app_id, self.secret, self.callback = DEMO_APP_ID, secret, callback
        self.tries, self.patience = 3, 3.0  # of a push: how often, seconds each
        self.messages: list[dict[str, Any]] = []
        self.pushes: list[Push] = []
        self.inbound: dict[str, Inbound] = {}
        self.names: dict[str, str] = {}  # an openid and whom it stands for
        self.gone: set[str] = set()  # openids that removed the bot, groups that threw it out
        self.shared: dict[str, bytes] = {}  # what customers sent, to be downloaded
        self._run, self._count = uuid.uuid4().hex[:8], 0  # no id comes back after a restart
        self._waiting: queue.Queue[Push | None] = queue.Queue()
        self._pusher = threading.Thread(target=self._push_all)

    def start(self) -> Self:
        self._pusher.start()
        return super().start()

    def stop(self) -> None:
        if self._pusher.is_alive():
            self._waiting.put(None)
            self._pusher.join()
        super().stop()

    # What people do

    def inject(self, do: str = "write", **what: Any) -> Any:
        """Do one of DEEDS: what a person does, what happens on the way, what the console sets."""
        if do not in DEEDS:
            raise LookupError(f"nobody does {do!r} here; QQ tells bots of no edits and recalls")
        return getattr(self, do)(**what)

    def write(
        self,
        sender: str,
        text: str = "",
        *,
        name: str = "",
        group: str = "",
        files: list[dict[str, Any]] | None = None,
        event: dict[str, Any] | None = None,
    ) -> str:
        """Write to the bot, in a `group` by mentioning it; the id of the message.

        A file has a `name`, a `kind` (image, voice, video, file), its `text` or `data` in base64
        and, for a voice, a `transcript`. `event` adds QQ's own fields: a card, a quote, records.
        """
        with self.lock:
            frame, body = self._written(sender, text, name, group, files or [], event or {})
            self._tell(frame, body)
        return str(body["id"])

    def swap(self, sender: str, texts: list[str], *, group: str = "") -> list[str]:
        """Write several messages which reach the bot in the opposite order."""
        with self.lock:
            written = [self._written(sender, each, "", group, [], {}) for each in texts]
            for frame, body in reversed(written):
                self._tell(frame, body)
        return [str(body["id"]) for _frame, body in written]

    def befriend(self, sender: str) -> None:
        with self.lock:
            self.gone.discard(self.openid(sender))
            self._tell("FRIEND_ADD", {"openid": self.openid(sender), "timestamp": self._unix()})

    def unfriend(self, sender: str) -> None:
        with self.lock:
            self.gone.add(self.openid(sender))
            self._tell("FRIEND_DEL", {"openid": self.openid(sender), "timestamp": self._unix()})

    def add_bot(self, group: str) -> None:
        with self.lock:
            self.gone.discard(self.openid(group))
            openid = self.openid(group)
            self._tell("GROUP_ADD_ROBOT", {"group_openid": openid, "timestamp": self._unix()})

    def remove_bot(self, group: str) -> None:
        with self.lock:
            self.gone.add(self.openid(group))
            openid = self.openid(group)
            self._tell("GROUP_DEL_ROBOT", {"group_openid": openid, "timestamp": self._unix()})

    def connect(self, callback: str, *, signs: bool = False) -> None:
        """Enter a callback address; it is checked. Raises ValueError for a wrong answer."""
        moment, token = str(self._unix()), hashlib.sha256(callback.encode()).hexdigest()[:20]
        body = _dump({"op": 13, "d": {"plain_token": token, "event_ts": moment}})
        headers = self._headers(body) if signs else self._plain_headers()
        try:
            given = requests.post(callback, data=body, headers=headers, timeout=self.patience)
            answer = given.json()
            signature = bytes.fromhex(answer["signature"])
            _key(self.secret).public_key().verify(signature, (moment + token).encode())
        except (requests.RequestException, InvalidSignature, LookupError, TypeError) as error:
            raise ValueError(f"the callback address failed: {type(error).__name__}") from None
        if answer.get("plain_token") != token:
            raise ValueError("the callback address failed: another token")
        self.callback = callback

    def repeat(self, times: int = 1) -> None:
        """Push the latest event again, as QQ does at times although it was answered."""
        with self.lock:
            for _time in range(times):
                self._queue(Push(self.pushes[-1].id, self.pushes[-1].body))

    def corrupt(self) -> None:
        """Push the latest event again under a signature that does not fit."""
        with self.lock:
            self._queue(Push(self.pushes[-1].id, self.pushes[-1].body, corrupt=True))

    def inspect(self) -> Any:
        with self.lock:
            return {
                "messages": self.messages,
                "pushes": [{"id": each.id, "answers": each.answers} for each in self.pushes],
                "callback": self.callback,
                "calls": len(self.calls),
            }

    def openid(self, person: str, group: str = "") -> str:
        """The id of a person (in a group another one) or of a group, for this bot."""
        made = hashlib.sha256(f"{self.app_id}/{group}/{person}".encode()).hexdigest()[:32].upper()
        self.names[made] = person
        return made

    def _written(
        self,
        sender: str,
        text: str,
        name: str,
        group: str,
        files: list[dict[str, Any]],
        event: dict[str, Any],
    ) -> tuple[str, dict[str, Any]]:
        """A message as QQ tells of it, kept as one that may be answered."""
        number, now = self._number("in"), self.now()
        body = {
            "id": number,
            "content": f" {text}" if group else text,  # the mention is taken out, its blank stays
            "timestamp": now.astimezone(BEIJING).isoformat(timespec="seconds"),
            "message_type": 0,
            "message_scene": {"source": "default", "ext": [f"msg_idx=REFIDX_{number}"]},
        }
        if files:
            body["attachments"] = [self._attachment(each) for each in files]
        if group:
            place = ("groups", self.openid(group))
            member = self.openid(sender, group)
            body["group_openid"] = place[1]
            body["author"] = {"id": member, "member_openid": member, "username": name or sender}
        else:
            place = ("users", self.openid(sender))
            body["author"] = {"id": place[1], "user_openid": place[1], "union_openid": place[1]}
        self.inbound[number] = Inbound(number, place, now)
        self._keep("in", number, place, text, [each.get("name", "") for each in files], sender)
        return "GROUP_AT_MESSAGE_CREATE" if group else "C2C_MESSAGE_CREATE", body | event

    def _attachment(self, file: dict[str, Any]) -> dict[str, Any]:
        given, kind = file.get("data"), file.get("kind", "file")
        data = base64.b64decode(given) if given else str(file.get("text", "")).encode()
        path = f"/download/{self._next()}"
        self.shared[path] = data
        shown = {"content_type": SEEN_AS[kind], "filename": file["name"], "size": len(data)}
        if kind == "voice":
            shown |= {
                "voice_wav_url": self.url + path,
                "asr_refer_text": file.get("transcript", ""),
            }
        return shown | {"url": self.url + path}

    def _keep(
        self,
        direction: str,
        number: str,
        place: tuple[str, str],
        text: str,
        files: list[str],
        sender: str = "",
    ) -> None:
        kind, openid = place
        whom = {"sender": sender} if sender else {"recipient": self.names.get(openid, openid)}
        chat = f"{'group' if kind == 'groups' else 'c2c'}:{self.names.get(openid, openid)}"
        shown = {"id": number, "direction": direction, "thread": chat, "text": text}
        self.messages.append(shown | whom | {"files": files, "at": self.now().isoformat()})

    # Pushing

    def _tell(self, name: str, event: dict[str, Any]) -> None:
        number = f"{name}:{event.get('id') or self._number('event')}"
        frame = {"id": number, "op": 0, "s": self._next(), "t": name, "d": event}
        self._queue(Push(number, _dump(frame)))

    def _queue(self, push: Push) -> None:
        self.pushes.append(push)
        self._waiting.put(push)

    def _push_all(self) -> None:
        """Bring the events to the callback address, one after the other."""
        while (push := self._waiting.get()) is not None:
            for _try in range(self.tries if self.callback else 0):
                status = self._push(push)
                with self.changed:
                    push.answers.append(status)
                    self.changed.notify_all()
                if 200 <= status < 300:
                    break

    def _push(self, push: Push) -> int:
        headers = self._headers(push.body + b" " if push.corrupt else push.body)
        try:
            answer = requests.post(
                self.callback, data=push.body, headers=headers, timeout=self.patience
            )
        except requests.RequestException:
            return 0
        return answer.status_code

    def _plain_headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": "QQBot-Callback",
            "X-Bot-Appid": self.app_id,
        }

    def _headers(self, body: bytes) -> dict[str, str]:
        moment = str(self._unix())
        signature = _key(self.secret).sign(moment.encode() + body).hex()
        signed = {"X-Signature-Ed25519": signature, "X-Signature-Timestamp": moment}
        return self._plain_headers() | signed

    def _unix(self) -> int:
        return int(self.now().timestamp())

    def _number(self, what: str) -> str:
        return f"ROBOT1.0_{self._run}-{what}-{self._next()}"

    def _next(self) -> int:
        self._count += 1
        return self._count


def _key(secret: str) -> Ed25519PrivateKey:
    seed = secret.encode()
    while len(seed) < 32:
        seed += secret.encode()
    return Ed25519PrivateKey.from_private_bytes(seed[:32])


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
