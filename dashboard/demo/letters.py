"""What a customer writes in the demo, as the connector of each door would hand it over."""

import re
import zlib
from dataclasses import dataclass, field
from datetime import datetime

from tickets.actions import numbers
from tickets.case_numbers import format_number
from tickets.interchange import Action, IncomingMessage, Sender
from tickets.models import Delivery

from .memory import FIRST_POST, FIRST_TOPIC
from .pictures import file_named
from .script import Case, Step

PLACE = re.compile(r"\{(number|unknown)(?::([\w-]+))?(?:\.(\w+))?\}")
ACTIONS: dict[str, Action] = {"edits": "edit", "recalls": "recall"}
CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(slots=True)
class Forum:
    """The forum's topics and posts, numbered as the emulator will number them."""

    posts: list[dict[str, object]] = field(default_factory=list)
    topics: dict[str, int] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)

    def topic(self, case: Case) -> int:
        """The topic about a case, opened by whoever writes about it first."""
        topic = self.topics.setdefault(case.key, FIRST_TOPIC + len(self.topics))
        self.titles[topic] = case.subject
        return topic

    def write(self, username: str, topic: int, text: str, at: datetime) -> int:
        """Add a post; return its number in the whole forum."""
        self.posts.append(
            {
                "username": username,
                "topic": topic,
                "title": self.titles[topic],
                "raw": text,
                "at": at.isoformat(),
                "reply_to": None,
                "version": 1,
                "deleted": False,
            }
        )
        return FIRST_POST + len(self.posts) - 1

    def place(self, post: int) -> str:
        """How a post of ours is named: its topic and its place therein."""
        index = post - FIRST_POST
        topic = self.posts[index]["topic"]
        before = sum(each["topic"] == topic for each in self.posts[: index + 1])
        return f"topic:{topic}:{before}"

    def change(self, external_id: str, **values: object) -> None:
        self.posts[int(external_id.removeprefix("post:")) - FIRST_POST].update(values)


class Letters:
    """Writes messages, and remembers which was the last one in each place."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self.addresses = addresses
        self.forum = Forum()
        self.last: dict[tuple[str, str, str], str] = {}
        self._first: dict[tuple[str, str, str], str] = {}
        self._answered: dict[tuple[str, str, str], str] = {}
        self._written = 0

    def message(self, case: Case, step: Step, text: str) -> IncomingMessage:
        """A new message, or the edit or recall of the last one that this person wrote there."""
        door = step.door or case.door
        place = (case.key, door, step.who)
        is_new = step.verb not in ACTIONS
        self._written += 1
        external_id = self._new_id(case, step, door, text) if is_new else f"change-{self._written}"
        first = self._first.setdefault(place, external_id)
        sender, thread, subject = self._sender(case, step, door, first)
        answered = self._answered.get((door, thread, sender.external_id), "")
        if door == "web" and first != external_id:
            answered = first
        message = IncomingMessage(
            external_id=external_id,
            sender=sender,
            text=text,
            sent_at=step.at,
            thread=thread,
            subject=f"Re: {subject}" if door == "mail" and first != external_id else subject,
            files=tuple(file_named(name) for name in step.files),
            in_reply_to=(answered,) if answered else (),
            automatic="auto_reply" if step.verb == "is away" else "",
            is_public=door == "forum",
            action=ACTIONS.get(step.verb, "create"),
            target_id="" if is_new else self.last[place],
            reserved_number=numbers.reserve()[0] if door == "web" and first == external_id else "",
        )
        if is_new:
            self.last[place] = external_id
        elif door == "forum":
            change = {"raw": text, "version": 2} if step.verb == "edits" else {"deleted": True}
            self.forum.change(self.last[place], **change)
        return message

    def note_answer(self, delivery: Delivery, external_id: str) -> None:
        """Remember what this recipient would be answering from now on."""
        conversation = delivery.message.conversation
        assert conversation is not None
        who = (delivery.channel.slug, conversation.thread, delivery.recipient.external_id)
        self._answered[who] = external_id

    def _new_id(self, case: Case, step: Step, door: str, text: str) -> str:
        if door == "forum":
            topic = self.forum.topic(case)
            return f"post:{self.forum.write(step.who, topic, text, step.at)}"
        if door == "mail":
            return f"{case.key}.{self._written}@{self.addresses[step.who].partition('@')[2]}"
        return f"{case.key}.{self._written}"

    def _sender(self, case: Case, step: Step, door: str, first: str) -> tuple[Sender, str, str]:
        """Who writes, in which thread, under which subject."""
        if door == "mail":
            address = self.addresses[step.who]
            sender = Sender(address, step.who, address=address, address_verified=True)
            return sender, first, case.subject
        if door == "forum":
            user = str(1000 + zlib.crc32(step.who.encode()) % 9000)
            return Sender(user, step.who), str(self.forum.topic(case)), case.subject
        if door == "web":
            return Sender(f"form-{first}", step.who), f"form-{first}", ""
        if door == "chat":
            return Sender(f"v-{first}", step.who), f"v-{first}", ""
        account, thread = _account(door, step.who)
        if door == "phone":
            return Sender(account, step.who, proven=False, phone=account), thread, ""
        return Sender(account, step.who), thread, ""


def _account(door: str, who: str) -> tuple[str, str]:
    """Who somebody is at a door, and the name of their chat there, as its vendor writes them."""
    number = zlib.crc32(who.encode())
    match door:
        case "qq":
            return f"{number:032X}", "c2c"
        case "wechat":
            return f"o{number:027x}", ""
        case "weibo":
            return str(7_000_000_000 + number), f"dm:{7_000_000_000 + number}"
        case "phone":
            called_from = f"+861700{number % 10_000_000:07}"
            return called_from, called_from
    return f"u{number:08x}", ""


def with_numbers(text: str, own: str, known: dict[str, str], unknown: str) -> str:
    """Fill in the case numbers that a text quotes, each in the way it is written there."""

    def written(found: re.Match[str]) -> str:
        kind, key, form = found.groups()
        number = unknown if kind == "unknown" else known[key] if key else own
        return _written(number, form or "")

    return PLACE.sub(written, text)


def _written(number: str, form: str) -> str:
    printed = format_number(number)
    match form:
        case "fw":
            return printed.translate(FULL_WIDTH)
        case "cn":
            return number.translate(CHINESE)
        case "digits":
            return number
        case "typo":
            return format_number(number[:3] + str((int(number[3]) + 1) % 10) + number[4:])
    return printed
