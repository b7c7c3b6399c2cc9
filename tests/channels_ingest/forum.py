"""The Discourse forum of the tests: its settings, its webhooks, and a desk that pulls from it."""

import hashlib
import hmac
import json
from typing import Any

from channels_ingest.connectors.base import Cursor, RawEnvelope, Request
from channels_ingest.connectors.discourse import Discourse
from channels_ingest.sandbox.discourse import DEMO_KEY, Forum
from tests.channels_ingest.account import LocalAccount, session
from tests.channels_ingest.contract import stored
from tickets.interchange import IncomingMessage, OutgoingMessage

SECRET = "hook-secret-1"


def configured(base_url: str = "https://forum.example", **changes: Any) -> Discourse.Settings:
    given = {
        "base_url": base_url,
        "api_key": DEMO_KEY,
        "api_username": "desk",
        "webhook_secret": SECRET,
        "webhook_previous_secret": "hook-secret-0",
    }
    return Discourse.Settings(**(given | changes))


def signed(body: bytes, event: str = "post_created", secret: str = SECRET) -> Request:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "x-discourse-event-type": event.partition("_")[0],
        "x-discourse-event": event,
        "x-discourse-event-signature": f"sha256={digest}",
    }
    return Request(method="POST", headers=headers, query={}, body=body)


def outgoing(**changes: Any) -> OutgoingMessage:
    given = {
        "delivery_id": "d-1001",
        "recipient": "12",
        "thread": "7",
        "text": "Your parcel is on its way to you.",
        "case_number": "QM-4821-0937-10",
    }
    return OutgoingMessage(**(given | changes))


class Desk:
    """The desk on the other side of a forum: it pulls, keeps its cursor, and knows what came."""

    def __init__(self, forum: Forum, **settings: Any) -> None:
        account = LocalAccount(configured(forum.url, **settings), http=session())
        self.connector = Discourse(account)
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
