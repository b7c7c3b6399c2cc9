"""A Weibo sandbox that keeps the vendor's rules: pushes, answer windows, comments, error numbers.

Run it alone with `python -m channels_ingest.sandbox.weibo --port 9294`: the account is 1900000001,
the app's secret "demo-app-secret", the token for both APIs "demo-weibo-token". Tell it whom to push
to with `inject` {"do": "callback", "url": …}.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlencode

import requests

from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json, serve

ACCOUNT = 1900000001
DEMO_APP = "demo-app-secret"
DEMO_ACCESS = "demo-weibo-token"
NO_QUOTA = 20130  # ours: the vendor's own number for a closed window is not known
BEIJING = timezone(timedelta(hours=8))
TRIES, SECONDS = 3, 5
WINDOW = timedelta(hours=48)
LONGEST_COMMENT, LONGEST_ANSWER = 140, 300
EVENTS_THAT_OPEN = {"follow", "subscribe", "click", "scan", "scan_follow"}
ERRORS = {
    10008: "param error, see doc for more info",
    10013: "Illegal Request",
    10017: "Parameter (%s) value invalid, expect (JSON text)",
    10023: "User requests out of rate limit!",
    20008: "Content is null",
    20012: "Text too long, please input text less than 140 characters!",
    20013: "Text too long, please input text less than 300 characters!",
    20019: "repeat content!",
    20101: "target weibo does not exist!",
    20201: "target weibo comment does not exist!",
    21327: "expired_token",
    21332: "invalid_access_token",
    NO_QUOTA: "no quota to message this user",
}

Said = dict[str, Any]


class Refused(Exception):
    """The vendor does not do it; the number that says why."""


@dataclass
class Window:
    """Until when, and how often, somebody may be answered in private; None: as often as wanted."""

    until: datetime
    left: int | None = None


@dataclass
class Push:
    """One push: its body, and what the other side answered to each try."""

    body: bytes
    answers: list[int] = field(default_factory=list)


class Microblog(Emulator):
    """The vendor. `say`, `event`, `comment`, `post` and `delete` are what people do there."""

    name = "Weibo sandbox"

    def __init__(self, *, port: int = 0, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.secret = DEMO_APP
        self.tokens: dict[str, datetime | None] = {DEMO_ACCESS: None}  # until when; None: for ever
        self.callback = ""
        self.hourly: int | None = None  # calls of an hour before 10023
        self.numbers_as_text = False
        self.people: dict[int, str] = {ACCOUNT: "客服"}
        self.windows: dict[int, Window] = {}
        self.comments: dict[int, Said] = {}
        self.statuses: dict[int, Said] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.messages: list[Said] = []
        self.pushes: list[Push] = []
        self._next_id = 5_000_000_000_000_000
        self._asked_at: list[datetime] = []
        self._pushing: list[threading.Thread] = []
        self.our_status = self.post(ACCOUNT, "有问题请私信或评论", mention=False)["id"]

    # What people do

    def inject(self, do: str = "say", **what: Any) -> Any:
        """Let somebody say, press (event), comment, post or delete something; or push again.

        With a `thread` "status:ID", or `group`, somebody who says something comments there.
        """
        thread = str(what.pop("thread", None) or what.pop("group", None) or "")
        if do == "say" and thread.startswith("status:"):
            do, what["status"] = "comment", int(thread.removeprefix("status:"))
            what.pop("files", None)
        actions: dict[str, Callable[..., Any]] = {
            "say": self.say,
            "event": self.event,
            "comment": self.comment,
            "post": self.post,
            "delete": self.delete,
            "duplicate": self.duplicate,
            "callback": self.call_back_at,
        }
        if do not in actions:
            raise LookupError(f"nobody does {do!r} here; there are: {', '.join(actions)}")
        if "sender" in what:
            what["sender"] = int(what["sender"])
        return actions[do](**what)

    def call_back_at(self, url: str, secret: str = "") -> None:
        """Where to push to, and the app's secret that signs it."""
        with self.lock:
            self.callback, self.secret = url, secret or self.secret

    def say(
        self,
        sender: int,
        text: str = "",
        name: str = "",
        files: list[dict[str, str]] | None = None,
        **data: Any,
    ) -> Said:
        """Write to the account in private; each of `files` (name, text) is a push of its own."""
        with self.lock:
            self._meet(sender, name)
            self.windows[sender] = Window(self.now() + WINDOW)
            for each in files or []:
                self._push(sender, "image", "分享图片", self._keep(each))
                self._note("in", sender, f"dm:{sender}", "", [each["name"]])
            if text or not files:
                kind = str(data.pop("type", "text"))
                self._push(sender, kind, text, data)
                self._note("in", sender, f"dm:{sender}", text)
            return self.messages[-1]

    def event(self, sender: int, subtype: str, text: str = "", **data: Any) -> Said:
        """Follow, unfollow, press a menu, or mention (subtype status or comment, with its key)."""
        with self.lock:
            self._meet(sender, "")
            if subtype in EVENTS_THAT_OPEN:
                self.windows[sender] = Window(self.now() + WINDOW)
            elif subtype == "unfollow":
                self.windows.pop(sender, None)
            elif subtype in ("status", "comment"):
                window = self.windows.get(sender)
                if window is None or self.now() >= window.until:
                    self.windows[sender] = Window(self.now() + WINDOW, left=1)
            kind = "mention" if subtype in ("status", "comment") else "event"
            self._push(sender, kind, text, {"subtype": subtype, **data})
            return {"sender": str(sender), "subtype": subtype}

    def post(self, sender: int, text: str, name: str = "", *, mention: bool = True) -> Said:
        """Post in public; with `mention` the post names the account."""
        with self.lock:
            number = self._number()
            status = self._authored(number, sender, text, name) | {"mention": mention}
            self.statuses[number] = status
            self._note("in", sender, f"status:{number}", text)
            return status

    def comment(
        self,
        sender: int,
        text: str,
        name: str = "",
        *,
        status: int = 0,
        reply_to: int = 0,
        number: int = 0,
        mention: bool = False,
    ) -> Said:
        """Comment on a post, ours unless another is named; `number` may be lower than the last."""
        with self.lock:
            number, place = number or self._number(), status or self.our_status
            comment = self._authored(number, sender, text, name)
            comment |= {"status": self._shown_status(self.statuses[place]), "mention": mention}
            if reply_to:
                above = self.comments[reply_to]
                comment["reply_comment"] = {k: above[k] for k in ("id", "text", "user")}
            self.comments[number] = comment
            direction = "out" if sender == ACCOUNT else "in"
            self._note(direction, sender, f"status:{place}", text)
            return comment

    def delete(self, number: int) -> None:
        """Delete a comment: it vanishes and nobody is told."""
        with self.lock:
            self.comments.pop(int(number), None)

    def duplicate(self) -> None:
        """Push the last message once more, as after a lost answer."""
        with self.lock:
            self._send(self.pushes[-1])

    def inspect(self) -> Any:
        with self.lock:
            return {
                "messages": [dict(each) for each in self.messages],
                "comments": list(self.comments.values()),
                "pushes": [each.answers for each in self.pushes],
                "windows": {str(uid): each.left for uid, each in self.windows.items()},
                "calls": len(self.calls),
            }

    def stop(self) -> None:
        for each in self._pushing:
            each.join()
        super().stop()

    def _meet(self, sender: int, name: str) -> None:
        self.people[sender] = name or self.people.get(sender, f"用户{sender}")

    def _number(self) -> int:
        self._next_id += 7
        return self._next_id

    def _keep(self, file: dict[str, str]) -> Said:
        fid = self._number()
        self.files[str(fid)] = (file["name"], file.get("text", "").encode() or b"\xff\xd8\xff")
        return {"vfid": fid - 1, "tovfid": fid}

    def _authored(self, number: int, sender: int, text: str, name: str) -> Said:
        self._meet(sender, name)
        user = {"id": sender, "screen_name": self.people[sender], "profile_image_url": ""}
        return {
            "id": number,
            "mid": str(number),
            "created_at": self._written(),
            "text": text,
            "source": '<a href="https://weibo.example/">微博</a>',
            "user": user,
        }

    def _written(self) -> str:
        return self.now().astimezone(BEIJING).strftime("%a %b %d %H:%M:%S %z %Y")

    def _note(
        self, direction: str, who: int, thread: str, text: str, files: list[str] | None = None
    ) -> None:
        whom = {"in": "sender", "out": "recipient"}[direction]
        said = {"direction": direction, whom: str(who), "thread": thread, "text": text}
        self.messages.append(said | {"files": files or [], "at": self.now().isoformat()})

    # Pushes

    def _push(self, sender: int, kind: str, text: str, data: Said) -> None:
        body = {
            "type": kind,
            "receiver_id": ACCOUNT,
            "sender_id": sender,
            "created_at": self._written(),
            "text": text,
            "data": data,
        }
        self.pushes.append(Push(json.dumps(body, ensure_ascii=False).encode()))
        self._send(self.pushes[-1])

    def _send(self, push: Push) -> None:
        if self.callback:
            url = f"{self.callback}?{urlencode(self.signed_query())}"
            thread = threading.Thread(target=self._call, args=(url, push))
            self._pushing = [each for each in self._pushing if each.is_alive()] + [thread]
            thread.start()

    def signed_query(self) -> dict[str, str]:
        """What every call of the vendor carries in its address."""
        with self.lock:
            stamp, nonce = str(int(self.now().timestamp() * 1000)), str(self._number())
            joined = "".join(sorted((self.secret, stamp, nonce))).encode()
        signature = hashlib.sha1(joined, usedforsecurity=False).hexdigest()
        return {"signature": signature, "timestamp": stamp, "nonce": nonce}

    def _call(self, url: str, push: Push) -> None:
        """Push up to three times, until somebody answers 200 within five seconds."""
        headers = {"Content-Type": "application/json"}
        for _try in range(TRIES):
            try:
                status = requests.post(
                    url, data=push.body, headers=headers, timeout=SECONDS
                ).status_code
            except requests.RequestException:
                status = 0
            with self.changed:
                push.answers.append(status)
                self.changed.notify_all()
            if status == 200:
                return

    # What the API answers

    def answer(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        query = {name: values[0] for name, values in call.query.items()}
        try:
            self._admit((form or query).get("access_token", ""))
            action = ROUTES.get((call.method, re.sub(r"^/2/|(/biz)?\.json$", "", call.path)))
            if action is None:
                raise Refused(10013)
            return action(self, form or query)
        except Refused as refusal:
            number = refusal.args[0]
            shown = str(number) if self.numbers_as_text else number
            said = {"request": call.path, "error_code": shown, "error": ERRORS[number]}
            return as_json(said, 403 if number < 20000 else 400)

    def _admit(self, token: str) -> None:
        if token not in self.tokens:
            raise Refused(21332)
        until = self.tokens[token]
        if until and self.now() >= until:
            raise Refused(21327)
        now = self.now()
        self._asked_at = [at for at in self._asked_at if now - at < timedelta(hours=1)]
        if self.hourly is not None and len(self._asked_at) >= self.hourly:
            raise Refused(10023)
        self._asked_at.append(now)

    def _reply(self, form: dict[str, str]) -> Answer:
        receiver, text = int(form.get("receiver_id", "0")), _text_in(form)
        window = self.windows.get(receiver)
        if window is None or self.now() >= window.until or window.left == 0:
            raise Refused(NO_QUOTA)
        if len(text) > LONGEST_ANSWER:
            raise Refused(20013)
        window.left = None if window.left is None else window.left - 1
        self._note("out", receiver, f"dm:{receiver}", text)
        return as_json({"result": True, "sender_id": ACCOUNT, "receiver_id": receiver})

    def _create(self, form: dict[str, str]) -> Answer:
        return self._commented(form, 0)

    def _reply_to_comment(self, form: dict[str, str]) -> Answer:
        above = int(form.get("cid", "0"))
        if above not in self.comments:
            raise Refused(20201)
        return self._commented(form, above)

    def _commented(self, form: dict[str, str], above: int) -> Answer:
        status, text = int(form.get("id", "0")), form.get("comment", "")
        if status not in self.statuses:
            raise Refused(20101)
        if not form.get("rip"):
            raise Refused(10008)
        if not text.strip():
            raise Refused(20008)
        if sum(2 if ord(char) > 0xFF else 1 for char in text) > 2 * LONGEST_COMMENT:
            raise Refused(20012)
        ours = [each for each in self.comments.values() if each["user"]["id"] == ACCOUNT]
        if ours and ours[-1]["text"] == text:
            raise Refused(20019)
        made = self.comment(ACCOUNT, text, status=status, reply_to=above)
        return as_json(_public(made))

    def _to_me(self, query: dict[str, str]) -> Answer:
        ours = [c for c in self.comments.values() if c["status"]["user"]["id"] == ACCOUNT]
        return _listed("comments", ours, query)

    def _comment_mentions(self, query: dict[str, str]) -> Answer:
        return _listed("comments", [c for c in self.comments.values() if c["mention"]], query)

    def _status_mentions(self, query: dict[str, str]) -> Answer:
        return _listed("statuses", [s for s in self.statuses.values() if s["mention"]], query)

    def _user(self, query: dict[str, str]) -> Answer:
        number = int(query.get("uid", "0"))
        if number not in self.people:
            raise Refused(20101)
        return as_json({"id": number, "screen_name": self.people[number]})

    def _limits(self, query: dict[str, str]) -> Answer:
        left = 10_000 if self.hourly is None else self.hourly - len(self._asked_at)
        return as_json({"remaining_user_hits": left, "reset_time_in_seconds": 1800})

    def _file(self, query: dict[str, str]) -> Answer:
        if query.get("fid") not in self.files:
            raise Refused(10008)
        return Answer(200, self.files[query["fid"]][1], {"Content-Type": "image/jpeg"})

    def _shown_status(self, status: Said) -> Said:
        return {name: status[name] for name in ("id", "text", "user", "created_at")}


ROUTES: dict[tuple[str, str], Callable[[Microblog, dict[str, str]], Answer]] = {
    ("POST", "messages/reply"): Microblog._reply,
    ("POST", "comments/create"): Microblog._create,
    ("POST", "comments/reply"): Microblog._reply_to_comment,
    ("GET", "comments/to_me"): Microblog._to_me,
    ("GET", "comments/mentions"): Microblog._comment_mentions,
    ("GET", "statuses/mentions"): Microblog._status_mentions,
    ("GET", "users/show"): Microblog._user,
    ("GET", "account/rate_limit_status"): Microblog._limits,
    ("GET", "mss/msget"): Microblog._file,
}


def _text_in(form: dict[str, str]) -> str:
    """The text of an answer; encoded twice it is no JSON, as at the vendor."""
    try:
        data = json.loads(form.get("data", ""))
    except ValueError:
        raise Refused(10017) from None
    text = data.get("text") if isinstance(data, dict) else None
    if form.get("type") != "text" or not isinstance(text, str) or not text.strip():
        raise Refused(20008)
    return text


def _listed(name: str, items: list[Said], query: dict[str, str]) -> Answer:
    since, most = int(query.get("since_id", "0")), int(query.get("max_id", "0"))
    count = min(int(query.get("count", "50")), 200)
    wanted = [each for each in items if each["id"] > since and (not most or each["id"] <= most)]
    page = sorted(wanted, key=lambda each: -int(each["id"]))[:count]
    shown = [_public(each) for each in page]
    counters = {"previous_cursor": 0, "next_cursor": 0, "total_number": len(items)}
    return as_json({name: shown, **counters})


def _public(item: Said) -> Said:
    return {name: value for name, value in item.items() if name != "mention"}


if __name__ == "__main__":
    serve(Microblog)
