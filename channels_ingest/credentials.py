"""Seal what channels need to sign in, so that a database alone gives nothing away."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

Sealed = bytes | memoryview  # the database gives the latter


class Unreadable(Exception):
    """Sealed values that no configured key opens, or that belong to another place."""


def seal(values: Mapping[str, object], *, place: str) -> bytes:
    """Encrypt `values` for one place, for example one row's field, and for no other."""
    plain = json.dumps({"place": place, "values": dict(values)})
    return _box().encrypt(plain.encode())


def unseal(sealed: Sealed, *, place: str) -> dict[str, object]:
    """Return what was sealed for `place`. Raises Unreadable for a wrong key or a wrong place."""
    try:
        content = json.loads(_box().decrypt(bytes(sealed)))
    except InvalidToken:
        raise Unreadable("no key in CREDENTIALS_KEYS opens it") from None
    if content["place"] != place:
        raise Unreadable("it was sealed for another place")
    values: dict[str, object] = content["values"]
    return values


def reseal(sealed: Sealed) -> bytes:
    """Return the same values encrypted by the first key. Raises Unreadable."""
    try:
        return _box().rotate(bytes(sealed))
    except InvalidToken:
        raise Unreadable("no key in CREDENTIALS_KEYS opens it") from None


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])
