"""A WeCom sandbox that keeps the rules of customer service: callbacks, cursors, sessions, windows.

Run it alone with `python -m channels_ingest.sandbox.wecom --port 9294`: corp id
"wwcorp00000000001", secret "demo-secret", token "demoTok2026", account "wkKF001".
"""

import base64
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from channels_ingest.sandbox.base import Answer, Call, as_json, serve
from channels_ingest.sandbox.weixin import GREETING, MEGABYTE, Push, Refused, Weixin, given, seal

CORP_ID = "wwcorp00000000001"
WINDOW = timedelta(hours=48)
HORIZON = timedelta(days=3)
WORD_LIFE = timedelta(minutes=10)
TEXT_BYTES = 2048
LONGEST_ID = 32
CUSTOMER, SYSTEM, COLLEAGUE = 3, 4, 5
NEW, DESK, POOL, HUMAN, ENDED = 0, 1, 2, 3, 4
KINDS = {"image": "image", "audio": "voice", "video": "video"}


@dataclass
class Chat:
    """One customer with one account."""

    state: int = NEW
    until: datetime | None = None
    left: int = 0
    refuses: bool = False  # takes no messages: told later, by an event


@dataclass
class Told:
    """One entry of what sync_msg tells."""

    account: str
    item: dict[str, Any]
    at: datetime


