"""What a visitor's browser carries for us, signed: which form this is, and whose case page."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tickets.models import Channel

from ..connectors.web_form import Person
from ..own_page import PageFile
from .signed import BadToken, read, sign

FORM_LIVES = timedelta(hours=24)
PAGE_LIVES = timedelta(days=180)
FILE_LIVES = timedelta(hours=24)
PERSON_LIVES = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class FormKey:
    """One form as it was shown: its id decides what is the same press of the button."""

    form: str
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The right to one thread: its number and the key of its first message come along.

    `sub` is the id of the thread's author where they came by a signed link of another program.
    `proved` is the key of the account by which a page was opened with a code; such a key is never
    signed into a link.
    """

    channel_id: int
    thread: str
    number: str
    first: str
    sub: str = ""
    proved: int = 0
    proved_contact: int = 0

    @property
    def sender(self) -> str:
        """How the author of the thread is called on its channel."""
        if self.proved:
            return f"proved:{self.proved}.{self.proved_contact}"
        return Person(self.sub).external_id if self.sub else self.thread


def form_token(channel: Channel, *, now: datetime, thread: str = "") -> str:
    """A fresh form for a new case, or for the case page of `thread`."""
    return sign("form", [channel.pk, thread, uuid4().hex], now=now)


def read_form(token: str, channel: Channel, *, now: datetime, thread: str = "") -> FormKey:
    """The form that was shown for this very place. Raises BadToken."""
    (channel_id, shown_thread, form), shown_at = _read("form", token, now, FORM_LIVES, (3,))
    if (channel_id, shown_thread) != (channel.pk, thread):
        raise BadToken
    return FormKey(form, shown_at)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form was shown: its channel, its id, and the lane in which it will arrive."""

    channel: Channel
    form: str
    lane: str


def read_place(token: str, *, now: datetime) -> Place:
    """Where any form of ours was shown. Raises BadToken."""
    (channel_id, thread, form), _shown_at = _read("form", token, now, FORM_LIVES, (3,))
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise BadToken
    return Place(channel, form, thread or form)


def upload_token(pk: UUID, form: str, *, now: datetime) -> str:
    """The right to send the pieces of one file of one form."""
    return sign("upload", [str(pk), form], now=now)


def read_upload(token: str, *, now: datetime) -> tuple[UUID, str]:
    """Which file, of which form. Raises BadToken."""
    (pk, form), _signed_at = _read("upload", token, now, FILE_LIVES, (2,))
    return UUID(pk), form


def case_token(key: CaseKey, *, now: datetime) -> str:
    more = [key.sub] if key.sub else []
    return sign("case", [key.channel_id, key.thread, key.number, key.first, *more], now=now)


def read_case(token: str, *, now: datetime) -> CaseKey:
    """The thread that the holder of a private link may see. Raises BadToken."""
    values, _signed_at = _read("case", token, now, PAGE_LIVES, (4, 5))
    return CaseKey(*values)


def file_token(file: PageFile, form: str, *, now: datetime) -> str:
    """A file already received, for a form that must be shown once more."""
    return sign("file", [form, file.name, file.content_type, file.size, file.sha256], now=now)


def read_file(token: str, form: str, *, now: datetime) -> PageFile:
    """The file, if it was received with this very form. Raises BadToken."""
    (received_with, *values), _signed_at = _read("file", token, now, FILE_LIVES, (5,))
    if received_with != form:
        raise BadToken
    return PageFile(*values)


def person_token(person: Person, channel: Channel, *, now: datetime) -> str:
    """Who somebody is, for the form that their signed link has opened."""
    return sign("person", [channel.pk, *astuple(person)], now=now)


def read_person(token: str, *, now: datetime) -> tuple[Person, int]:
    """The person, and the id of the channel whose form they may fill in. Raises BadToken."""
    (channel_id, *values), _signed_at = _read("person", token, now, PERSON_LIVES, (7,))
    return Person(*values), channel_id


def _read(
    purpose: str, token: str, now: datetime, lives: timedelta, counts: tuple[int, ...]
) -> tuple[list[Any], datetime]:
    values, at = read(purpose, token)
    if len(values) not in counts or not at <= now <= at + lives:
        raise BadToken
    return values, at
