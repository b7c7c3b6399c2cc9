"""Rows of a list, loaded as plain values: lists are read far more often than anything else."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tickets.models import ClaimState, Clock, Conversation, Role, Ticket, Triage, User

from .promises import owed_at


@dataclass(slots=True)
class Row:
    """One case as a list shows it; on the claims list, one claim."""

    id: int
    number: str
    subject: str
    state: str
    priority: str
    tags: list[str]
    language: str
    version: int
    last_activity_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    contact: str
    company: str
    assignee_id: int | None
    assignee: str
    due_at: datetime | None
    warn_at: datetime | None
    escalated_at: datetime | None = None
    claim_id: int | None = None
    channel_ids: list[int] = field(default_factory=list)
    promised_at: datetime | None = None
    has_claim: bool = False
    closes_at: datetime | None = None
    answer_after: datetime | None = None
    created_at: datetime | None = None
    clock: str = ""
    clock_began_at: datetime | None = None
    missing: list[str] = field(default_factory=list)


COLUMNS = (
    "id",
    "number",
    "subject",
    "state",
    "priority",
    "tags",
    "language",
    "version",
    "last_activity_at",
    "waiting_since",
    "snoozed_until",
    "contact__name",
    "contact__company",
    "assignee_id",
    "assignee__name",
    "due_at",
    "warn_at",
    "escalated_at",
    "answer_after",
    "created_at",
)
CLAIM_COLUMNS = (
    *(f"ticket__{name}" for name in COLUMNS[:8]),
    "created_at",
    "claim_waiting_since",
    "ticket__snoozed_until",
    "identity__name",
    "channel__label",
    "ticket__assignee_id",
    "ticket__assignee__name",
    "claim_due_at",
    "claim_warn_at",
    "ticket__escalated_at",
    "id",
)


def readable(conversations: QuerySet[Conversation], user: User) -> QuerySet[Conversation]:
    """Those that `user` may read: a helper's are public ones."""
    if user.role == Role.HELPER:
        return conversations.filter(is_public=True)
    return conversations


def ticket_rows(tickets: QuerySet[Ticket], user: User) -> list[Row]:
    """One row for each case, with its channels, its clock and what is missing, in four queries."""
    rows = [_row(*values) for values in tickets.values_list(*COLUMNS)]
    if user.role != Role.HELPER:
        _note_clocks(rows)
        _note_missing(rows)
    return _with_channels(rows, user)


def _row(*values: Any) -> Row:
    *known, answer_after, created_at = values
    row = Row(*known)
    row.answer_after, row.created_at = answer_after, created_at
    return row


def _note_clocks(rows: list[Row]) -> None:
    """Say of each case which promise is the next due, one of a merged case as well."""
    due = {each.id: each for each in rows if each.due_at is not None}
    of_these = Q(ticket__in=due) | Q(ticket__merged_into__in=due)
    running = Clock.objects.filter(of_these, conversation__isnull=True, met_at__isnull=True)
    told = running.filter(due_at__isnull=False).values_list(
        "ticket_id", "ticket__merged_into_id", "kind", "due_at", "started_at"
    )
    for ticket_id, survivor_id, kind, due_at, started_at in told if due else ():
        each = due[survivor_id if survivor_id in due else ticket_id]
        if each.due_at == due_at:
            each.clock, each.clock_began_at = kind, started_at


def _note_missing(rows: list[Row]) -> None:
    """Say of each case whose customer waits which parts of a report it lacks."""
    waiting = {each.id: each for each in rows if each.waiting_since}
    latest = Triage.objects.filter(ticket__in=waiting).order_by("ticket_id", "-pk")
    told = latest.distinct("ticket_id").values_list("ticket_id", "missing")
    for ticket_id, missing in told if waiting else ():
        waiting[ticket_id].missing = missing


def claim_rows(claims: QuerySet[Conversation], user: User) -> list[Row]:
    """One row for each claim; who claims stands where the customer would, and its own clock."""
    running = Clock.objects.filter(conversation=OuterRef("pk"), met_at__isnull=True)
    timed = claims.annotate(
        claim_due_at=Subquery(running.values("due_at")[:1]),
        claim_warn_at=Subquery(running.values("warn_at")[:1]),
    )
    rows = [Row(*values) for values in timed.values_list(*CLAIM_COLUMNS)]
    return _with_channels(rows, user)


def _with_channels(rows: list[Row], user: User) -> list[Row]:
    """Add to each row the channels that its case came through, in order of arrival."""
    by_ticket: dict[int, list[Row]] = {}
    for each in rows:
        each.assignee = each.assignee or ""
        by_ticket.setdefault(each.id, []).append(each)
    arrivals = (
        Conversation.objects.filter(ticket__in=by_ticket)
        .order_by("created_at", "id")
        .values_list(
            "ticket_id",
            "channel_id",
            "claim",
            "is_public",
            "identity__name",
            "reply_until",
            "replies_left",
            "last_inbound_at",
            owed_at(),
        )
    )
    is_helper = user.role == Role.HELPER
    known: set[int] = set()
    for ticket_id, channel_id, claim, is_public, name, until, replies, wrote_at, owed in arrivals:
        first = ticket_id not in known
        for each in by_ticket[ticket_id]:
            if is_helper and not _shown_to_helper(each, is_public, name, first=first):
                continue
            each.has_claim |= claim == ClaimState.PENDING
            _note_window(each, until, replies, wrote_at)
            if owed and not is_helper and (each.promised_at is None or owed < each.promised_at):
                each.promised_at = owed
            if channel_id not in each.channel_ids:
                each.channel_ids.append(channel_id)
        known.add(ticket_id)
    return rows


def _note_window(
    each: Row, until: datetime | None, replies: int | None, wrote_at: datetime | None
) -> None:
    """Note when the window closes in which somebody waits for an answer; the first to close."""
    waits = each.waiting_since and wrote_at and wrote_at >= each.waiting_since
    if waits and until and replies != 0 and (each.closes_at is None or until < each.closes_at):
        each.closes_at = until


def _shown_to_helper(each: Row, is_public: bool, name: str, *, first: bool) -> bool:
    """Take from a helper's row what only private conversations have told us."""
    if first:
        each.company = ""
        each.contact = ""
        each.tags = []
        each.escalated_at = None
        each.subject = each.subject if is_public else ""
    if is_public and not each.contact:
        each.contact = name
    return is_public