class Corporation(Weixin):
    """The corporation's app. `say`, `forward`, `recall` are what customers do in WeChat."""

    name = "WeCom sandbox"
    receiver = CORP_ID
    limits: ClassVar[Mapping[str, int]] = {
        "image": 10 * MEGABYTE,
        "voice": 2 * MEGABYTE,
        "video": 10 * MEGABYTE,
        "file": 20 * MEGABYTE,
    }
    routes: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("GET", "/cgi-bin/gettoken", "_gettoken"),
        ("POST", "/cgi-bin/kf/sync_msg", "_sync"),
        ("POST", "/cgi-bin/kf/send_msg", "_send"),
        ("POST", "/cgi-bin/kf/service_state/get", "_state"),
        ("POST", "/cgi-bin/kf/service_state/trans", "_change_state"),
        ("POST", "/cgi-bin/kf/customer/batchget", "_customers"),
        ("POST", "/cgi-bin/kf/account/list", "_accounts"),
        ("POST", "/cgi-bin/media/upload", "_upload"),
        ("GET", "/cgi-bin/media/get", "_download"),
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
        self.accounts = ["wkKF001", "wkKF002"]
        self.customers: dict[str, dict[str, str]] = {}
        self.chats: dict[tuple[str, str], Chat] = {}
        self.told: list[Told] = []
        self.api_is_on = True
        self.page = 1000
        self.empty_pages = 0  # that say "there is more" before the next full one
        self.per_minute = 4  # calls of sync_msg without the word of a callback
        self.replies_per_message = 5
        self._words: dict[str, tuple[str, datetime]] = {}
        self._wordless: list[datetime] = []

    # What people do

    def inject(self, do: str = "say", **what: Any) -> Any:
        """Do what customers and colleagues do: say, forward, recall, enter, answer, session,
        fail_later, refuse, repeat, register or revoke."""
        actions: Mapping[str, Callable[..., Any]] = {
            "say": self.say,
            "forward": self.forward,
            "recall": self.recall,
            "enter": self.enter,
            "answer": self.answer_in_app,
            "session": self.session,
            "fail_later": self.fail_later,
            "refuse": self.refuse,
            "repeat": self.repeat,
            "register": self.register,
            "revoke": self.revoke,
        }
        if do not in actions:
            raise LookupError(f"nobody does {do!r} here")
        return actions[do](**what)

    def say(
        self,
        sender: str = "wmU9",
        text: str = "",
        *,
        name: str = "",
        union_id: str = "",
        thread: str = "wkKF001",
        files: Sequence[Mapping[str, str]] = (),
        content: Mapping[str, Any] | None = None,
        duplicate: bool = False,
        late: bool = False,
    ) -> list[str]:
        """Write to an account, the `thread`; return the ids of the messages.

        `files` have a name, a type and their data in base64. `content` is a message of any other
        type as the vendor tells it. With `duplicate` the callback comes twice, with `late` only
        after the next.
        """
        text = text or ("" if files or content else GREETING)
        with self.lock:
            known = self.customers.setdefault(sender, {"name": sender, "union_id": ""})
            known |= {"name": name or known["name"], "union_id": union_id or known["union_id"]}
            self._open(sender, thread)
            contents = [self._file(each) for each in files]
            if content:
                contents.append(dict(content))
            if text:
                contents.insert(0, {"msgtype": "text", "text": {"content": text}})
            chat = {"open_kfid": thread, "external_userid": sender, "origin": CUSTOMER}
            ids = [self._tell(thread, chat | each) for each in contents]
            self._note("in", sender, thread, text or str(content or ""), files)
        self._call(thread, times=2 if duplicate else 1, late=late)
        return ids

    def forward(
        self,
        sender: str = "wmU9",
        records: Sequence[Mapping[str, Any]] = (),
        *,
        title: str = "",
        thread: str = "wkKF001",
    ) -> list[str]:
        """Forward a chat record. A record has a name and a text, `files`, or `records` in turn."""
        body = {"title": title, "item": self._records(records)}
        content = {"msgtype": "merged_msg", "merged_msg": body}
        return self.say(sender, thread=thread, content=content)

    def recall(self, msgid: str) -> None:
        """Take back a message."""
        item = next(each.item for each in self.told if each.item["msgid"] == msgid)
        self._event(item, {"event_type": "user_recall_msg", "recall_msgid": msgid})

    def enter(self, sender: str = "wmU9", thread: str = "wkKF001") -> None:
        """Open the chat and write nothing."""
        chat = {"open_kfid": thread, "external_userid": sender}
        self._event(chat, {"event_type": "enter_session", "scene": "", "scene_param": ""})

    def answer_in_app(self, text: str, sender: str = "wmU9", thread: str = "wkKF001") -> None:
        """A colleague answers in the WeCom app."""
        chat = {"open_kfid": thread, "external_userid": sender, "origin": COLLEAGUE}
        content = {"msgtype": "text", "text": {"content": text}, "servicer_userid": "ada"}
        with self.lock:
            self._tell(thread, chat | content)
        self._call(thread)

    def session(self, state: int, sender: str = "wmU9", thread: str = "wkKF001") -> None:
        """Put a session into another state, as rules and colleagues do."""
        with self.lock:
            self.chats[thread, sender].state = state

    def refuse(self, sender: str = "wmU9", thread: str = "wkKF001") -> None:
        """Block the account: messages are accepted and then fail."""
        with self.lock:
            self.chats[thread, sender].refuses = True

    def fail_later(self, msgid: str, fail_type: int = 0, thread: str = "wkKF001") -> None:
        """Give up on a message that was accepted."""
        out = next(each for each in self.messages if each.get("msgid") == msgid)
        chat = {"open_kfid": thread, "external_userid": out["recipient"]}
        failed = {"event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": fail_type}
        self._event(chat, failed)

    def repeat(self, msgid: str) -> None:
        """Tell a message once more, with its old id."""
        with self.lock:
            told = next(each for each in self.told if each.item["msgid"] == msgid)
            self.told.append(Told(told.account, told.item, self.now()))
        self._call(told.account)

    def inspect(self) -> Any:
        with self.lock:
            chats = [
                {"thread": account, "customer": customer, "state": chat.state, "left": chat.left}
                for (account, customer), chat in self.chats.items()
            ]
            pushes = [{"answers": each.answers} for each in self.pushes]
            return {
                "messages": self.messages,
                "chats": chats,
                "pushes": pushes,
                "calls": len(self.calls),
            }

    def _open(self, customer: str, account: str) -> None:
        if account not in self.accounts:
            raise ValueError(f"there are: {', '.join(self.accounts)}")
        chat = self.chats.setdefault((account, customer), Chat())
        chat.state = NEW if chat.state == ENDED else chat.state
        chat.until, chat.left = self.now() + WINDOW, self.replies_per_message

    def _file(self, file: Mapping[str, str]) -> dict[str, Any]:
        kind = KINDS.get(file.get("type", "").partition("/")[0], "file")
        data = base64.b64decode(file["data"])
        media_id = self.keep(kind, file["name"], file.get("type", ""), data)
        return {"msgtype": kind, kind: {"media_id": media_id}}

    def _records(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for each in records:
            body: dict[str, Any] = {"msgtype": "text", "text": {"content": each.get("text", "")}}
            if each.get("records"):
                inner = {"title": each.get("title", ""), "item": self._records(each["records"])}
                body = {"msgtype": "merged_msg", "merged_msg": inner}
            elif each.get("files"):
                body = self._file(each["files"][0])
            found.append(
                {
                    "sender_name": each.get("name", ""),
                    "send_time": int(self.now().timestamp()),
                    "msgtype": body["msgtype"],
                    "msg_content": json.dumps(body, ensure_ascii=False),
                }
            )
        return found

    def _tell(self, account: str, content: Mapping[str, Any]) -> str:
        msgid = f"m-{len(self.told) + 1:06}"
        item = {"msgid": msgid, "send_time": int(self.now().timestamp()), **content}
        self.told.append(Told(account, item, self.now()))
        return msgid

    def _event(self, chat: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Tell an event: the ids stand inside it."""
        ids = {name: chat[name] for name in ("open_kfid", "external_userid")}
        with self.lock:
            told = {"msgtype": "event", "origin": SYSTEM, "event": {**event, **ids}}
            self._tell(ids["open_kfid"], told)
        self._call(ids["open_kfid"])

    def _call(self, account: str, *, times: int = 1, late: bool = False) -> None:
        """Call back: there is something to ask for."""
        with self.lock:
            word = f"ENC{secrets.token_hex(12)}"
            self._words[word] = (account, self.now())
            push = Push(
                {
                    "ToUserName": CORP_ID,
                    "CreateTime": int(self.now().timestamp()),
                    "MsgType": "event",
                    "Event": "kf_msg_or_event",
                    "Token": word,
                    "OpenKfId": account,
                }
            )
        self.announce(*[push] * times, late=late)

    def _note(
        self,
        direction: str,
        who: str,
        account: str,
        text: str,
        files: Sequence[Mapping[str, str]],
        **more: str,
    ) -> None:
        side = "sender" if direction == "in" else "recipient"
        note = {"direction": direction, side: who, "name": self.customers[who]["name"]}
        names = [each["name"] for each in files]
        at = self.now().isoformat()
        rest = {"thread": account, "text": text, "files": names, "at": at}
        self.messages.append(note | rest | more)

    def echo(self, text: str) -> tuple[str, dict[str, str]]:
        sealed = seal(text.encode(), self.encoding_aes_key, self.receiver)
        return sealed, self.signed("msg_signature", sealed)

    def written(self, fields: Mapping[str, object]) -> tuple[bytes, dict[str, str]]:
        self.mode = "safe"  # there is no other one here
        body, query = super().written(fields)
        return body, {name: query[name] for name in ("msg_signature", "timestamp", "nonce")}

    # What the API answers

    def _gettoken(self, call: Call) -> Answer:
        if not self.address_is_listed:
            raise Refused(60020, "not allow to access from your ip, from ip: 127.0.0.1")
        if given(call, "corpid") != self.receiver:
            raise Refused(40013, "invalid corpid")
        if given(call, "corpsecret") != self.secret:
            raise Refused(40001, "invalid credential")
        token, seconds = self.current_token()
        answer = {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": seconds}
        return as_json(answer)

    def _sync(self, call: Call) -> Answer:
        body = self.asked(call)
        account = str(body.get("open_kfid") or "")
        self._check_account(account, optional=True)
        self._limit(str(body.get("token") or ""))
        start = self._place(str(body.get("cursor") or ""))
        if self.empty_pages:
            self.empty_pages -= 1
            answer = {"next_cursor": f"c{start}.{self.empty_pages}", "has_more": 1, "msg_list": []}
            return as_json({"errcode": 0, "errmsg": "ok"} | answer)
        most = min(self.page, int(body.get("limit") or 1000))
        found = [
            (index, each.item)
            for index, each in enumerate(self.told)
            if index >= start and account in ("", each.account) and self.now() - each.at <= HORIZON
        ]
        shown, rest = found[:most], found[most:]
        end = rest[0][0] if rest else len(self.told)
        answer = {"next_cursor": f"c{end}", "has_more": int(bool(rest))}
        items = [item for _index, item in shown]
        return as_json({"errcode": 0, "errmsg": "ok"} | answer | {"msg_list": items})

    def _limit(self, word: str) -> None:
        """An old or invented word is as good as none; without one, calls are strictly limited."""
        _account, at = self._words.get(word, ("", None))
        if at is not None and self.now() - at <= WORD_LIFE:
            return
        minute = timedelta(minutes=1)
        self._wordless = [at for at in self._wordless if self.now() - at < minute]
        if len(self._wordless) >= self.per_minute:
            raise Refused(45009, "api freq out of limit")
        self._wordless.append(self.now())

    def _place(self, cursor: str) -> int:
        match = re.fullmatch(r"c(\d+)(?:\.\d+)?", cursor)
        if cursor and match is None:
            raise Refused(40058, "invalid Request Parameter, cursor")
        return int(match[1]) if match else 0

    def _send(self, call: Call) -> Answer:
        body = self.asked(call)
        if not self.api_is_on:
            raise Refused(95017, "api is not enabled for this account")
        chat = self._chat(body)
        msgid = str(body.get("msgid") or f"srv{secrets.token_hex(8)}")
        if not re.fullmatch(rf"[0-9a-zA-Z_-]{{1,{LONGEST_ID}}}", msgid):
            raise Refused(40058, "invalid Request Parameter, msgid")
        text, files = self._content(body)
        if chat.state not in (NEW, DESK):
            raise Refused(95018, "send msg session status invalid")
        self._use_window(chat)
        account, customer = body["open_kfid"], body["touser"]
        self._note("out", customer, account, text, files, msgid=msgid)
        if chat.refuses:
            failed = {"event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": 10}
            self._event({"open_kfid": account, "external_userid": customer}, failed)
        return as_json({"errcode": 0, "errmsg": "ok", "msgid": msgid})

    def _content(self, body: Mapping[str, Any]) -> tuple[str, list[Mapping[str, str]]]:
        kind = str(body.get("msgtype"))
        content = body.get(kind)
        if not isinstance(content, dict) or kind not in ("text", *self.limits):
            raise Refused(40008, "invalid message type")
        if kind != "text":
            return "", [{"name": self.media_of(str(content.get("media_id")), kind).name}]
        text = str(content.get("content", ""))
        if not text:
            raise Refused(44004, "empty content")
        if len(text.encode()) > TEXT_BYTES:
            raise Refused(45002, "content size out of limit")
        return text, []

    def _use_window(self, chat: Chat) -> None:
        if chat.until is None or self.now() > chat.until:
            raise Refused(95002, "send msg out of 48 hours limit")
        if chat.left <= 0:
            raise Refused(95001, "send msg count limit")
        chat.left -= 1

    def _chat(self, body: Mapping[str, Any], name: str = "touser") -> Chat:
        account, customer = str(body.get("open_kfid")), str(body.get(name))
        self._check_account(account)
        chat = self.chats.get((account, customer))
        if chat is None:
            raise Refused(40096, "invalid external userid")
        return chat

    def _check_account(self, account: str, *, optional: bool = False) -> None:
        if account not in self.accounts and not (optional and not account):
            raise Refused(95000, "invalid open_kfid")

    def _state(self, call: Call) -> Answer:
        chat = self._chat(self.asked(call), "external_userid")
        return as_json({"errcode": 0, "errmsg": "ok", "service_state": chat.state})

    def _change_state(self, call: Call) -> Answer:
        body = self.asked(call)
        chat = self._chat(body, "external_userid")
        if chat.state in (HUMAN, ENDED):
            raise Refused(95013, "conversation end")
        chat.state = int(body.get("service_state", NEW))
        return as_json({"errcode": 0, "errmsg": "ok"})

    def _customers(self, call: Call) -> Answer:
        asked = self.asked(call).get("external_userid_list") or []
        known = [
            {
                "external_userid": each,
                "nickname": self.customers[each]["name"],
                "unionid": self.customers[each]["union_id"],
            }
            for each in asked
            if each in self.customers
        ]
        missing = [each for each in asked if each not in self.customers]
        lists = {"customer_list": known, "invalid_external_userid": missing}
        return as_json({"errcode": 0, "errmsg": "ok"} | lists)

    def _accounts(self, call: Call) -> Answer:
        self.asked(call)
        shown = [{"open_kfid": each, "name": f"Desk {each[-1]}"} for each in self.accounts]
        return as_json({"errcode": 0, "errmsg": "ok", "account_list": shown})


if __name__ == "__main__":
    serve(Corporation)
