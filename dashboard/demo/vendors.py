"""The vendors of the demo: the emulators, with the misbehaviour that a person can ask of them.

`inject` with `do="trouble"` and a `name`: "lost" (done, but the answer never arrives), "limited"
(come back later), "token" (ours has ended), "window" (the time for replies is over), "twice" (the
last message is pushed once more).
"""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from channels_ingest.sandbox.base import Answer, Call, Emulator
from channels_ingest.sandbox.discourse import Forum
from channels_ingest.sandbox.qq import QQSandbox
from channels_ingest.sandbox.wechat import OfficialAccount
from channels_ingest.sandbox.weibo import ACCOUNT, Microblog
from channels_ingest.sandbox.weixin import Push

from .wiring import Wiring

COME_AGAIN = "3"  # seconds
SHORT_MINIMUM = 5  # as Chinese forums set it: twenty characters are a long answer there


class Troublesome(Emulator):
    """An emulator that misbehaves when it is told to, with the vendor's own words."""

    place: ClassVar[str]  # its name in the wiring
    answered_at: ClassVar[str]  # the path below which replies arrive
    kept: ClassVar[tuple[str, ...]] = ()  # the attributes that outlive a new start
    limited: ClassVar[str] = ""  # what the vendor says besides the status when it is too much

    def inject(self, do: str = "", **what: Any) -> Any:
        if do == "trouble":
            return self.trouble(**what)
        return super().inject(**({"do": do} if do else {}), **what)

    def trouble(self, name: str) -> None:
        """Do what `name` says. Raises LookupError for what this vendor cannot do."""
        troubles: dict[str, Callable[[], None]] = {
            "lost": self.lose_an_answer,
            "limited": self.limit_once,
            "token": self.end_tokens,
            "window": self.close_windows,
            "twice": self.push_again,
        }
        with self.lock:
            troubles[name]()

    def lose_an_answer(self) -> None:
        self.fail(path=self.answered_at, drop=True, processed=True)

    def limit_once(self) -> None:
        headers = {"Content-Type": "application/json", "Retry-After": COME_AGAIN}
        self.fail(path=self.answered_at, status=429, body=self.limited, headers=headers)

    def end_tokens(self) -> None:
        raise LookupError(f"{self.name}: tokens do not end here")

    def close_windows(self) -> None:
        raise LookupError(f"{self.name}: replies are always possible")

    def push_again(self) -> None:
        raise LookupError(f"{self.name}: nothing is pushed")


class DemoQQ(Troublesome, QQSandbox):
    """QQ, with the desk's own address registered for links."""

    place = "qq"
    answered_at = "/v2/"
    kept = ("messages", "inbound", "names", "gone", "shared")

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(
            wiring.callbacks.get("qq", ""), port=wiring.ports["qq"], secret=wiring.word("qq")
        )
        for host in wiring.linked:
            self.register(host)

    def end_tokens(self) -> None:
        self.revoke_tokens()

    def close_windows(self) -> None:
        for each in self.inbound.values():
            each.at -= max(self.private.window, self.group.window)

    def push_again(self) -> None:
        self.repeat()


class DemoWeChat(Troublesome, OfficialAccount):
    """WeChat. Ids count on from `first`, so that none comes again after a new start."""

    place = "wechat"
    answered_at = "/cgi-bin/message/custom/send"
    kept = ("messages", "people", "media", "tokens")

    def __init__(self, wiring: Wiring, *, first: int) -> None:
        super().__init__(port=wiring.ports["wechat"], callback=wiring.callbacks.get("wechat", ""))
        self.secret, self.token = wiring.word("wechat"), wiring.word("wechat token")
        self.encoding_aes_key = wiring.key("wechat")
        self._next_id += first

    def end_tokens(self) -> None:
        self.revoke()

    def close_windows(self) -> None:
        for person in self.people.values():
            person.windows.clear()

    def push_again(self) -> None:
        self.announce(Push(self.pushes[-1].fields))


class DemoWeibo(Troublesome, Microblog):
    """Weibo, with ids that count on as well."""

    place = "weibo"
    answered_at = "/2/messages/reply"
    kept = ("messages", "people", "windows", "comments", "statuses", "files", "_our_status")

    def __init__(self, wiring: Wiring, *, first: int) -> None:
        super().__init__(port=wiring.ports["weibo"])
        self.secret = wiring.word("weibo")
        self.tokens: dict[str, datetime | None] = {wiring.word("weibo token"): None}
        self.callback = wiring.callbacks.get("weibo", "")
        self._next_id += first
        self._our_status = self.post(ACCOUNT, "有问题请私信或评论", mention=False)["id"]

    def close_windows(self) -> None:
        self.windows.clear()

    def push_again(self) -> None:
        self.duplicate()

    def _keep(self, file: dict[str, str]) -> dict[str, Any]:
        """A picture as a page gives it, in base64."""
        kept = super()._keep(file)
        if file.get("data"):
            self.files[str(kept["tovfid"])] = (file["name"], base64.b64decode(file["data"]))
        return kept


class DemoForum(Troublesome, Forum):
    """The forum. What goes wrong does so for replies: it is read every few seconds besides."""

    place = "forum"
    answered_at = "/posts.json"
    limited = json.dumps(
        {
            "errors": ["You’ve performed this action too many times, please try again later."],
            "error_type": "rate_limit",
            "extras": {"wait_seconds": int(COME_AGAIN), "time_left": f"{COME_AGAIN} seconds"},
        }
    )

    def __init__(self, wiring: Wiring, clock: Callable[[], datetime]) -> None:
        super().__init__(port=wiring.ports["forum"], clock=clock)
        self.keys = {wiring.secret}
        self.min_length = SHORT_MINIMUM

    def respond(self, call: Call) -> Answer | None:
        if call.method != "GET":
            return super().respond(call)
        with self.changed:
            self.calls.append(call)
            return self.answer(call)

    def push_again(self) -> None:
        newest = max(self.posts.values(), key=lambda each: each.id)
        self._tell("post_created", newest)
