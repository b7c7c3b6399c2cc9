"""The side pane of a case: who the customer is, what else concerns them, what has happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.safestring import SafeString

from tickets.access import may_edit_contact_note
from tickets.actions.linking import LINKS, UNLINKED
from tickets.models import ContactNote, History, Identity, Link, Move, Ticket, User
from tickets.queries.case import CaseRead
from tickets.queries.customer import CustomerRead
from tickets.queries.duplicates import Elsewhere
from tickets.queries.people import Suggestion
from tickets.queries.relations import Relation

from .words import history_in_words, link_reason_in_words, sign_in_words


@dataclass(frozen=True, slots=True)
class LinkOnScreen:
    """A suggested or quoted case: why, how sure, and what has been done there."""

    link: Link
    other: Ticket
    reason: str
    sure: str = ""
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True, slots=True)
class HistoryOnScreen:
    row: History
    text: SafeString


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the customer; `link` is the history row by which it was linked, if it was."""

    identity: Identity
    link: History | None


@dataclass(frozen=True, slots=True)
class Likely:
    """An account that may be the customer's, too, and why."""

    suggestion: Suggestion
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class NoteOnScreen:
    note: ContactNote
    may_edit: bool


@dataclass(frozen=True, slots=True)
class SidePane:
    accounts: list[Account]
    likely: list[Likely]
    duplicates: list[LinkOnScreen]
    quoted: list[LinkOnScreen]
    customer: CustomerRead
    notes: list[NoteOnScreen]
    average: str
    offers_to_close_parent: Ticket | None
    history: list[HistoryOnScreen]
    undoable: list[Move]
    contact_name: str
    facts: list[tuple[str, str]]


def side_pane(
    case: CaseRead,
    user: User,
    customer: CustomerRead,
    suggestions: Iterable[Suggestion] = (),
    guard: Iterable[Elsewhere] = (),
) -> SidePane:
    """Put what was read into the order and words of the pane, latest history first."""
    first = case.conversations[0].identity if case.conversations else None
    name = "" if case.hides_private_parts else case.ticket.contact.name
    links = standing_links(case.history)
    answered = {each.ticket.pk: each for each in guard}
    return SidePane(
        accounts=[Account(each, links.get(each.pk)) for each in dict.fromkeys(case.identities)],
        likely=[Likely(each, [sign_in_words(r) for r in each.reasons]) for each in suggestions],
        duplicates=[_on_screen(each, answered) for each in case.relations.suggested],
        quoted=[_on_screen(each, answered) for each in case.relations.quoted],
        customer=customer,
        notes=[NoteOnScreen(each, may_edit_contact_note(user, each)) for each in customer.notes],
        average="" if customer.average is None else number_format(customer.average, 1),
        offers_to_close_parent=_parent_to_close(case),
        history=[
            HistoryOnScreen(row, history_in_words(row, case.names))
            for row in reversed(case.history)
        ],
        undoable=[
            move
            for move in case.moves
            if move.kind == "merge" and move.undone_at is None and move.target_id == case.ticket.pk
        ],
        contact_name=name or (first.display_name if first else ""),
        facts=[] if case.hides_private_parts else _facts(case.identities),
    )


def _on_screen(relation: Relation, answered: Mapping[int, Elsewhere]) -> LinkOnScreen:
    reason = relation.link.reason
    score = reason.get("score")
    without = {key: value for key, value in reason.items() if key != "score"}
    return LinkOnScreen(
        link=relation.link,
        other=relation.other,
        reason=link_reason_in_words(without),
        sure="" if score is None else number_format(score, 2),
        elsewhere=answered.get(relation.other.pk),
    )


def _parent_to_close(case: CaseRead) -> Ticket | None:
    """The open parent of a case that is resolved: it is closed only when somebody asks for it."""
    if not case.ticket.is_closed:
        return None
    parents = (each.other for each in case.relations.parents)
    return next((parent for parent in parents if not parent.is_closed), None)


def _facts(identities: Iterable[Identity]) -> list[tuple[str, str]]:
    """What sites of ours told about the customer's accounts there, each thing once."""
    told = {fact: None for each in identities for fact in each.facts.items()}
    return list(told)


def standing_links(history: Iterable[History]) -> dict[int, History]:
    """For each account the row of its link that has not been taken back."""
    links: dict[int, History] = {}
    for row in history:
        if row.code in LINKS:
            links[row.data["identity"]] = row
        elif row.code == UNLINKED:
            links.pop(row.data["identity"], None)
    return links
