"""The QQ of the tests: a bot's settings, its signed pushes, and a desk that answers through it."""

import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels_ingest.connectors.base import Answer, BadSignature, Received, Request
from channels_ingest.connectors.qq import QQ
from channels_ingest.sandbox import base as sandbox
from channels_ingest.sandbox.base import Call, Emulator
from channels_ingest.sandbox.qq import QQSandbox
from channels_ingest.sandbox.qq_people import DEMO_APP_ID, DEMO_SECRET
from tests.channels_ingest.account import NOON, LocalAccount, session
from tests.channels_ingest.contract import stored
from tickets.interchange import IncomingMessage, OutgoingMessage

SECRET, PREVIOUS = "bot-secret-one-1", "bot-secret-old-0"
KIM, GROUP = "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4", "B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4E5"


def configured(**changes: Any) -> QQ.Settings:
    given = {"app_id": DEMO_APP_ID, "app_secret": SECRET, "previous_app_secret": PREVIOUS}
    return QQ.Settings(**(given | changes))


def connector(clock: datetime = NOON, **changes: Any) -> QQ:
    return QQ(LocalAccount(configured(**changes), clock=clock))


def signed(body: bytes, *, secret: str = SECRET, at: datetime = NOON) -> Request:
    moment = str(int(at.timestamp()))
    seed = (secret.encode() * 32)[:32]
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(moment.encode() + body)
    headers = {
        "x-bot-appid": DEMO_APP_ID,
        "x-signature-timestamp": moment,
        "x-signature-ed25519": signature.hex(),
    }
    return Request("POST", headers, {}, body)


def frame(name: str = "C2C_MESSAGE_CREATE", **event: Any) -> bytes:
    data = {
        "id": "ROBOT1.0_in-1",
        "author": {"id": KIM, "user_openid": KIM, "union_openid": KIM},
        "content": "案号 QM-4821-0937-10，请问进度？",
        "timestamp": "2026-11-22T19:59:00+08:00",
    }
    return json.dumps({"id": f"{name}:1", "op": 0, "s": 1, "t": name, "d": data | event}).encode()


def group_frame(name: str = "GROUP_AT_MESSAGE_CREATE", **event: Any) -> bytes:
    author = {"id": "M01", "member_openid": "M01", "username": "小明", "bot": False}
    return frame(name, **({"group_openid": GROUP, "author": author} | event))


def parsed(body: bytes, **changes: Any) -> Any:
    (envelope,) = connector().receive(signed(body)).envelopes
    (item,) = connector(**changes).parse(stored(envelope))
    return item


def message(body: bytes, **changes: Any) -> IncomingMessage:
    item = parsed(body, **changes)
    assert isinstance(item, IncomingMessage)
    return item


class Door(Emulator):
    """The desk's webhook on a real socket: it takes pushes in and keeps what they hold."""

    name = "door"

    def __init__(self, **settings: Any) -> None:
        super().__init__(clock=lambda: NOON)
        self.connector = connector(**({"app_secret": DEMO_SECRET} | settings))
        self.received: list[Received] = []

    def answer(self, call: Call) -> sandbox.Answer:
        request = Request(call.method, call.headers, {}, call.body)
        try:
            received = self.connector.receive(request)
        except BadSignature:
            return sandbox.Answer(401)
        self.received.append(received)
        told: Answer = received.answer or self.connector.acknowledge(())
        return sandbox.Answer(told.status, told.body, {"Content-Type": told.content_type})

    def messages(self) -> list[IncomingMessage]:
        """What was pushed, each key once, as the ledger would let it in."""
        envelopes = {each.key: each for one in self.received for each in one.envelopes}
        items = [self.connector.parse(stored(each))[0] for each in envelopes.values()]
        return [item for item in items if isinstance(item, IncomingMessage)]


class Desk:
    """A connector that answers through the sandbox; its clock is the vendor's."""

    def __init__(self, vendor: QQSandbox, **changes: Any) -> None:
        given = {
            "app_secret": DEMO_SECRET,
            "api_base": vendor.url,
            "token_url": f"{vendor.url}/app/getAppAccessToken",
        }
        self.vendor = vendor
        self.account = LocalAccount(configured(**(given | changes)), http=session())
        self.connector = QQ(self.account)

    def jump(self, seconds: float) -> None:
        self.vendor.jump(seconds)
        self.account.advance(seconds=seconds)

    def answer(self, to: str, **changes: Any) -> OutgoingMessage:
        """A reply to Kim's private message `to`."""
        given = {
            "delivery_id": "d-1001",
            "recipient": self.vendor.openid("kim"),
            "thread": "c2c",
            "text": "您的包裹已经寄出。",
            "case_number": "QM-4821-0937-10",
            "in_reply_to": to,
        }
        return OutgoingMessage(**(given | changes))

    def shown(self) -> list[Any]:
        """What customers see of ours."""
        return [each for each in self.vendor.inspect()["messages"] if each["direction"] == "out"]
