"""What the doors on our own pages share: their envelopes are JSON that our own pages have made.

No Django here: connectors import it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels_ingest.connectors.base import RawEnvelope, StoredEnvelope
from channels_ingest.wire import json_object
from tickets.interchange import (
    IncomingFile,
    IncomingMessage,
    OutgoingMessage,
    Parsed,
    Receipt,
    Sent,
    Unknown,
)


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that the page has stored already, as its envelope refers to it."""

    name: str
    content_type: str
    size: int
    sha256: str


class OwnPage:
    """What a connector does whose replies are delivered by standing on our page.

    It stands before `Connector` among the bases; a kind says how its messages are read.
    """

    def read_message(self, envelope: StoredEnvelope, data: Mapping[str, Any]) -> IncomingMessage:
        """What a visitor sent. Raises ValueError."""
        raise NotImplementedError

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        data = json_object(envelope.body)
        kind = data.get("type")
        if kind == "message":
            return [self.read_message(envelope, data)]
        if kind == "read":
            return [_receipt(data, envelope.received_at)]
        return [Unknown(f"unknown type {kind!r}"[:200])]

    def send(self, message: OutgoingMessage) -> Sent:
        """Nothing leaves the house: the page shows what is delivered, once for each delivery."""
        return Sent(external_id=f"reply:{message.delivery_id}", state="delivered")

    def test(self) -> str:
        return "ready: the page is our own and depends on nobody else"


def read_envelope(*, thread: str, reply: str) -> RawEnvelope:
    """That our `reply` (its external id) has been on the visitor's screen."""
    body = written({"type": "read", "thread": thread, "reply": reply})
    return RawEnvelope(key=f"read:{reply}", lane=thread, body=body)


def files_in(data: Mapping[str, Any]) -> tuple[IncomingFile, ...]:
    """The files of a message. Raises ValueError."""
    return tuple(_file(each) for each in objects_in(data, "files"))


def text_in(data: Mapping[str, Any], name: str) -> str:
    """A text, "" where there is none. Raises ValueError."""
    value = data.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text")
    return value


def objects_in(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty where there is none. Raises ValueError."""
    value = data.get(name, [])
    if not (isinstance(value, list) and all(isinstance(each, dict) for each in value)):
        raise ValueError(f"{name} must be a list of objects")
    return value


def written(value: Mapping[str, Any]) -> bytes:
    """The same bytes for the same values."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _file(data: Mapping[str, Any]) -> IncomingFile:
    size = data.get("size")
    if not isinstance(size, int):
        raise ValueError("a file needs its size")
    return IncomingFile(
        name=text_in(data, "name"),
        content_type=text_in(data, "content_type"),
        sha256=text_in(data, "sha256"),
        size=size,
    )


def _receipt(data: Mapping[str, Any], at: datetime) -> Receipt:
    reply = text_in(data, "reply")
    if not reply:
        raise ValueError("a receipt needs the reply that it speaks of")
    return Receipt(external_id=reply, state="read", at=at)
