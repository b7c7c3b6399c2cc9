"""In which order a list stands, and the places in it after which its pages begin.

Pages go by a cursor of (what it is sorted by, id): a deep page costs what the first one costs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from tickets.models import Priority, Ticket

from .rows import Row

Sort = Literal["activity", "waiting", "due", "newest", "oldest", "priority"]
SORTS: tuple[Sort, ...] = get_args(Sort)
_RANKS: Mapping[str, int] = {Priority.URGENT: 3, Priority.HIGH: 2, Priority.NORMAL: 1}
RANK = Case(
    *(When(priority=priority, then=Value(rank)) for priority, rank in _RANKS.items()),
    default=Value(0),
    output_field=IntegerField(),
)
_CURSOR = re.compile(r"(?:([0-3])\.)?([0-9]{1,18}|none)-([0-9]{1,20})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list; `at` is None among cases without what they are sorted by."""

    at: datetime | None
    id: int
    rank: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read a cursor out of an address. Raises ValueError on anything else."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError("not a cursor")
        rank = None if found[1] is None else int(found[1])
        at = None if found[2] == "none" else _moment(int(found[2]))
        return cls(at, min(int(found[3]), 2**63 - 1), rank)

    def __str__(self) -> str:
        rank = "" if self.rank is None else f"{self.rank}."
        if self.at is None:
            return f"{rank}none-{self.id}"
        whole = int(self.at.replace(microsecond=0).timestamp())
        return f"{rank}{whole * 1_000_000 + self.at.microsecond}-{self.id}"


@dataclass(frozen=True, slots=True)
class _Order:
    """By which column, and whether the latest come first; cases without it come last."""

    field: str
    is_falling: bool = False


_ORDERS: Mapping[Sort, _Order] = {
    "activity": _Order("last_activity_at", is_falling=True),
    "waiting": _Order("waiting_since"),
    "due": _Order("due_at"),
    "newest": _Order("created_at", is_falling=True),
    "oldest": _Order("created_at"),
    "priority": _Order("last_activity_at", is_falling=True),
}


def ordered(tickets: QuerySet[Ticket], sort: Sort) -> QuerySet[Ticket]:
    order = _ORDERS[sort]
    if order.is_falling:
        columns = [F(order.field).desc(), F("id").desc()]
    else:
        columns = [F(order.field).asc(), F("id").asc()]  # PostgreSQL puts those without it last
    ranked = [RANK.desc()] if sort == "priority" else []
    return tickets.order_by(*ranked, *columns)


def after(tickets: QuerySet[Ticket], sort: Sort, place: Cursor) -> QuerySet[Ticket]:
    """Those that stand behind a place. Raises ValueError for a place of another order."""
    return _side(tickets, sort, place, behind=True)


def before(tickets: QuerySet[Ticket], sort: Sort, place: Cursor) -> QuerySet[Ticket]:
    """Those that stand above a place. Raises ValueError for a place of another order."""
    return _side(tickets, sort, place, behind=False)


def place_of(row: Row, sort: Sort) -> Cursor:
    at: datetime | None
    match sort:
        case "waiting":
            at = row.waiting_since
        case "due":
            at = row.due_at
        case "newest" | "oldest":
            at = row.created_at
        case _:
            at = row.last_activity_at
    rank = _RANKS.get(row.priority, 0) if sort == "priority" else None
    return Cursor(at, row.claim_id or row.id, rank)


def _side(
    tickets: QuerySet[Ticket], sort: Sort, place: Cursor, *, behind: bool
) -> QuerySet[Ticket]:
    order = _ORDERS[sort]
    within = _beside(order, place, behind=behind)
    if sort != "priority":
        return tickets.filter(within)
    if place.rank is None:
        raise ValueError("not a place in this order")
    further = "lt" if behind else "gt"
    ranked = tickets.alias(rank=RANK)
    return ranked.filter(Q(**{f"rank__{further}": place.rank}) | Q(within, rank=place.rank))


def _beside(order: _Order, place: Cursor, *, behind: bool) -> Q:
    field, further = order.field, "lt" if order.is_falling is behind else "gt"
    if place.at is None:
        if order.is_falling:
            raise ValueError("not a place in this order")
        last = Q(**{f"{field}__isnull": True, f"id__{further}": place.id})
        return last if behind else Q(**{f"{field}__isnull": False}) | last
    beyond = Q(**{f"{field}__{further}": place.at})
    same = Q(**{field: place.at, f"id__{further}": place.id})
    if behind and not order.is_falling:
        return beyond | same | Q(**{f"{field}__isnull": True})
    # The third condition follows from the others; with it an index on the column serves.
    return (beyond | same) & Q(**{f"{field}__{further}e": place.at})


def _moment(micros: int) -> datetime:
    seconds, rest = divmod(micros, 1_000_000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError("not a cursor") from error
