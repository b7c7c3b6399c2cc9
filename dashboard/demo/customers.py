"""Customers played by a person of the demo: what they write at each door, what they see there.

Everything goes over real sockets: to the emulators' control faces and to our own public form. The
addresses are the demo's own; nothing of a request ever becomes one.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import requests

from channels_ingest.sandbox.weibo import ACCOUNT as WEIBO_ACCOUNT

from .doors import desk_url, kept_wiring
from .visitor import FormRefused, Visitor

SECONDS = 10


class NotTaken(Exception):
    """The vendor, or our own form, did not take it; one line that says why."""


@dataclass(slots=True)
class Customer:
    """Somebody who writes: `key` makes the names of their accounts, `kept` is their browser's."""

    key: str
    name: str
    kept: dict[str, Any] = field(default_factory=dict)
    language: str = "zh-hans"


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    content_type: str
    data: bytes

    def as_file(self) -> dict[str, str]:
        """The file as the emulators take it."""
        data = base64.b64encode(self.data).decode()
        return {"name": self.name, "type": self.content_type, "kind": "image", "data": data}


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a chat as its customer sees it."""

    text: str
    at: datetime
    is_own: bool
    place: str = ""
    author: str = ""
    files: tuple[str, ...] = ()


class Vendor:
    """The control face of one emulator."""

    def __init__(self, url: str) -> None:
        self.url = url

    def inject(self, **what: Any) -> Any:
        """Let something happen there. Raises NotTaken."""
        return self._asked("inject", what)

    def messages(self) -> list[dict[str, Any]]:
        """Both sides of every chat, oldest first. Raises NotTaken."""
        found: list[dict[str, Any]] = self._asked("inspect", {})["messages"]
        return found

    def inspect(self) -> dict[str, Any]:
        found: dict[str, Any] = self._asked("inspect", {})
        return found

    def _asked(self, name: str, what: dict[str, Any]) -> Any:
        try:
            answer = requests.post(f"{self.url}/_control/{name}", json=what, timeout=SECONDS)
            said = answer.json()
        except requests.RequestException as error:
            raise NotTaken(type(error).__name__) from None
        if not answer.ok:
            raise NotTaken(str(said.get("errors", answer.status_code))[:200])
        return said["result"]


class Door:
    """One way in. `places` are the chats that it has; `troubles` what can go wrong there."""

    slug: ClassVar[str]
    places: ClassVar[tuple[str, ...]] = ("",)
    troubles: ClassVar[tuple[str, ...]] = ("lost", "limited", "twice")
    takes_pictures: ClassVar[bool] = True

    def __init__(self) -> None:
        self.vendor = Vendor(kept_wiring().url(self.slug))

    def write(
        self, customer: Customer, text: str, *, place: str = "", picture: Picture | None = None
    ) -> None:
        """Let the customer write. Raises NotTaken."""
        files = [picture.as_file()] if picture else []
        self.vendor.inject(text=text, files=files, **self.author(customer, place))

    def author(self, customer: Customer, place: str) -> dict[str, Any]:
        """Who writes, and where, in the vendor's words."""
        raise NotImplementedError

    def said(self, customer: Customer) -> list[Said]:
        """The chats of this customer, oldest first. Raises NotTaken."""
        threads = self.threads(customer)
        return [
            _said(each, threads[each["thread"]])
            for each in self.vendor.messages()
            if each["thread"] in threads
        ]

    def threads(self, customer: Customer) -> dict[str, str]:
        """The customer's chats by the vendor's names, and which of our `places` each is."""
        raise NotImplementedError

    def trouble(self, customer: Customer, name: str) -> None:
        """Let something go wrong. Raises NotTaken."""
        self.vendor.inject(do="trouble", name=name)


class QQDoor(Door):
    slug = "qq"
    places = ("private", "group")
    troubles = ("lost", "limited", "token", "window", "twice")

    def author(self, customer: Customer, place: str) -> dict[str, Any]:
        group = f"group-{customer.key}" if place == "group" else ""
        return {"sender": f"guest-{customer.key}", "name": customer.name, "group": group}

    def threads(self, customer: Customer) -> dict[str, str]:
        return {f"c2c:guest-{customer.key}": "private", f"group:group-{customer.key}": "group"}


class WeChatDoor(Door):
    slug = "wechat"
    troubles = ("lost", "limited", "token", "window", "twice")

    def author(self, customer: Customer, place: str) -> dict[str, Any]:
        return {"sender": f"oGuest{customer.key}", "name": customer.name}

    def threads(self, customer: Customer) -> dict[str, str]:
        return {f"oGuest{customer.key}": ""}


