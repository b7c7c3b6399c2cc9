"""Read the token by which the site that embeds the chat says who is signed in there.

It is a JSON Web Token by HS256 with the channel's secret; docs/channels/chat.md is the contract.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import jwt

from ... import wire
from ...connectors.chat import Guest

SKEW = 60  # seconds by which the other clock may differ from ours
OLDEST = 3600  # seconds since it was made
LONGEST = 4096  # characters of a token
MOST_FACTS = 12


class HostTokenRefused(Exception):
    """Nobody is recognised by this token; `code` is off, wrong or expired."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(token: str, *, secrets: Sequence[str], now: datetime) -> Guest:
    """Whom the site has signed in. Raises HostTokenRefused."""
    known = [secret for secret in secrets if secret]
    if not known:
        raise HostTokenRefused("off")
    claims = _claims(token, known)
    _check_times(claims, now.timestamp())
    return _guest(claims)


def key_id(secret: str) -> str:
    """The `kid` by which a token may name its key: the start of the secret's SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def _claims(token: str, secrets: list[str]) -> Mapping[str, Any]:
    """What a token says, once its signature is proved by one of the keys."""
    try:
        if len(token) > LONGEST:
            raise jwt.DecodeError("too long")
        named = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise HostTokenRefused("wrong") from None
    for secret in secrets:
        if named in (None, key_id(secret)) and (claims := _proved(token, secret)) is not None:
            return claims
    raise HostTokenRefused("wrong")


def _proved(token: str, secret: str) -> Mapping[str, Any] | None:
    # Times are checked by ourselves, against the one clock that all of this request goes by.
    options: Any = {
        "require": ["exp", "iat", "sub"],
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
        "verify_aud": False,
        "verify_sub": False,
    }
    try:
        found: Mapping[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=options)
    except jwt.PyJWTError:
        return None
    return found


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    made, ends = _moment(claims, "iat"), _moment(claims, "exp")
    if made > now + SKEW or ends <= made:
        raise HostTokenRefused("wrong")
    if now > ends + SKEW or now > made + OLDEST + SKEW:
        raise HostTokenRefused("expired")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) >= 2**53:
        raise HostTokenRefused("wrong")
    return float(value)


def _guest(claims: Mapping[str, Any]) -> Guest:
    sub, email = _text(claims, "sub", 128), _text(claims, "email", 254)
    if not sub:
        raise HostTokenRefused("wrong")
    return Guest(
        thread=f"user:{sub}",
        sub=sub,
        name=_text(claims, "name", 80),
        email=email,
        email_verified=bool(email) and claims.get("email_verified") is True,
        phone=_text(claims, "phone", 40),
        plan=_text(claims, "plan", 40),
        facts=_facts(claims.get("account")),
    )


def _facts(value: Any) -> tuple[tuple[str, str], ...]:
    """What the site tells about the account: a few short words and numbers, by name."""
    given = {} if value is None else value
    if not isinstance(given, dict) or len(given) > MOST_FACTS:
        raise HostTokenRefused("wrong")
    return tuple((_short(name, 40), _short(said, 200)) for name, said in given.items())


def _text(claims: Mapping[str, Any], name: str, most: int) -> str:
    value = claims.get(name)
    return "" if value is None else _short(value, most, only_text=True)


def _short(value: Any, most: int, *, only_text: bool = False) -> str:
    kinds: tuple[type, ...] = (str,) if only_text else (str, int, float, bool)
    said = str(value)
    if not isinstance(value, kinds) or len(said) > most or not wire.is_storable(said):
        raise HostTokenRefused("wrong")
    return said
