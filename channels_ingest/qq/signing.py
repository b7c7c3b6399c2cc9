"""QQ's ed25519 signatures: the vendor and we derive the same key pair from the bot's secret."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels_ingest.connectors.base import BadSignature

SEED = 32  # bytes
PUSH_WINDOW = 300  # seconds by which the vendor's clock and ours may differ
CHECK_WINDOW = 600

# Whatever we sign for an address check could be replayed as a push, because both are signed the
# same way. A push is JSON; a text of these characters never is.
PLAIN_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
UNIX_TIME = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")


def key_of(secret: str) -> Ed25519PrivateKey:
    """The key pair of a secret: its bytes, repeated and cut to the length of a seed."""
    raw = secret.encode()
    return Ed25519PrivateKey.from_private_bytes((raw * (SEED // len(raw) + 1))[:SEED])


def check_push(
    headers: Mapping[str, str], body: bytes, now: datetime, secrets: tuple[str, ...]
) -> None:
    """Prove that a push is the vendor's and of this moment. Raises BadSignature."""
    moment = headers.get("x-signature-timestamp", "")
    given = headers.get("x-signature-ed25519", "")
    if not SIGNATURE.fullmatch(given) or not _is_near(moment, now, PUSH_WINDOW):
        raise BadSignature("signature refused")
    if not any(_signed(secret, given, moment.encode() + body) for secret in secrets if secret):
        raise BadSignature("signature refused")


def answer_check(data: object, now: datetime, secret: str) -> bytes:
    """Answer the vendor's check of our address. Raises BadSignature for what only resembles one."""
    asked: dict[str, Any] = data if isinstance(data, dict) else {}
    token, moment = asked.get("plain_token"), asked.get("event_ts")
    if not (
        secret
        and isinstance(token, str)
        and PLAIN_TOKEN.fullmatch(token)
        and isinstance(moment, str)
        and _is_near(moment, now, CHECK_WINDOW)
    ):
        raise BadSignature("not an address check")
    signature = key_of(secret).sign((moment + token).encode()).hex()
    return json.dumps({"plain_token": token, "signature": signature}).encode()


def _is_near(moment: str, now: datetime, seconds: int) -> bool:
    is_time = UNIX_TIME.fullmatch(moment) is not None
    return is_time and abs(now.timestamp() - int(moment)) <= seconds


def _signed(secret: str, signature: str, text: bytes) -> bool:
    raw = bytes.fromhex(signature)
    if raw[63] & 0xE0:
        return False  # not the one canonical form of a signature
    try:
        key_of(secret).public_key().verify(raw, text)
    except InvalidSignature:
        return False
    return True
