"""What customers said first on a case, what triage made of it, and what agents made of that."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Left

from tickets.models import ClaimState, Direction, Message, Ticket, Triage
from tickets.quoting import split_quoted

MOST_MESSAGES = 20  # of the beginning of a case
MOST_READ = 4000  # characters
_MACHINES = ("auto_reply", "bounce")
_ANSWERS = re.compile(r"\s*(?:re|aw|fw|fwd|回复|答复|返信|转发|転送)\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of a case that triage had assessed; `was_right` where they agreed.

    `category` or `urgency` is "" where they said nothing of it.
    """

    ticket_id: int
    text: str
    language: str
    category: str
    urgency: str
    was_right: bool
    model: str
    at: datetime


def latest_triage(ticket: Ticket) -> Triage | None:
    """The assessment that counts, in one query."""
    found = Triage.objects.filter(ticket=ticket).select_related("corrected_by")
    return found.order_by("-pk").first()


def corrections(since: datetime | None = None) -> list[Correction]:
    """What agents made of assessments, oldest first, with the words that were assessed.

    Training data: a category that only triage itself has set is not among it.
    """
    rows = Triage.objects.filter(corrected_at__isnull=False).select_related("ticket")
    if since is not None:
        rows = rows.filter(corrected_at__gte=since)
    found = list(rows.order_by("corrected_at", "pk"))
    words = first_words(row.ticket_id for row in found)
    return [
        Correction(
            ticket_id=row.ticket_id,
            text=words.get(row.ticket_id, ""),
            language=row.ticket.language,
            category=row.corrected_category,
            urgency=row.corrected_urgency,
            was_right=row.corrected_category in {"", row.category}
            and row.corrected_urgency in {"", row.urgency},
            model=row.model,
            at=row.corrected_at,
        )
        for row in found
        if row.corrected_at is not None
    ]


def first_words(ticket_ids: Iterable[int]) -> dict[int, str]:
    """What the customers of some cases wrote at first, without quotes, claims and machines.

    In one query. A case of which nothing was said in words is left out.
    """
    rows = (
        Message.objects.filter(
            conversation__ticket__in=list(ticket_ids),
            direction=Direction.INBOUND,
            recalled_at__isnull=True,
        )
        .exclude(conversation__claim=ClaimState.PENDING)
        .exclude(automatic__in=_MACHINES)
        .order_by("pk")
        .values_list("conversation__ticket_id", "subject", "transcript", Left("text", MOST_READ))
    )
    said: dict[int, list[str]] = defaultdict(list)
    for ticket_id, subject, transcript, text in rows:
        if len(said[ticket_id]) < MOST_MESSAGES:
            said[ticket_id].append(_own(subject, text or transcript))
    whole = ((key, "\n".join(filter(None, parts))[:MOST_READ]) for key, parts in said.items())
    return {key: text for key, text in whole if text}


def _own(subject: str, text: str) -> str:
    own = split_quoted(text).own
    is_answer = not subject or _ANSWERS.match(subject)
    return own if is_answer else f"{subject}\n{own}"
