"""The side pane of a case: who the customer is, what else concerns them, what has happened."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from tickets.actions.linking import LINKS, UNLINKED
from tickets.models import History, Identity, Link, Move
from tickets.queries.case import CaseRead
from tickets.queries.people import Suggestion

from .words import history_in_words, link_reason_in_words, sign_in_words


@dataclass(frozen=True, slots=True)
class LinkOnScreen:
    link: Link
    reason: str


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
class SidePane:
    accounts: list[Account]
    likely: list[Likely]
    links: list[LinkOnScreen]
    history: list[HistoryOnScreen]
    undoable: list[Move]
    contact_name: str
    facts: list[tuple[str, str]]


def side_pane(case: CaseRead, suggestions: Iterable[Suggestion] = ()) -> SidePane:
    """Put what was read into the order and words of the pane, latest history first."""
    first = case.conversations[0].identity if case.conversations else None
    name = "" if case.hides_private_parts else case.ticket.contact.name
    links = _standing_links(case.history)
    return SidePane(
        accounts=[Account(each, links.get(each.pk)) for each in dict.fromkeys(case.identities)],
        likely=[Likely(each, [sign_in_words(r) for r in each.reasons]) for each in suggestions],
        links=[LinkOnScreen(link, link_reason_in_words(link.reason)) for link in case.links],
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


def _facts(identities: Iterable[Identity]) -> list[tuple[str, str]]:
    """What sites of ours told about the customer's accounts there, each thing once."""
    told = {fact: None for each in identities for fact in each.facts.items()}
    return list(told)


def _standing_links(history: Iterable[History]) -> dict[int, History]:
    """For each account the link that has not been taken back."""
    links: dict[int, History] = {}
    for row in history:
        if row.code in LINKS:
            links[row.data["identity"]] = row
        elif row.code == UNLINKED:
            links.pop(row.data["identity"], None)
    return links
