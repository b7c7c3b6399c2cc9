"""Both WeChat vendors of the tests: sealed pushes as they sign them, and a desk that answers."""

from typing import Any

import requests

from channels_ingest.connectors.base import (
    Answer,
    BadRequest,
    BadSignature,
    Connector,
    RawEnvelope,
    Received,
    Request,
)
from channels_ingest.sandbox.base import Answer as HttpAnswer
from channels_ingest.sandbox.base import Call, Emulator
from channels_ingest.sandbox.weixin import as_xml, seal, sign
from tests.channels_ingest.account import NOON
from tests.channels_ingest.contract import stored
from tickets.interchange import IncomingMessage, Parsed

# Of the vectors in the facts about both channels.
TOKEN = "aggTok2026"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
MOMENT = "1795312800"
NONCE = "n0nce77"
NOISE = b"0123456789abcdef"


def sealed(
    text: bytes, receiver: str, *, token: str = TOKEN, key: str = KEY, moment: str = ""
) -> Request:
    """A push of `text` in safe mode, closed and signed as the vendor does."""
    closed = seal(text, key, receiver)
    at = moment or str(int(NOON.timestamp()))
    query = {
        "msg_signature": sign(token, at, NONCE, closed),
        "timestamp": at,
        "nonce": NONCE,
    }
    body = as_xml({"ToUserName": "gh_demo", "Encrypt": closed})
    return Request(method="POST", headers={}, query=query, body=body)


class Hook(Emulator):
    """Our end of the callback on a real socket: it hands each push to the connector."""

    name = "callback"

    def __init__(self, connector: Connector) -> None:
        super().__init__(clock=lambda: NOON)
        self.connector = connector
        self.received: list[Received] = []

    def answer(self, call: Call) -> HttpAnswer:
        query = {name: values[0] for name, values in call.query.items()}
        request = Request(call.method, call.headers, query, call.body)
        answer = self._answered(request)
        return HttpAnswer(answer.status, answer.body, {"Content-Type": answer.content_type})

    def _answered(self, request: Request) -> Answer:
        try:
            received = self.connector.receive(request)
        except BadSignature:
            return Answer(status=401)
        except BadRequest as error:
            return Answer(status=error.status)
        self.received.append(received)
        return received.answer or Answer()

    @property
    def envelopes(self) -> list[RawEnvelope]:
        """Each envelope once, as the ledger of keys keeps them."""
        return list({each.key: each for got in self.received for each in got.envelopes}.values())


def parsed(connector: Connector, envelope: RawEnvelope) -> Parsed:
    (item,) = connector.parse(stored(envelope))
    return item


def message(connector: Connector, envelope: RawEnvelope) -> IncomingMessage:
    item = parsed(connector, envelope)
    assert isinstance(item, IncomingMessage)
    return item


def control(url: str, action: str, /, **what: Any) -> Any:
    """Ask an emulator's control face, as another process does."""
    return requests.post(f"{url}/_control/{action}", json=what, timeout=5).json()
