"""What is known of a case's customer: notes about them, how they rated, every case of theirs."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, Count, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from tickets.access import visible_tickets
from tickets.models import ContactNote, Conversation, Rating, Role, Ticket, User

OTHER_CASES = 8
MOST_CASES = 200


@dataclass(frozen=True, slots=True)
class CustomerRead:
    """`others` are the customer's other cases, the latest first, merged ones too; each has `marks`,
    kind and label of every channel it came through. Ratings are of all that `user` may see."""

    first_seen: datetime | None = None
    notes: list[ContactNote] = field(default_factory=list)
    ratings: int = 0
    average: float | None = None
    others: list[Ticket] = field(default_factory=list)
    has_more: bool = False


def read_customer(ticket: Ticket, user: User, *, cases: int = OTHER_CASES) -> CustomerRead:
    """For a visible case, in three queries; helpers are told nothing."""
    if user.role == Role.HELPER:
        return CustomerRead()
    limit = min(max(cases, OTHER_CASES), MOST_CASES)
    notes = ContactNote.objects.filter(contact=ticket.contact_id).select_related("author")
    theirs = visible_tickets(user).filter(contact=ticket.contact_id)
    rated = Rating.objects.filter(ticket__in=theirs).aggregate(n=Count("pk"), mean=Avg("score"))
    others = _with_marks(theirs.exclude(pk=ticket.pk), limit + 1)
    return CustomerRead(
        first_seen=ticket.contact.created_at,
        notes=list(notes.order_by("-created_at", "-pk")),
        ratings=rated["n"],
        average=rated["mean"],
        others=others[:limit],
        has_more=len(others) > limit,
    )


def _with_marks(tickets: QuerySet[Ticket], limit: int) -> list[Ticket]:
    through = Conversation.objects.filter(ticket=OuterRef("pk")).order_by("created_at", "pk")
    marks = through.values(mark=JSONObject(kind="channel__kind", label="channel__label"))
    latest = tickets.select_related("merged_into").annotate(marks=ArraySubquery(marks))
    return list(latest.order_by("-last_activity_at", "-pk")[:limit])
