"""The inbox: which cases stand in a view, page by page.

Pages go by a cursor of (last activity or due, id): a deep page costs what the first one costs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets.access import visible_tickets
from tickets.models import ClaimState, Conversation, Role, State, Ticket, User

from .rows import Row, claim_rows, readable, ticket_rows
from .windows import closing

PAGE_SIZE = 50
COUNT_CAP = 1000

ViewName = Literal[
    "mine",
    "unassigned",
    "open",
    "pending",
    "escalated",
    "closing",
    "due",
    "snoozed",
    "claims",
    "closed",
    "team",
    "channel",
]
VIEW_NAMES: tuple[ViewName, ...] = (
    "mine",
    "unassigned",
    "open",
    "pending",
    "escalated",
    "closing",
    "due",
    "snoozed",
    "claims",
    "closed",
)


@dataclass(frozen=True, slots=True)
class View:
    """One list of the desk; `slug` names the team or the channel where the list is about one."""

    name: ViewName
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place in a list after which a page begins."""

    at: datetime
    id: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read a cursor out of an address. Raises ValueError on anything else."""
        micros, _, pk = text.partition("-")
        if not (micros.isascii() and micros.isdigit() and pk.isascii() and pk.isdigit()):
            raise ValueError("not a cursor")
        seconds, rest = divmod(int(micros), 1_000_000)
        try:
            at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
        except (OverflowError, OSError) as error:
            raise ValueError("not a cursor") from error
        return cls(at, min(int(pk), 2**63 - 1))

    def __str__(self) -> str:
        whole = int(self.at.replace(microsecond=0).timestamp())
        return f"{whole * 1_000_000 + self.at.microsecond}-{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    top: str
    more: str


def tickets_in(view: View, user: User) -> QuerySet[Ticket]:
    """The cases of a view that `user` may see, unordered. The claims view lists their cases."""
    standing = visible_tickets(user).filter(merged_into__isnull=True)
    match view.name:
        case "mine":
            return standing.filter(state=State.OPEN, assignee=user)
        case "unassigned":
            return standing.filter(state=State.OPEN, assignee__isnull=True)
        case "open":
            return standing.filter(state=State.OPEN)
        case "due":
            owed = (State.OPEN, State.SNOOZED)  # putting a case off postpones no answer
            return standing.filter(state__in=owed, due_at__isnull=False)
        case "closing":
            windows = closing(Conversation.objects.filter(ticket=OuterRef("pk")))
            unanswered = windows.filter(last_inbound_at__gte=OuterRef("waiting_since"))
            return standing.filter(Exists(readable(unanswered, user)), state=State.OPEN)
        case "escalated" if user.role == Role.HELPER:
            # None of them: it may be for what was said in private. (`none()` cannot be counted.)
            return standing.filter(pk__lt=0)
        case "escalated":
            return standing.filter(escalated_at__isnull=False).exclude(state=State.CLOSED)
        case "pending":
            return standing.filter(state=State.PENDING)
        case "snoozed":
            return standing.filter(state=State.SNOOZED)
        case "closed":
            return standing.filter(state=State.CLOSED)
        case "team":
            return standing.filter(state=State.OPEN, team__slug=view.slug)
        case "channel":
            through = Conversation.objects.filter(ticket=OuterRef("pk"), channel__slug=view.slug)
            return standing.filter(Exists(through), state=State.OPEN)
        case "claims":
            claims = Conversation.objects.filter(ticket=OuterRef("pk"), claim=ClaimState.PENDING)
            return visible_tickets(user).filter(Exists(readable(claims, user)))


def claims_for(user: User) -> QuerySet[Conversation]:
    """The claims that wait to be decided, of every case that `user` may see."""
    claims = Conversation.objects.filter(claim=ClaimState.PENDING, ticket__in=visible_tickets(user))
    return readable(claims, user)


def page(view: View, user: User, after: Cursor | None = None) -> Page:
    """One page of a view: latest activity first, claims longest waiting first, due ones soonest."""
    if view.name == "claims":
        return _claims_page(user, after)
    if view.name == "due":
        return _due_page(tickets_in(view, user), user, after)
    tickets = tickets_in(view, user)
    if after:
        same_moment = Q(last_activity_at=after.at, id__lt=after.id)
        tickets = tickets.filter(
            Q(last_activity_at__lt=after.at) | same_moment, last_activity_at__lte=after.at
        )
    return _page(ticket_rows(tickets.order_by("-last_activity_at", "-id")[: PAGE_SIZE + 1], user))


def rows(view: View, user: User, numbers: Iterable[str]) -> list[Row]:
    """The rows of those named cases that stand in `view`; of claims the longest waiting first."""
    named = list(numbers)
    if view.name == "claims":
        claims = claims_for(user).filter(ticket__number__in=named)
        return claim_rows(claims.order_by("created_at", "id"), user)
    return ticket_rows(tickets_in(view, user).filter(number__in=named), user)


def newer_than(view: View, user: User, top: Cursor | None, shown: Iterable[str]) -> int:
    """How many cases now stand above `top` that the list does not show already, capped."""
    if view.name == "claims":
        claims = claims_for(user).exclude(ticket__number__in=list(shown))
        if top:
            claims = claims.filter(Q(created_at__gt=top.at) | Q(created_at=top.at, id__gt=top.id))
        return claims[:COUNT_CAP].count()
    tickets = tickets_in(view, user).exclude(number__in=list(shown))
    if view.name == "due":
        return (tickets.filter(_due_before(top)) if top else tickets)[:COUNT_CAP].count()
    if top:
        same_moment = Q(last_activity_at=top.at, id__gt=top.id)
        tickets = tickets.filter(
            Q(last_activity_at__gt=top.at) | same_moment, last_activity_at__gte=top.at
        )
    return tickets[:COUNT_CAP].count()


def search(user: User, text: str) -> list[Row]:
    """The latest cases whose subject or contact's name holds `text`, or by e-mail address."""
    tickets = visible_tickets(user).filter(merged_into__isnull=True)
    if user.role == Role.HELPER:
        # A subject may come from a private conversation that a helper must not know of.
        private = Conversation.objects.filter(ticket=OuterRef("pk"), is_public=False)
        tickets = tickets.filter(~Exists(private))
    if "@" in text:
        # The address may be of another identity than the one that wrote on this case.
        found = Q(contact__identities__address=text.lower())
    else:
        found = Q(subject__icontains=text) | Q(contact__name__icontains=text)
    return ticket_rows(
        tickets.filter(found).distinct().order_by("-last_activity_at", "-id")[:PAGE_SIZE], user
    )


