"""Seal content that must not lie about in the open: encrypted for one place and for no other."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """Sealed content that no configured key opens, or that belongs to another place."""


def seal(content: bytes, *, place: str) -> bytes:
    """Encrypt `content` for one place, for example one row's field."""
    return _box().encrypt(place.encode() + b"\0" + content)


def unseal(sealed: bytes, *, place: str) -> bytes:
    """Return what was sealed for `place`. Raises Unreadable for a wrong key or a wrong place."""
    try:
        told, _nul, content = _box().decrypt(bytes(sealed)).partition(b"\0")
    except InvalidToken:
        raise Unreadable("no key in CREDENTIALS_KEYS opens it") from None
    if told != place.encode():
        raise Unreadable("it was sealed for another place")
    return content


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])
