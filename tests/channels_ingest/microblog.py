"""The Weibo account of the tests: its settings, its pushes, and a desk that reads its posts."""

import hashlib
import json
from typing import Any

from channels_ingest.connectors.base import Cursor, RawEnvelope, Request
from channels_ingest.connectors.weibo import Weibo
from channels_ingest.sandbox.weibo import DEMO_ACCESS, DEMO_APP, Microblog
from tests.channels_ingest.account import LocalAccount, session
from tests.channels_ingest.contract import stored
from tickets.interchange import IncomingMessage, OutgoingMessage

KIM = 2400000002
STAMP = "1795348800000"  # noon of the tests, in milliseconds


def configured(base: str = "https://weibo.example", **changes: Any) -> Weibo.Settings:
    given = {
        "uid": "1900000001",
        "app_secret": DEMO_APP,
        "app_previous_secret": "app-secret-0",
        "hook_key": "hook-key-1",
        "access_token": DEMO_ACCESS,
        "public_token": DEMO_ACCESS,
        "rip": "198.51.100.7",
        "message_base": f"{base}/2",
        "public_base": f"{base}/2",
        "upload_base": f"{base}/2",
    }
    return Weibo.Settings(**(given | changes))


def query(secret: str = DEMO_APP, stamp: str = STAMP, nonce: str = "57155157") -> dict[str, str]:
    joined = "".join(sorted((secret, stamp, nonce))).encode()
    signature = hashlib.sha1(joined, usedforsecurity=False).hexdigest()
    return {"signature": signature, "timestamp": stamp, "nonce": nonce}


def signed(body: bytes) -> Request:
    return Request("POST", {"content-type": "application/json"}, query(), body)


def push(kind: str = "text", text: str = "快递没更新", **changes: Any) -> bytes:
    body = {
        "type": kind,
        "receiver_id": 1900000001,
        "sender_id": KIM,
        "created_at": "Sun Nov 22 19:59:00 +0800 2026",
        "text": text,
        "data": {},
    }
    return json.dumps(body | changes, ensure_ascii=False).encode()


def outgoing(**changes: Any) -> OutgoingMessage:
    given = {
        "delivery_id": "d-1001",
        "recipient": str(KIM),
        "thread": f"dm:{KIM}",
        "text": "您的快递明天到。",
        "case_number": "QM-4821-0937-10",
    }
    return OutgoingMessage(**(given | changes))


class Desk:
    """The desk of the account: it reads the lists, keeps its cursor, and knows what came."""

    def __init__(self, vendor: Microblog, **settings: Any) -> None:
        self.account = LocalAccount(configured(vendor.url, **settings), http=session())
        self.connector = Weibo(self.account)
        self.cursor: Cursor = {}

    def pull(self) -> list[RawEnvelope]:
        pulled: list[RawEnvelope] = []
        for page in self.connector.fetch(self.cursor):
            self.cursor = json.loads(json.dumps(page.cursor))
            pulled += page.envelopes
        return pulled

    def keys(self) -> list[str]:
        return [envelope.key for envelope in self.pull()]

    def messages(self) -> list[IncomingMessage]:
        parsed = [self.connector.parse(stored(envelope))[0] for envelope in self.pull()]
        return [item for item in parsed if isinstance(item, IncomingMessage)]