def _claims_page(user: User, after: Cursor | None) -> Page:
    claims = claims_for(user)
    if after:
        claims = claims.filter(Q(created_at__gt=after.at) | Q(created_at=after.at, id__gt=after.id))
    return _page(claim_rows(claims.order_by("created_at", "id")[: PAGE_SIZE + 1], user))


def _due_page(tickets: QuerySet[Ticket], user: User, after: Cursor | None) -> Page:
    if after:
        same_moment = Q(due_at=after.at, id__gt=after.id)
        tickets = tickets.filter(Q(due_at__gt=after.at) | same_moment, due_at__gte=after.at)
    rows = ticket_rows(tickets.order_by("due_at", "id")[: PAGE_SIZE + 1], user)
    return _page(rows, by_due=True)


def _due_before(place: Cursor) -> Q:
    return Q(due_at__lt=place.at) | Q(due_at=place.at, id__lt=place.id)


def _page(rows: list[Row], *, by_due: bool = False) -> Page:
    shown, rest = rows[:PAGE_SIZE], rows[PAGE_SIZE:]
    return Page(
        rows=shown,
        top=_cursor(shown[0], by_due) if shown else "",
        more=_cursor(shown[-1], by_due) if rest else "",
    )


def _cursor(row: Row, by_due: bool) -> str:
    at = row.due_at if by_due else None
    return str(Cursor(at or row.last_activity_at, row.claim_id or row.id))
