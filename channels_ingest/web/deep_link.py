"""Read the signed link by which another program leads one of its users to our form.

A link is a JSON Web Token by HS256 with the channel's link secret. Nothing of that format is used
but this one algorithm, so it is read here in a few lines; docs/channels/deep_link.md is the whole
contract.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import IntegrityError, transaction

from tickets.models import Channel, Seen

from .. import wire
from ..connectors.web_form import Person

SKEW = 60  # seconds by which the other clock may differ from ours
LONGEST_LIFE = 600  # seconds from `iat` to `exp`
LONGEST = 4096  # characters of a token
NAMESPACE = b"deep link"

Code = Literal["off", "wrong", "audience", "expired", "used"]


class LinkRefused(Exception):
    """Nobody is let in by this link; `code` says why, in the words of the page."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is right: whom it leads here, and the word that is good for one use."""

    person: Person
    jti: str


def read(token: str, *, secrets: Iterable[str], audience: str, now: datetime) -> Link:
    """The person of a link that is signed for `audience` and in time. Raises LinkRefused."""
    known = [secret for secret in secrets if secret]
    if not known:
        raise LinkRefused("off")
    claims = _claims(token, known)
    if claims.get("aud") != audience:
        raise LinkRefused("audience")
    _check_times(claims, now.timestamp())
    return Link(_person(claims), _text(claims, "jti", 128, required=True))


def spend(link: Link, channel: Channel, *, now: datetime) -> None:
    """Use up a link; it stays used even if the cache is emptied. Raises LinkRefused."""
    mark = hashlib.sha256(NAMESPACE + b"\0" + link.jti.encode()).digest()
    content = hashlib.sha256(link.person.sub.encode()).digest()
    try:
        with transaction.atomic():
            Seen.objects.create(channel=channel, key=mark, content=content, seen_at=now)
    except IntegrityError:
        raise LinkRefused("used") from None


def _claims(token: str, secrets: list[str]) -> Mapping[str, Any]:
    """What a token says, once its signature is proved. Raises LinkRefused."""
    parts = token.split(".") if len(token) <= LONGEST else []
    if len(parts) != 3:
        raise LinkRefused("wrong")
    signed = f"{parts[0]}.{parts[1]}".encode("utf-8", "replace")
    given = _decoded(parts[2])
    # No early end: the time this takes says nothing about which secret came close.
    matches = [
        hmac.compare_digest(hmac.new(each.encode(), signed, hashlib.sha256).digest(), given)
        for each in secrets
    ]
    if not any(matches) or _object(parts[0]).get("alg") != "HS256":
        raise LinkRefused("wrong")
    return _object(parts[1])


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    begun, ends = _moment(claims, "iat"), _moment(claims, "exp")
    if begun > now + SKEW or not begun < ends <= begun + LONGEST_LIFE:
        raise LinkRefused("wrong")
    if now > ends + SKEW:
        raise LinkRefused("expired")


def _person(claims: Mapping[str, Any]) -> Person:
    email = _text(claims, "email", 254)
    return Person(
        sub=_text(claims, "sub", 128, required=True),
        name=_text(claims, "name", 80),
        email=email,
        email_verified=bool(email) and claims.get("email_verified") is True,
        phone=_text(claims, "phone", 40),
        plan=_text(claims, "plan", 80),
    )


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise LinkRefused("wrong")
    return float(value) if abs(value) < 2**53 else float("nan")


def _text(claims: Mapping[str, Any], name: str, most: int, *, required: bool = False) -> str:
    value = claims.get(name) or ""
    is_fine = isinstance(value, str) and len(value) <= most and wire.is_storable(value)
    if not is_fine or (required and not value):
        raise LinkRefused("wrong")
    return str(value)


def _object(part: str) -> dict[str, Any]:
    try:
        return wire.json_object(_decoded(part))
    except (ValueError, json.JSONDecodeError):
        raise LinkRefused("wrong") from None


def _decoded(part: str) -> bytes:
    """The bytes of a part in base64url, which comes without its padding."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", part):
        raise LinkRefused("wrong")
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise LinkRefused("wrong") from None
