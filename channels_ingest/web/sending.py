"""Store what a visitor sent, as envelopes like any other: whatever follows is the workers' part."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tickets.actions import numbers, wording
from tickets.models import Channel

from ..connectors.web_form import Person, Section, Wishes, message_envelope
from ..models import Envelope
from ..own_page import PageFile, read_envelope
from ..store import store
from .tokens import CaseKey


def open_case(
    *,
    channel: Channel,
    form: str,
    sections: Iterable[Section],
    files: Sequence[PageFile],
    name: str,
    language: str,
    now: datetime,
    invited_to: int = 0,
    person: Person | None = None,
    wishes: Wishes | None = None,
) -> CaseKey:
    """Store a new problem and promise it a number; the same form again gives the same number.

    `invited_to` is the public conversation whose private link led to the form, `person` who came
    to it by a signed link of another program, `wishes` what the visitor chose besides the words.
    """
    envelope = message_envelope(
        form=form,
        thread=form,
        sections=sections,
        files=files,
        name=name,
        language=language,
        reserved_number=numbers.reserve(1)[0],
        invited_to=invited_to,
        person=person,
        wishes=wishes,
    )
    (accepted,) = store(channel=channel, envelopes=[envelope], now=now)
    number = envelope.reserved_number
    if accepted.is_duplicate and accepted.envelope_id:
        number = Envelope.objects.get(pk=accepted.envelope_id).reserved_number
    return CaseKey(channel.pk, form, number, envelope.key, person.sub if person else "")


def add_to_case(
    *,
    channel: Channel,
    case: CaseKey,
    form: str,
    sections: Iterable[Section],
    files: Sequence[PageFile],
    language: str,
    now: datetime,
    name: str = "",
) -> None:
    """Store what the holder of a private link adds; the same form again changes nothing."""
    envelope = message_envelope(
        form=form,
        thread=case.thread,
        sections=sections,
        files=files,
        language=language,
        answers=case.first,
        person=Person(case.sub) if case.sub else None,
        proved=case.proved,
        sender=case.sender if case.proved else "",
        number=wording.printed(case.number) if case.proved else "",
        name=name,
    )
    store(channel=channel, envelopes=[envelope], now=now)


def note_read(*, channel: Channel, case: CaseKey, replies: Sequence[str], now: datetime) -> None:
    """Store that our `replies` (external ids) have been on the visitor's screen."""
    if replies:
        envelopes = [read_envelope(thread=case.thread, reply=each) for each in replies]
        store(channel=channel, envelopes=envelopes, now=now)
