"""An Official Account sandbox that keeps WeChat's rules: tokens, windows, quotas, sealed pushes.

Run it alone with `python -m channels_ingest.sandbox.wechat --port 9293`: app id
"wxdemo0000000001", secret "demo-secret", token "demoTok2026".
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from channels_ingest.sandbox.base import Answer, Call, as_json, serve
from channels_ingest.sandbox.weixin import (
    GREETING,
    MEGABYTE,
    Push,
    Refused,
    Weixin,
    as_file,
    given,
)

APP_ID = "wxdemo0000000001"
WINDOW = timedelta(hours=48)
SHORT = timedelta(minutes=1)
EARLY = timedelta(minutes=5)
TEXT_BYTES = 2048
FORCED_PER_DAY, FORCED_APART = 20, timedelta(seconds=30)
EVENTS = {"subscribe", "SCAN", "CLICK"}  # they, too, open a window, of a minute
KINDS = {"image": "image", "audio": "voice", "video": "video"}


@dataclass
class Person:
    openid: str
    name: str = ""
    union_id: str = ""
    follows: bool = True
    # By what opened it: until when, and how many answers it still allows.
    windows: dict[str, tuple[datetime, int]] = field(default_factory=dict)


class OfficialAccount(Weixin):
    """The account. `say` and `event` are what a follower does in the app."""

    name = "WeChat sandbox"
    receiver = APP_ID
    limits: ClassVar[Mapping[str, int]] = {
        "image": 10 * MEGABYTE,
        "voice": 2 * MEGABYTE,
        "video": 10 * MEGABYTE,
        "thumb": MEGABYTE // 16,
    }
    routes: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("POST", "/cgi-bin/stable_token", "_stable_token"),
        ("POST", "/cgi-bin/message/custom/send", "_send"),
        ("POST", "/cgi-bin/media/upload", "_upload"),
        ("GET", "/cgi-bin/media/get", "_get_media"),
        ("GET", "/cgi-bin/user/info", "_user"),
        ("GET", "/cgi-bin/getcallbackip", "_addresses"),
        ("GET", r"/mmbiz/([\w-]+)", "_plain_file"),
    )

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        callback: str = "",
        patience: float = 5.0,
    ) -> None:
        super().__init__(port=port, clock=clock, callback=callback, patience=patience)
        self.people: dict[str, Person] = {}
        self.is_verified = True  # with the right to write to followers
        self.replies_per_message = 5
        self.per_day: int | None = None  # messages before 45009
        self._sent_on: list[datetime] = []
        self._forced: list[datetime] = []
        self._next_id = 23_900_000_000_000_001

    # What people do

    def inject(self, do: str = "say", **what: Any) -> Any:
        """Do what a follower or the account's owner does: say, event, register or revoke."""
        actions: Mapping[str, Callable[..., Any]] = {
            "say": self.say,
            "event": self.event,
            "register": self.register,
            "revoke": self.revoke,
        }
        if do not in actions:
            raise LookupError(f"nobody does {do!r} here")
        return actions[do](**what)

    def say(
        self,
        sender: str = "oUSER001",
        text: str = "",
        *,
        name: str = "",
        union_id: str = "",
        files: Sequence[Mapping[str, str]] = (),
        fields: Mapping[str, object] | None = None,
        duplicate: bool = False,
        late: bool = False,
    ) -> list[str]:
        """Write to the account; return the ids of the messages.

        `files` have a name, a type and their data in base64; each is a message of its own.
        `fields` is a message of any other type as the vendor pushes it. With `duplicate` it is
        told twice, with `late` only after the next.
        """
        text = text or ("" if files or fields else GREETING)
        with self.lock:
            person = self._known(sender, name, union_id)
            contents: list[Mapping[str, object]] = [self._file(each) for each in files]
            if fields:
                contents.append(fields)
            if text:
                contents.insert(0, {"MsgType": "text", "Content": text})
            person.windows["message"] = (self.now() + WINDOW, self.replies_per_message)
            pushes = [self._message(sender, each) for each in contents]
            names = [each["name"] for each in files]
            self._note("in", sender, text or str(fields or ""), names)
        self.announce(*pushes, *(pushes if duplicate else ()), late=late)
        return [str(each.fields["MsgId"]) for each in pushes]

    def event(self, sender: str = "oUSER001", event: str = "subscribe", key: str = "") -> None:
        """Follow, leave, scan, or press a button of the menu."""
        with self.lock:
            person = self._known(sender)
            person.follows = event != "unsubscribe"
            if event in EVENTS:
                person.windows[event] = (self.now() + SHORT, 3)
            push = self._push(sender, {"MsgType": "event", "Event": event, "EventKey": key})
        self.announce(push)

    def inspect(self) -> Any:
        with self.lock:
            people = {each.openid: {"follows": each.follows} for each in self.people.values()}
            pushes = [{"answers": each.answers} for each in self.pushes]
            return {
                "messages": self.messages,
                "people": people,
                "pushes": pushes,
                "calls": len(self.calls),
            }

    def _known(self, openid: str, name: str = "", union_id: str = "") -> Person:
        person = self.people.setdefault(openid, Person(openid))
        person.name, person.union_id = name or person.name, union_id or person.union_id
        return person

    def _file(self, file: Mapping[str, str]) -> dict[str, object]:
        """A message of one file, which the vendor keeps for three days."""
        content_type, data = file.get("type", ""), base64.b64decode(file["data"])
        kind = KINDS.get(content_type.partition("/")[0])
        if kind is None:
            raise ValueError("followers can send pictures, voice and videos only")
        media_id = self.keep(kind, file["name"], content_type, data)
        told: dict[str, object] = {"MsgType": kind, "MediaId": media_id}
        if kind == "image":
            told["PicUrl"] = f"{self.url}/mmbiz/{media_id}"
        if kind == "voice":
            told |= {"Format": "amr", "Recognition": file.get("heard", "")}
        return told

    def _message(self, sender: str, content: Mapping[str, object]) -> Push:
        self._next_id += 1
        return self._push(sender, {**content, "MsgId": self._next_id})

    def _push(self, sender: str, content: Mapping[str, object]) -> Push:
        at = int(self.now().timestamp())
        head = {"ToUserName": "gh_demo", "FromUserName": sender, "CreateTime": at}
        return Push(head | dict(content))

    def _note(self, direction: str, who: str, text: str, files: Sequence[str]) -> None:
        side = "sender" if direction == "in" else "recipient"
        self.messages.append(
            {
                "direction": direction,
                side: who,
                "name": self.people[who].name,
                "thread": who,
                "text": text,
                "files": list(files),
                "at": self.now().isoformat(),
            }
        )

    def echo(self, text: str) -> tuple[str, dict[str, str]]:
        return text, self.signed("signature")

    # What the API answers

    def unknown_token(self) -> Refused:
        return Refused(40001, "invalid credential, access_token is invalid or not latest")

    def _stable_token(self, call: Call) -> Answer:
        body = call.json()
        if not self.address_is_listed:
            raise Refused(40164, "invalid ip 127.0.0.1, not in whitelist")
        if body.get("grant_type") != "client_credential" or body.get("appid") != self.receiver:
            raise Refused(40013, "invalid appid")
        if body.get("secret") != self.secret:
            raise Refused(40125, "invalid appsecret")
        if body.get("force_refresh"):
            self._force()
        token, seconds = self.current_token(renewed_early=EARLY)
        return as_json({"access_token": token, "expires_in": seconds})

    def _force(self) -> None:
        now = self.now()
        self._forced = [at for at in self._forced if now - at < timedelta(days=1)]
        if self._forced and now - self._forced[-1] < FORCED_APART:
            raise Refused(45011, "api minute-quota reach limit")
        if len(self._forced) >= FORCED_PER_DAY:
            raise Refused(45009, "reach max api daily quota limit")
        self._forced.append(now)
        self.tokens.clear()

    def _send(self, call: Call) -> Answer:
        body = self.asked(call)
        if not self.is_verified:
            raise Refused(48001, "api unauthorized")
        self._count()
        person = self.people.get(str(body.get("touser")))
        if person is None:
            raise Refused(40003, "invalid openid")
        text, files = self._content(body)
        self._use_window(person)
        self._note("out", person.openid, text, files)
        return as_json({"errcode": 0, "errmsg": "ok"})

    def _count(self) -> None:
        now = self.now()
        self._sent_on = [at for at in self._sent_on if at.date() == now.date()]
        if self.per_day is not None and len(self._sent_on) >= self.per_day:
            raise Refused(45009, "reach max api daily quota limit")
        self._sent_on.append(now)

    def _content(self, body: Mapping[str, Any]) -> tuple[str, list[str]]:
        kind = str(body.get("msgtype"))
        content = body.get(kind)
        if not isinstance(content, dict):
            raise Refused(40008, "invalid message type")
        if kind == "text":
            text = str(content.get("content", ""))
            if not text:
                raise Refused(44004, "empty content")
            if len(text.encode()) > TEXT_BYTES:
                raise Refused(45002, "content size out of limit")
            return text, []
        if kind not in ("image", "voice", "video"):
            raise Refused(40008, "invalid message type")
        return "", [self.media_of(str(content.get("media_id")), kind).name]

    def _use_window(self, person: Person) -> None:
        """Take one answer from what the follower allowed last."""
        now = self.now()
        usable = {name: each for name, each in person.windows.items() if now <= each[0]}
        if not person.follows or not usable:
            raise Refused(45015, "response out of time limit or subscription is canceled")
        for name, (until, left) in usable.items():
            if left:
                person.windows[name] = (until, left - 1)
                return
        raise Refused(45047, "out of response count limit")

    def _get_media(self, call: Call) -> Answer:
        self.check_token(call)
        media_id = given(call, "media_id")
        media = self.media_of(media_id)
        if media.kind == "video":
            url = json.dumps({"video_url": f"{self.url}/mmbiz/{media_id}"})
            return Answer(200, url.encode(), {"Content-Type": "text/plain"})
        return as_file(media)

    def _plain_file(self, call: Call, media_id: str) -> Answer:
        return as_file(self.media_of(media_id))

    def _user(self, call: Call) -> Answer:
        self.check_token(call)
        person = self.people.get(given(call, "openid"))
        if person is None:
            raise Refused(40003, "invalid openid")
        shown = {"subscribe": int(person.follows), "openid": person.openid, "nickname": ""}
        return as_json(shown | ({"unionid": person.union_id} if person.union_id else {}))

    def _addresses(self, call: Call) -> Answer:
        self.check_token(call)
        return as_json({"ip_list": ["127.0.0.1"]})


if __name__ == "__main__":
    serve(OfficialAccount)
