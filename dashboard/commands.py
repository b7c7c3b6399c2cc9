"""What the palette offers for a text: cases, what may be done to the open one, a search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.access import may_change
from tickets.case_numbers import format_number
from tickets.models import Channel, Priority, State, Ticket, User
from tickets.queries.people import assignable
from tickets.queries.rows import Row
from tickets.searching import Piece, ask, marked

from .rows import chain

LONGEST_TAG = 40
MOST_PEOPLE = 6


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done to the open case: a form of one button."""

    icon: str
    pieces: Sequence[Piece]
    url: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case to go to."""

    url: str
    number: Sequence[Piece]
    subject: Sequence[Piece]
    contact: str
    chain: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that the palette shows below what somebody has typed."""

    text: str
    cases: list[Case] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)


def case(row: Row, text: str, channels: dict[int, Channel]) -> Case:
    """A case with what was typed marked in it; its state only where it is no open one."""
    question = ask(text)
    number = format_number(row.number, prefix=settings.CASE_NUMBER_PREFIX)
    known = (channels[pk] for pk in row.channel_ids if pk in channels)
    return Case(
        url=reverse("dashboard:ticket", args=[number]),
        number=marked(number, question),
        subject=marked(row.subject or _("No subject yet"), question),
        contact=row.contact,
        chain=chain(tuple((each.kind, each.label) for each in known)),
        state="" if row.state == State.OPEN else str(State(row.state).label),
    )


def commands(ticket: Ticket, user: User, text: str, beside: str) -> list[Command]:
    """What may be done to the open case that fits the text; nothing by those who only answer."""
    if not may_change(user):
        return []
    every = (*_assignments(ticket, user), *_priorities(ticket))
    question = ask(text)
    fitting = []
    for icon, label, name, key, value in every:
        pieces = marked(label, question)
        told = sum(piece.is_hit for piece in pieces)
        if not text or (question.terms and told >= len(question.terms)):
            fitting.append(Command(icon, pieces, _address(ticket, name, beside), key, value))
    return [*(fitting if text else ()), *_tagging(ticket, text, beside)]


def _assignments(ticket: Ticket, user: User) -> Iterator[tuple[str, str, str, str, str]]:
    if ticket.assignee_id != user.pk:
        yield "user-open", _("Assign to me"), "assignment", "assignee", str(user.pk)
    for person in assignable(ticket):
        if person.pk not in {user.pk, ticket.assignee_id}:
            label = _("Assign to %(name)s") % {"name": person}
            yield "user-open", label, "assignment", "assignee", str(person.pk)
    if ticket.assignee_id is not None:
        yield "user-open", _("Assign to nobody"), "assignment", "assignee", ""


def _priorities(ticket: Ticket) -> Iterator[tuple[str, str, str, str, str]]:
    for value, said in Priority.choices:
        if value != ticket.priority:
            label = _("Priority: %(name)s") % {"name": said}
            yield "flag", label, "priority", "priority", value


def _tagging(ticket: Ticket, text: str, beside: str) -> Iterator[Command]:
    """The text itself as a tag, and those tags taken off that it names."""
    if not text or len(text) > LONGEST_TAG:
        return
    if text in ticket.tags:
        label = _("Remove the tag %(tag)s") % {"tag": text}
        yield Command("tag", [Piece(label)], _address(ticket, "tag_removal", beside), "tag", text)
    else:
        label = _("Add the tag “%(tag)s”") % {"tag": text}
        yield Command("tag", [Piece(label)], _address(ticket, "tags", beside), "tag", text)


def _address(ticket: Ticket, name: str, beside: str) -> str:
    number = format_number(ticket.number, prefix=settings.CASE_NUMBER_PREFIX)
    return reverse(f"dashboard:{name}", args=[number]) + beside
