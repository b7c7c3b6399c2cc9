"""The inbox: which cases stand in a view, page by page, in the order that somebody chose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from tickets.access import visible_tickets
from tickets.filters import EVERYTHING, Filter
from tickets.models import ClaimState, Conversation, Role, State, Ticket, User
from tickets.models.together import Notification, NotificationKind
from tickets.preferences import Preferences

from . import sorting
from .filtering import narrowed
from .rows import Row, claim_rows, readable, ticket_rows
from .sorting import SORTS, Cursor, Sort
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
    "mentions",
    "away",
    "claims",
    "closed",
    "team",
    "channel",
    "all",
    "saved",
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
    "mentions",
    "away",
    "claims",
    "closed",
)
_OWN_SORT: Mapping[ViewName, Sort] = {"due": "due"}


@dataclass(frozen=True, slots=True)
class View:
    """One list of the desk; `slug` names the team or the channel where the list is about one.

    `filter` narrows it further; a saved view is nothing but its filter and the `sort` it was
    kept with, `slug` is its key, and `is_changed` while it is not as it was saved.
    """

    name: ViewName
    slug: str = ""
    filter: Filter = EVERYTHING
    sort: Sort | None = None
    is_changed: bool = False

    @property
    def base(self) -> "View":
        """Which list it is, whatever narrows it."""
        return View(self.name, self.slug)


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    top: str
    more: str


def tickets_in(view: View, user: User) -> QuerySet[Ticket]:
    """The cases of a view that `user` may see, unordered. The claims view lists their cases."""
    return within(view, user, visible_tickets(user))


def within(
    view: View, user: User, visible: QuerySet[Ticket], *, now: datetime | None = None
) -> QuerySet[Ticket]:
    """Those of the `visible` cases, or of a part of them, that stand in a view."""
    return narrowed(_standing(view, user, visible), user, view.filter, now=now)


def sort_of(view: View, user: User) -> Sort:
    """The order that `user` chose for this list, or else the one that it has by itself."""
    chosen = Preferences.read(user.preferences).sorts.get(key_of(view))
    known = next((sort for sort in SORTS if sort == chosen), None)
    return known or view.sort or _OWN_SORT.get(view.name, "activity")


def key_of(view: View) -> str:
    """Under which name the choice for a list is kept."""
    return f"{view.name}:{view.slug}" if view.slug else view.name


def claims_for(user: User) -> QuerySet[Conversation]:
    """The claims that wait to be decided, of every case that `user` may see."""
    claims = Conversation.objects.filter(claim=ClaimState.PENDING, ticket__in=visible_tickets(user))
    return readable(claims, user)


def claims_in(view: View, user: User) -> QuerySet[Conversation]:
    """The claims of the claims view, on those cases only that its filter leaves."""
    claims = claims_for(user)
    if not view.filter:
        return claims
    return claims.filter(ticket__in=narrowed(visible_tickets(user), user, view.filter))


def page(view: View, user: User, after: Cursor | None = None) -> Page:
    """One page of a view in its order; claims longest waiting first.

    Raises ValueError where `after` is no place in that order.
    """
    if view.name == "claims":
        return _claims_page(claims_in(view, user), user, after)
    tickets, sort = tickets_in(view, user), sort_of(view, user)
    if after:
        tickets = sorting.after(tickets, sort, after)
    return _page(ticket_rows(sorting.ordered(tickets, sort)[: PAGE_SIZE + 1], user), sort)


def rows(view: View, user: User, numbers: Iterable[str]) -> list[Row]:
    """The rows of those named cases that stand in `view`; of claims the longest waiting first."""
    named = list(numbers)
    if view.name == "claims":
        claims = claims_in(view, user).filter(ticket__number__in=named)
        return claim_rows(claims.order_by("created_at", "id"), user)
    return ticket_rows(tickets_in(view, user).filter(number__in=named), user)


def newer_than(
    view: View,
    user: User,
    top: Cursor | None,
    shown: Iterable[str],
    *,
    until: Cursor | None = None,
    is_whole: bool = False,
) -> int:
    """How many cases the list would show, and does not yet, capped.

    Those above `top`; where it is known up to where the list is shown (`until`), those above that;
    and any where the list `is_whole`. Raises ValueError for places of another order.
    """
    place = None if is_whole else until or top
    if view.name == "claims":
        claims = claims_in(view, user).exclude(ticket__number__in=list(shown))
        if place and place.at:
            # Longest waiting first: what comes in stands behind.
            later = Q(created_at__gt=place.at) | Q(created_at=place.at, id__gt=place.id)
            claims = claims.exclude(later) if until else claims.filter(later)
        return claims[:COUNT_CAP].count()
    tickets = tickets_in(view, user).exclude(number__in=list(shown))
    if place:
        tickets = sorting.before(tickets, sort_of(view, user), place)
    return tickets[:COUNT_CAP].count()


def _standing(view: View, user: User, visible: QuerySet[Ticket]) -> QuerySet[Ticket]:
    standing = visible.filter(merged_into__isnull=True)
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
        case "mentions":
            called = Notification.objects.filter(
                ticket=OuterRef("pk"), user=user, kind=NotificationKind.MENTION
            )
            return standing.filter(Exists(called)).exclude(state=State.CLOSED)
        case "team":
            return standing.filter(state=State.OPEN, team__slug=view.slug)
        case "channel":
            through = Conversation.objects.filter(ticket=OuterRef("pk"), channel__slug=view.slug)
            return standing.filter(Exists(through), state=State.OPEN)
        case "away" if user.role not in {Role.LEAD, Role.MANAGER}:
            return standing.filter(pk__lt=0)
        case "away":
            # Cases of people who are away: somebody else must look whether they can wait.
            still = Q(assignee__away_until__isnull=True) | Q(assignee__away_until__gt=Now())
            return standing.filter(still, state=State.OPEN, assignee__away_since__isnull=False)
        case "claims":
            claims = Conversation.objects.filter(ticket=OuterRef("pk"), claim=ClaimState.PENDING)
            return visible.filter(Exists(readable(claims, user)))
        case "all" | "saved":
            return standing


def _claims_page(claims: QuerySet[Conversation], user: User, after: Cursor | None) -> Page:
    if after and after.at:
        claims = claims.filter(Q(created_at__gt=after.at) | Q(created_at=after.at, id__gt=after.id))
    rows = claim_rows(claims.order_by("created_at", "id")[: PAGE_SIZE + 1], user)
    return _page(rows, "activity")


def _page(rows: list[Row], sort: Sort) -> Page:
    shown, rest = rows[:PAGE_SIZE], rows[PAGE_SIZE:]
    return Page(
        rows=shown,
        top=str(sorting.place_of(shown[0], sort)) if shown else "",
        more=str(sorting.place_of(shown[-1], sort)) if rest else "",
    )
