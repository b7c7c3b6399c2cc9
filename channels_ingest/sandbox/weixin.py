"""What the emulators of WeChat Official Accounts and of WeCom share: tokens, sealed pushes, media.

Written anew from the vendor's rules and sharing nothing with the connectors: a mistake cannot
hide on both sides.
"""

import base64
import hashlib
import queue
import re
import secrets
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json

DEMO_SECRET = "demo-secret"  # noqa: S105 - of the demo, which listens on loopback only
DEMO_TOKEN = "demoTok2026"  # noqa: S105 - the same
DEMO_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TRIES = 3
MEDIA_LIFE = timedelta(days=3)
TOKEN_LIFE = timedelta(hours=2)
MEGABYTE = 1024 * 1024
GREETING = "在吗"  # what a person says who was given nothing to say


class Refused(Exception):
    """The vendor does not do it, and answers with this error code."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errcode)
        self.answer = as_json({"errcode": errcode, "errmsg": errmsg})


@dataclass
class Media:
    kind: str
    name: str
    content_type: str
    data: bytes
    at: datetime


@dataclass
class Push:
    """One thing told to the callback, and what the other side answered each time."""

    fields: Mapping[str, object]
    answers: list[int] = field(default_factory=list)


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(text: bytes, encoding_aes_key: str, receiver: str, *, noise: bytes = b"") -> str:
    """Encrypt as the vendor does; `noise` are the 16 random bytes in front."""
    key = base64.b64decode(encoding_aes_key + "=")
    plain = (noise or secrets.token_bytes(16)) + struct.pack(">I", len(text)) + text
    plain += receiver.encode()
    missing = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def as_xml(fields: Mapping[str, object]) -> bytes:
    inner = "".join(
        f"<{name}>{value}</{name}>"
        if isinstance(value, int)
        else f"<{name}><![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
        for name, value in fields.items()
    )
    return f"<xml>{inner}</xml>".encode()


class Weixin(Emulator):
    """The shared half of both vendors. `receiver` is the app or corporation id."""

    receiver: ClassVar[str] = ""

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        callback: str = "",
        patience: float = 5.0,
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.callback = callback
        self.patience = patience  # seconds that the callback may take to answer
        self.mode = "safe"  # or "plain", or "compatible": both in one
        self.secret = DEMO_SECRET
        self.token = DEMO_TOKEN
        self.encoding_aes_key = DEMO_KEY
        self.address_is_listed = True
        self.tokens: dict[str, datetime] = {}  # and when each ends
        self.media: dict[str, Media] = {}
        self.pushes: list[Push] = []
        self.messages: list[dict[str, Any]] = []
        self._held: list[Push] = []
        self._queue: queue.SimpleQueue[Push | None] = queue.SimpleQueue()
        self._pushing = threading.Thread(target=self._push_all)

    def start(self) -> Self:
        self._pushing.start()
        return super().start()

    def stop(self) -> None:
        if self._pushing.is_alive():
            self._queue.put(None)
            self._pushing.join()
        super().stop()

    # Calls

    # Method, path as a pattern, and the name of what answers.
    routes: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    def answer(self, call: Call) -> Answer:
        for method, pattern, name in self.routes:
            match = re.fullmatch(pattern, call.path)
            if match and method == call.method:
                return self._answered(name, call, match.groups())
        return Answer(404)

    def _answered(self, name: str, call: Call, found: tuple[str, ...]) -> Answer:
        try:
            answer: Answer = getattr(self, name)(call, *found)
        except Refused as refusal:
            return refusal.answer
        return answer

    def asked(self, call: Call) -> dict[str, Any]:
        """The JSON of a call, once its token is good."""
        self.check_token(call)
        if b"\\u" in call.body:
            raise Refused(40033, "invalid charset. please check your request, if include \\uxxxx")
        try:
            body = call.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(47001, "data format error")
        return body

    def check_token(self, call: Call) -> None:
        token = given(call, "access_token")
        if not token:
            raise Refused(41001, "access_token missing")
        ends = self.tokens.get(token)
        if ends is None:
            raise self.unknown_token()
        if self.now() >= ends:
            raise Refused(42001, "access_token expired")

    def unknown_token(self) -> Refused:
        return Refused(40014, "invalid access_token")

    def current_token(self, *, renewed_early: timedelta = timedelta()) -> tuple[str, int]:
        """The newest token and its seconds; a new one near the end of the last."""
        newest = max(self.tokens, key=lambda each: self.tokens[each], default="")
        if not newest or self.tokens[newest] - self.now() <= renewed_early:
            newest = f"tok-{secrets.token_hex(24)}"
            self.tokens[newest] = self.now() + TOKEN_LIFE
        return newest, int((self.tokens[newest] - self.now()).total_seconds())

    def revoke(self) -> None:
        """End every token before its time, as the platform may."""
        with self.lock:
            self.tokens.clear()

    # Media

    limits: ClassVar[Mapping[str, int]] = {}  # bytes of a file, by kind

    def keep(self, kind: str, name: str, content_type: str, data: bytes) -> str:
        media_id = f"media-{secrets.token_urlsafe(24)}"
        self.media[media_id] = Media(kind, name, content_type, data, self.now())
        return media_id

    def media_of(self, media_id: str, kind: str = "") -> Media:
        media = self.media.get(media_id)
        is_old = media is not None and self.now() - media.at > MEDIA_LIFE
        if media is None or is_old or (kind and media.kind != kind):
            raise Refused(40007, "invalid media_id")
        return media

    def _upload(self, call: Call) -> Answer:
        self.check_token(call)
        kind = given(call, "type")
        if kind not in self.limits:
            raise Refused(40004, "invalid media type")
        name, content_type, data = _uploaded(call)
        if len(data) > self.limits[kind]:
            raise Refused(40006, "invalid media size")
        media_id = self.keep(kind, name, content_type, data)
        created_at = int(self.now().timestamp())
        return as_json({"type": kind, "media_id": media_id, "created_at": created_at})

    def _download(self, call: Call) -> Answer:
        self.check_token(call)
        return as_file(self.media_of(given(call, "media_id")))

    # Pushes

    def announce(self, *pushes: Push, late: bool = False) -> None:
        """Tell the callback, or with `late` only after whatever is told next."""
        with self.lock:
            if late:
                self._held += pushes
                return
            waiting, self._held = [*pushes, *self._held], []
            self.pushes += waiting
            for push in waiting:
                self._queue.put(push)

    def settled(self) -> bool:
        """Whether everything that was told was accepted, or given up."""
        return all(200 in each.answers or len(each.answers) >= TRIES for each in self.pushes)

    def register(self, url: str) -> bool:
        """Enter a callback address, as in the vendor's console: it must answer the check."""
        text = str(secrets.randbelow(10**19))
        echo, query = self.echo(text)
        answer = requests.get(url, params=query | {"echostr": echo}, timeout=self.patience)
        if answer.status_code != 200 or answer.text != text:
            raise ValueError(f"the address answered {answer.status_code}, not the echo")
        with self.lock:
            self.callback = url
        return True

    def echo(self, text: str) -> tuple[str, dict[str, str]]:
        """What a new address is asked, and how that is signed."""
        raise NotImplementedError

    def signed(self, name: str, *covered: str) -> dict[str, str]:
        """The query fields that prove a push, the proof in the field `name`."""
        moment, nonce = str(int(self.now().timestamp())), secrets.token_hex(5)
        proof = sign(self.token, moment, nonce, *covered)
        return {name: proof, "timestamp": moment, "nonce": nonce}

    def written(self, fields: Mapping[str, object]) -> tuple[bytes, dict[str, str]]:
        """The body and query of a push, sealed as the mode asks for."""
        plain, query = as_xml(fields), self.signed("signature")
        if self.mode == "plain":
            return plain, query
        sealed = seal(plain, self.encoding_aes_key, self.receiver)
        proof = sign(self.token, query["timestamp"], query["nonce"], sealed)
        query |= {"msg_signature": proof, "encrypt_type": "aes"}
        shown = dict(fields) if self.mode == "compatible" else {}
        shown |= {"ToUserName": fields.get("ToUserName", ""), "Encrypt": sealed}
        return as_xml(shown), query

    def _push_all(self) -> None:
        while (push := self._queue.get()) is not None:
            for _try in range(TRIES):
                if self._pushed(push) == 200:
                    break

    def _pushed(self, push: Push) -> int:
        with self.lock:
            body, query = self.written(push.fields)
            url = self.callback
        headers = {"Content-Type": "text/xml"}
        try:
            answer = requests.post(
                url, params=query, data=body, headers=headers, timeout=self.patience
            )
            status = answer.status_code
            if status == 200 and answer.content.strip() not in (b"", b"success"):
                status = 0  # the vendor tells the customer that the service is unavailable
        except requests.RequestException:
            status = 0
        with self.changed:
            push.answers.append(status)
            self.changed.notify_all()
        return status


def given(call: Call, name: str) -> str:
    return call.query.get(name, [""])[0]


def as_file(media: Media) -> Answer:
    name = re.sub(r'["\r\n]', "", media.name)
    disposition = f'attachment; filename="{name}"'
    raw = disposition.encode().decode("latin-1")  # the vendor writes UTF-8 into the header
    return Answer(200, media.data, {"Content-Type": media.content_type, "Content-Disposition": raw})


def _uploaded(call: Call) -> tuple[str, str, bytes]:
    """The file of a multipart form: name, type, bytes."""
    boundary = call.headers.get("content-type", "").partition("boundary=")[2].encode()
    for part in call.body.split(b"--" + boundary):
        head, _blank, data = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="media"; filename="([^"]*)"', head)
        kind = re.search(rb"Content-Type: *([^\r\n]+)", head)
        if name:
            content_type = kind[1].decode() if kind else "application/octet-stream"
            return name[1].decode(), content_type, data.removesuffix(b"\r\n")
    raise Refused(41005, "media data missing")
