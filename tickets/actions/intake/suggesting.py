"""Offer likely duplicates of a new case, with the reason, and never merge them."""

from ... import phrases
from ...models import Link, LinkKind, Ticket
from ...text import similarity
from .batch import Batch, OpenTicket, row_key
from .reading import Read

LIKELY = 0.35  # similarity of words at which two cases of one contact look alike
_CODE_WEIGHT = 0.3


def suggest_duplicates(batch: Batch, ticket: Ticket, read: Read) -> None:
    """Propose the same contact's open, recent cases that speak of the same thing."""
    words = read.own_words
    declared = phrases.declared_source(words)
    for other in batch.open_tickets.get(row_key(ticket.contact), []):
        score = _score(words, other)
        if score < LIKELY and not (declared and not read.own.found):
            continue
        batch.new[Link].append(
            Link(
                ticket=ticket,
                other_id=other.pk,
                kind=LinkKind.DUPLICATE,
                reason={
                    "same_contact": True,
                    "score": round(score, 2),
                    "declared": declared,
                    "topics": sorted(phrases.topics_of(words) & phrases.topics_of(other.words)),
                },
                created_at=batch.now,
            )
        )


def _score(words: str, other: OpenTicket) -> float:
    """Shared words, and more for each shared topic or error code."""
    score = similarity(words, other.words)
    shared = phrases.topics_of(words) & phrases.topics_of(other.words)
    codes = phrases.codes_in(words) & phrases.codes_in(other.words)
    return min(1.0, score + _CODE_WEIGHT * bool(codes) + 0.2 * bool(shared))