class WeiboDoor(Door):
    slug = "weibo"
    places = ("private", "public")
    troubles = ("lost", "limited", "window", "twice")

    def author(self, customer: Customer, place: str) -> dict[str, Any]:
        return {"sender": _uid(customer), "name": customer.name}

    def write(
        self, customer: Customer, text: str, *, place: str = "", picture: Picture | None = None
    ) -> None:
        if place == "public":
            self.vendor.inject(do="comment", text=text, **self.author(customer, place))
        else:
            super().write(customer, text, picture=picture)

    def said(self, customer: Customer) -> list[Said]:
        told, uid = self.vendor.inspect(), _uid(customer)
        private = [each for each in told["messages"] if each["thread"] == f"dm:{uid}"]
        public = [each for each in told["comments"] if uid in (_author(each), _answered(each))]
        lines = [_said(each, "private") for each in private]
        return sorted([*lines, *map(_comment, public)], key=lambda each: each.at)


class ForumDoor(Door):
    slug = "forum"
    troubles = ("lost", "limited", "twice")
    takes_pictures = False

    def write(
        self, customer: Customer, text: str, *, place: str = "", picture: Picture | None = None
    ) -> None:
        """Go on in one's own topic; the first post begins it."""
        topic = next(iter(self.threads(customer)), "")
        self.vendor.inject(text=text, thread=topic, **self.author(customer, place))

    def author(self, customer: Customer, place: str) -> dict[str, Any]:
        return {"sender": f"guest_{customer.key}", "name": customer.name}

    def threads(self, customer: Customer) -> dict[str, str]:
        own = f"guest_{customer.key}"
        return {each["thread"]: "" for each in self.vendor.messages() if each["sender"] == own}


class MailDoor(Door):
    slug = "mail"

    def author(self, customer: Customer, place: str) -> dict[str, Any]:
        return {"sender": self.address(customer), "name": customer.name}

    def threads(self, customer: Customer) -> dict[str, str]:
        return {self.address(customer): ""}

    def address(self, customer: Customer) -> str:
        return f"guest-{customer.key}@mail.example"


class WebDoor(Door):
    """Our own form: no vendor, a browser instead."""

    slug = "web"
    troubles = ("twice",)

    def __init__(self) -> None:
        self.url = desk_url()

    def greet(self, customer: Customer) -> None:
        """Open the form: who fills it within three seconds is taken for a machine."""
        if not customer.kept:
            with _told_in_words():
                self._visitor(customer).open()

    def write(
        self, customer: Customer, text: str, *, place: str = "", picture: Picture | None = None
    ) -> None:
        self.greet(customer)
        file = (picture.name, picture.data, picture.content_type) if picture else None
        with _told_in_words():
            self._visitor(customer).send(text, file)

    def trouble(self, customer: Customer, name: str) -> None:
        if name != "twice" or "again" not in customer.kept:
            raise NotTaken("nothing was sent yet")
        with _told_in_words():
            self._visitor(customer).send_again()

    def said(self, customer: Customer) -> list[Said]:
        return [
            Said(each.text, each.at, each.is_own, author=each.author, files=each.files)
            for each in self._visitor(customer).read()
        ]

    def _visitor(self, customer: Customer) -> Visitor:
        email = f"guest-{customer.key}@mail.example"
        return Visitor(self.url, customer.kept, customer.name, email, customer.language)


DOORS: dict[str, type[Door]] = {
    each.slug: each for each in (WebDoor, QQDoor, WeChatDoor, WeiboDoor, ForumDoor, MailDoor)
}


@contextmanager
def _told_in_words() -> Iterator[None]:
    """Say why our own form did not take it. Raises NotTaken."""
    try:
        yield
    except FormRefused as refused:
        raise NotTaken(str(refused)) from None
    except requests.RequestException as error:
        raise NotTaken(type(error).__name__) from None


def _said(told: dict[str, Any], place: str) -> Said:
    is_own = told["direction"] == "in"
    author = str(told.get("sender", "")) if is_own else ""
    files = tuple(map(str, told.get("files", ())))
    return Said(str(told["text"]), _moment(told["at"]), is_own, place, author, files)


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


def _uid(customer: Customer) -> int:
    return 7_000_000_000 + int(customer.key, 16)


def _author(comment: dict[str, Any]) -> int:
    return int(comment["user"]["id"])


def _answered(comment: dict[str, Any]) -> int:
    """Whose comment the account answers by this one, 0 if it answers none."""
    above = comment.get("reply_comment")
    is_ours = _author(comment) == WEIBO_ACCOUNT
    return int(above["user"]["id"]) if above and is_ours else 0


def _comment(comment: dict[str, Any]) -> Said:
    at = datetime.strptime(comment["created_at"], "%a %b %d %H:%M:%S %z %Y")
    is_own = _author(comment) != WEIBO_ACCOUNT
    return Said(comment["text"], at.astimezone(UTC), is_own, "public")
