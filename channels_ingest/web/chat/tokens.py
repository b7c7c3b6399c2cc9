"""What the chat's frame carries for us, signed: whose conversation it shows, and its files."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core import signing

from tickets.models import Channel

from ...connectors.chat import Guest
from ...own_page import PageFile

BROWSER_LIVES = timedelta(days=180)
SIGNED_IN_LIVES = timedelta(hours=12)
FILE_LIVES = timedelta(hours=24)
LONGEST = 8192  # characters of a token


class BadToken(Exception):
    """The token is not ours, not for this place, or too old."""


def stranger() -> Guest:
    """Somebody new of whom nothing is known but their browser."""
    return Guest(thread=f"v-{uuid4().hex}")


def guest_token(guest: Guest, channel: Channel, *, now: datetime) -> str:
    """The right to one visitor's conversation."""
    return _sign("guest", now, [channel.pk, *astuple(guest)])


def read_guest(token: str, channel: Channel, *, now: datetime) -> Guest:
    """Whose conversation the holder may see and write in. Raises BadToken."""
    values, at = _read("guest", token)
    if len(values) != 9 or values[0] != channel.pk:
        raise BadToken
    _channel, thread, sub, name, email, is_verified, phone, plan, told = values
    facts = tuple((str(what), str(value)) for what, value in told)
    guest = Guest(thread, sub, name, email, is_verified, phone, plan, facts)
    if not at <= now <= at + (SIGNED_IN_LIVES if guest.sub else BROWSER_LIVES):
        raise BadToken
    return guest


def file_token(file: PageFile, thread: str, *, now: datetime) -> str:
    """A file that was received for a message still to be sent."""
    return _sign("file", now, [thread, *astuple(file)])


def read_file(token: str, thread: str, *, now: datetime) -> PageFile:
    """The file, if it was received from this very visitor. Raises BadToken."""
    values, at = _read("file", token)
    if len(values) != 5 or values[0] != thread or not at <= now <= at + FILE_LIVES:
        raise BadToken
    return PageFile(*values[1:])


def _sign(purpose: str, now: datetime, values: list[Any]) -> str:
    return _signer(purpose).sign_object([int(now.timestamp()), *values], compress=True)


def _read(purpose: str, token: str) -> tuple[list[Any], datetime]:
    """What a token of ours says, and when it was made."""
    try:
        if len(token) > LONGEST:
            raise ValueError("too long")
        signed_at, *values = _signer(purpose).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise BadToken from error
    return values, datetime.fromtimestamp(signed_at, tz=UTC)


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"channels_ingest.web.chat.{purpose}")
