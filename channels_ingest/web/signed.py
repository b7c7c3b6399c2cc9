"""Values that a visitor's browser carries for us: signed, each for one purpose, with their time."""

from datetime import UTC, datetime
from typing import Any

from django.core import signing

LONGEST = 8192  # characters of a token


class BadToken(Exception):
    """The token is not ours, not for this place, or too old."""


def sign(purpose: str, values: list[Any], *, now: datetime, compress: bool = False) -> str:
    """A token that says these values, made now."""
    return _signer(purpose).sign_object([int(now.timestamp()), *values], compress=compress)


def read(purpose: str, token: str) -> tuple[list[Any], datetime]:
    """What a token of ours says, and when it was made. Raises BadToken."""
    try:
        if len(token) > LONGEST:
            raise ValueError("too long")
        signed_at, *values = _signer(purpose).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise BadToken from error
    return values, datetime.fromtimestamp(signed_at, tz=UTC)


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"channels_ingest.web.{purpose}")
