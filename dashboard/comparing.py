"""Cases side by side on the merge page: what each field could take over, and what would happen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.actions import merging, wording
from tickets.actions.merging import Chosen
from tickets.models import Conversation, Priority, Ticket
from tickets.queries.comparing import Compared, Comparison, compare_cases

from .glyphs import look
from .looking import number
from .publicity import Stretch, marked
from .words import plain_number

LABELS = {
    "subject": gettext_lazy("Subject"),
    "priority": gettext_lazy("Priority"),
    "category": gettext_lazy("Category"),
    "team_id": gettext_lazy("Team"),
    "assignee_id": gettext_lazy("Assignee"),
}
_RANKS = list(Priority.values)
_ROOM = 6  # conversations that the drawing has room for
_STEP = 30  # pixels from one line of the drawing to the next


@dataclass(frozen=True, slots=True)
class Column:
    """One case: whether it stays, how to let it stay instead, how to leave it out."""

    case: Compared
    stays: bool
    words: list[Stretch]
    files: list[tuple[str, bool]]
    keep_url: str
    drop_url: str
    place: int

    @property
    def ticket(self) -> Ticket:
        return self.case.ticket


@dataclass(frozen=True, slots=True)
class Option:
    """The value that one case offers for a field."""

    ticket: int
    text: str
    stays: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of one column, each with whether it is taken over."""

    stays: bool
    tags: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Track:
    """One conversation in the drawing of what comes together."""

    conversation: Conversation
    look: str
    y: int
    is_dashed: bool


@dataclass(frozen=True, slots=True)
class Tellable:
    """A customer who may be told, and in which words."""

    conversation: Conversation
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class MergePage:
    """All that the page shows once there is something to compare."""

    target: Ticket
    columns: list[Column]
    rows: list[Row]
    tags: list[Tags]
    tracks: list[Track]
    more_tracks: int
    middle: int
    height: int
    messages: int
    files: int
    waiting_since: datetime | None
    due_at: datetime | None
    strangers: list[str]
    claims: list[Conversation]
    tellable: list[Tellable]
    answered: list[Compared]
    reasons: list[str] = field(default_factory=list)

    @property
    def sources(self) -> list[Column]:
        return [column for column in self.columns if not column.stays]


def merge_page(
    tickets: Sequence[Ticket], target: Ticket, asked: QueryDict, reasons: list[str], now: datetime
) -> MergePage:
    """Lay the cases out; what is chosen in `asked` stays chosen, the rest is proposed."""
    found = compare_cases(tickets)
    joining = [each for each in found.cases if each.ticket != target]
    talks = [talk for each in found.cases for talk in each.conversations]
    middle = (min(len(talks), _ROOM) * _STEP) // 2 + 10
    tags = _chosen_tags(found.cases, asked)
    dues = [each.due_at for each in found.cases if each.due_at]
    waits = [each.ticket.waiting_since for each in found.cases if each.ticket.waiting_since]
    return MergePage(
        target=target,
        columns=[_column(n, each, target, found) for n, each in enumerate(found.cases, start=1)],
        rows=[_row(name, found.cases, target, asked) for name in merging.FIELDS],
        tags=[
            Tags(each.ticket == target, [(tag, tag in tags) for tag in each.ticket.tags])
            for each in found.cases
        ],
        tracks=[
            Track(talk, look(talk.channel.kind), 22 + _STEP * n, talk.is_pending_claim)
            for n, talk in enumerate(talks[:_ROOM])
        ],
        more_tracks=max(0, len(talks) - _ROOM),
        middle=middle,
        height=max(_STEP * min(len(talks), _ROOM) + 24, middle + 30 + 17 * len(joining)),
        messages=sum(each.messages for each in joining),
        files=sum(len(each.files) for each in joining),
        waiting_since=min(waits, default=None),
        due_at=min(dues, default=None),
        strangers=_strangers(joining, target),
        claims=[talk for talk in talks if talk.is_pending_claim],
        tellable=_tellable(joining, target, asked, now),
        answered=[each for each in found.cases if each.answer],
        reasons=reasons,
    )


def chosen_in(asked: QueryDict) -> Chosen:
    """What the form says about the survivor's fields and tags."""
    fields = {name: number(asked.get(name, "")) for name in merging.FIELDS if asked.get(name)}
    return Chosen(fields, asked.getlist("tag") if "tags" in asked else None)


def _column(place: int, case: Compared, target: Ticket, found: Comparison) -> Column:
    stays, others = case.ticket == target, [each.ticket for each in found.cases]
    return Column(
        case=case,
        stays=stays,
        words=marked(case.words, found.codes) or [Stretch(case.words, is_shown=False)],
        files=[(name, name in found.files) for name in case.files],
        keep_url="" if stays else _address(others, case.ticket),
        drop_url="" if stays or len(others) < 3 else _address(others, target, without=case.ticket),
        place=place,
    )


def _address(tickets: Iterable[Ticket], keep: Ticket, *, without: Ticket | None = None) -> str:
    query = QueryDict(mutable=True)
    query.setlist("number", [plain_number(t.number) for t in tickets if t != without])
    query["keep"] = plain_number(keep.number)
    return f"?{query.urlencode()}"


def _row(name: str, cases: Sequence[Compared], target: Ticket, asked: QueryDict) -> Row:
    tickets = [each.ticket for each in cases]
    chosen = number(asked.get(name, "")) or _proposed(name, tickets, target).pk
    options = [
        Option(each.pk, _text(name, each), each == target, each.pk == chosen) for each in tickets
    ]
    return Row(name, str(LABELS[name]), options)


def _proposed(name: str, tickets: Sequence[Ticket], target: Ticket) -> Ticket:
    """The survivor's own value where it has one, but always the highest priority."""
    ordered = [target, *(each for each in tickets if each != target)]
    if name == "priority":
        return max(ordered, key=lambda each: _RANKS.index(each.priority))
    return next((each for each in ordered if getattr(each, name)), target)


def _text(name: str, ticket: Ticket) -> str:
    match name:
        case "subject":
            return ticket.subject or _("No subject yet")
        case "priority":
            return str(ticket.get_priority_display())
        case "category":
            return str(ticket.get_category_display()) or _("None yet")
        case "team_id":
            return str(ticket.team or _("No team"))
    return str(ticket.assignee or _("Nobody"))


def _chosen_tags(cases: Iterable[Compared], asked: QueryDict) -> set[str]:
    if "tags" in asked:
        return set(asked.getlist("tag"))
    return {tag for each in cases for tag in each.ticket.tags}


def _strangers(joining: Iterable[Compared], target: Ticket) -> list[str]:
    """Customers of the joining cases who are somebody else than the survivor's."""
    contacts = (each.ticket.contact for each in joining)
    return list(dict.fromkeys(str(each) for each in contacts if each.pk != target.contact_id))


def _tellable(
    joining: Iterable[Compared], target: Ticket, asked: QueryDict, now: datetime
) -> list[Tellable]:
    """One conversation of each channel account is enough: the latest."""
    chosen = {number(pk) for pk in asked.getlist("tell")}
    latest = {
        talk.identity_id: talk
        for each in joining
        for talk in each.conversations
        if merging.may_be_told(talk, target, now)
    }
    return [
        Tellable(talk, wording.merged(talk, target.number), talk.pk in chosen)
        for talk in latest.values()
    ]
