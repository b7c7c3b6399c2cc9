"""Offer likely duplicates of a new case, with the reason, and never merge them."""

from typing import Final

from ... import phrases
from ...duplicates import Report, Verdict, compare
from ...models import Link, LinkKind, Ticket
from .batch import Batch, OpenTicket, row_key
from .reading import Read

_WEIGHED: Final = 240  # characters of each case: comparing costs time by length
_MOST: Final = 20  # open cases of one contact, the latest, that are compared


def suggest_duplicates(batch: Batch, ticket: Ticket, read: Read) -> None:
    """Propose the same contact's open, recent cases that speak of the same thing."""
    others = batch.open_tickets.get(row_key(ticket.contact), [])
    if not others:
        return
    words = read.own_words
    declared = phrases.declared_source(words)
    for other in sorted(others, key=lambda each: each.pk)[-_MOST:]:
        verdict = _verdict(words, other)
        if not verdict.duplicate and not (declared and not read.own.found):
            continue
        batch.new[Link].append(
            Link(
                ticket=ticket,
                other_id=other.pk,
                kind=LinkKind.DUPLICATE,
                reason=_reason(words, other, verdict, declared),
                created_at=batch.now,
            )
        )


def _verdict(words: str, other: OpenTicket) -> Verdict:
    """Judge the new words against a case that is open and recent: no recurrence."""
    earlier = Report("contact", other.words[:_WEIGHED], 0)
    return compare(earlier, Report("contact", words[:_WEIGHED], 0))


def _reason(words: str, other: OpenTicket, verdict: Verdict, declared: str) -> dict[str, object]:
    return {
        "same_contact": True,
        "score": round(verdict.score, 2),
        "declared": declared,
        "topics": sorted(phrases.topics_of(words) & phrases.topics_of(other.words)),
        "codes": list(verdict.evidence["codes"]),
        "marks": [mark.partition(":")[2] for mark in verdict.evidence["marks"]],
    }
