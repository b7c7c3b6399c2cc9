"""Messages and events of WeCom customer service: their envelopes, and what they say to us."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from channels_ingest import wire
from channels_ingest.connectors.base import RawEnvelope, StoredEnvelope
from channels_ingest.wecom.wording import files_of, text_of
from tickets.interchange import IncomingMessage, Parsed, Receipt, Sender, Unknown

CUSTOMER, SYSTEM, SERVICER = 3, 4, 5  # who a message is from: its `origin`
# Why the vendor gave up on a message of ours that it had accepted: `fail_type`.
REASONS = {
    1: "account_gone",
    2: "not_allowed",
    4: "window_closed",
    5: "session_closed",
    6: "window_closed",
    7: "not_allowed",
    8: "not_allowed",
    9: "not_allowed",
    10: "recipient_gone",
}
Item = dict[str, Any]


def envelope_of(item: object) -> RawEnvelope:
    """The envelope of one thing that sync_msg told; what is wrong with it shows when it is read."""
    body = json.dumps(item, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    message = item if isinstance(item, dict) else {}
    key = message.get("msgid")
    if not isinstance(key, str) or not 0 < len(key) <= 128:
        key = "body:" + hashlib.sha256(body).hexdigest()
    account, customer = _chat_of(message)
    return RawEnvelope(wire.storable(key), f"{account}:{customer}"[:255], body)


def sent_at(item: object) -> int:
    """The second in which it was written; 0 if it does not say."""
    value = item.get("send_time") if isinstance(item, dict) else None
    return value if isinstance(value, int) else 0


def understood(envelope: StoredEnvelope, *, window: timedelta, replies: int) -> Parsed:
    """The message or receipt in an envelope, or why there is none. Raises ValueError."""
    item = wire.json_object(envelope.body)
    kind = item.get("msgtype")
    if not isinstance(kind, str) or not kind:
        raise ValueError("msgtype is missing")
    at = _moment(item)
    if kind == "event":
        return _event(item, envelope, at)
    if item.get("origin") != CUSTOMER:
        who = {SYSTEM: "the system", SERVICER: "a colleague in WeCom"}
        return Unknown(f"written by {who.get(item.get('origin', 0), 'somebody unknown')}")
    account, customer = _chat(item)
    return IncomingMessage(
        external_id=envelope.key,
        sender=Sender(customer),
        text=text_of(kind, item),
        sent_at=at,
        thread=account,
        files=files_of(kind, item),
        reply_until=at + window,
        replies_left=replies,
    )


def _event(item: Item, envelope: StoredEnvelope, at: datetime) -> Parsed:
    event = item.get("event")
    if not isinstance(event, dict):
        raise ValueError("event is no object")
    kind = str(event.get("event_type"))
    if kind == "user_recall_msg":  # comes as from the system, though the customer did it
        account, customer = _chat(item)
        return IncomingMessage(
            external_id=envelope.key,
            sender=Sender(customer),
            text="",
            sent_at=at,
            thread=account,
            action="recall",
            target_id=_id(event, "recall_msgid"),
        )
    if kind == "msg_send_fail":
        reason = event.get("fail_type")
        word = REASONS.get(reason, "refused") if isinstance(reason, int) else "refused"
        return Receipt(_id(event, "fail_msgid"), "failed", at, reason=word)
    return Unknown(f"event {wire.storable(kind)[:40]}")


def _chat(item: Item) -> tuple[str, str]:
    """The customer service account and the customer. Raises ValueError."""
    account, customer = _chat_of(item)
    if not account or not customer:
        raise ValueError("open_kfid or external_userid is missing")
    return account, customer


def _chat_of(item: Item) -> tuple[str, str]:
    """The same, "" for what is not told. Of an event, both stand inside it."""
    event = item.get("event")
    holders = (event, item) if isinstance(event, dict) else (item,)
    found = []
    for name in ("open_kfid", "external_userid"):
        told = next((each[name] for each in holders if each.get(name)), "")
        found.append(wire.storable(told) if isinstance(told, str) and len(told) <= 120 else "")
    return found[0], found[1]


def _id(event: Item, name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"\S{1,128}", value):
        raise ValueError(f"{name} is missing")
    return wire.storable(value)


def _moment(item: Item) -> datetime:
    written = item.get("send_time")
    if not isinstance(written, int) or not 0 < written < 10**11:
        raise ValueError("send_time is no time")
    return datetime.fromtimestamp(written, UTC)
