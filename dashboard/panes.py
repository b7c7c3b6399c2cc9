"""The side pane of a case: who the customer is, what else concerns them, what has happened."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from tickets.models import History, Identity, Link, Move
from tickets.queries.case import CaseRead

from .words import history_in_words, link_reason_in_words


@dataclass(frozen=True, slots=True)
class LinkOnScreen:
    link: Link
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryOnScreen:
    row: History
    text: SafeString


@dataclass(frozen=True, slots=True)
class SidePane:
    identities: list[Identity]
    links: list[LinkOnScreen]
    history: list[HistoryOnScreen]
    undoable: list[Move]
    contact_name: str


def side_pane(case: CaseRead) -> SidePane:
    """Put what was read into the order and words of the pane, latest history first."""
    first = case.conversations[0].identity if case.conversations else None
    name = "" if case.hides_private_parts else case.ticket.contact.name
    return SidePane(
        identities=list(dict.fromkeys(case.identities)),
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
    )
