"""What the chat's frame carries for us, signed: whose conversation it shows, and its files."""

from dataclasses import astuple
from datetime import datetime, timedelta
from uuid import uuid4

from tickets.models import Channel

from ...connectors.chat import Guest
from ...own_page import PageFile
from ..signed import BadToken, read, sign

BROWSER_LIVES = timedelta(days=180)
SIGNED_IN_LIVES = timedelta(hours=12)
FILE_LIVES = timedelta(hours=24)


def stranger() -> Guest:
    """Somebody new of whom nothing is known but their browser."""
    return Guest(thread=f"v-{uuid4().hex}")


def guest_token(guest: Guest, channel: Channel, *, now: datetime) -> str:
    """The right to one visitor's conversation."""
    return sign("chat.guest", [channel.pk, *astuple(guest)], now=now, compress=True)


def read_guest(token: str, channel: Channel, *, now: datetime) -> Guest:
    """Whose conversation the holder may see and write in. Raises BadToken."""
    values, at = read("chat.guest", token)
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
    return sign("chat.file", [thread, *astuple(file)], now=now, compress=True)


def read_file(token: str, thread: str, *, now: datetime) -> PageFile:
    """The file, if it was received from this very visitor. Raises BadToken."""
    values, at = read("chat.file", token)
    if len(values) != 5 or values[0] != thread or not at <= now <= at + FILE_LIVES:
        raise BadToken
    return PageFile(*values[1:])
