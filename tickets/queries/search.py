"""Search: the cases that hold what somebody asks for, and where in them it stands.

Who asks is part of the question: what somebody may not read, they do not find either. Words are
kept by workers a moment after something was said or moved, see `actions.indexing`; what of them is
shown, and to whom, is always asked of the present.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from tickets.access import visible_tickets
from tickets.case_numbers import parse_one, read
from tickets.models import Alias, Ticket, User
from tickets.searching import Question, ask

from .hits import Hit, hits
from .rows import Row, ticket_rows
from .words import Asked, rank, readable_words

PAGE_SIZE = 50
MOST_RANKED = 200  # of the latest cases; whoever needs more asks for something narrower

Order = Literal["relevance", "time"]


@dataclass(frozen=True, slots=True)
class Found:
    """A case that was found, and where."""

    row: Row
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Page:
    """What was found; `more` is the cursor of the rest."""

    found: list[Found]
    more: str


def number_in(text: str) -> str | None:
    """The one case number that a search box holds, in any writing."""
    return parse_one(text, prefix=settings.CASE_NUMBER_PREFIX)


def numbers_in(text: str) -> list[str]:
    """Every case number that a text may mean, weak ones too."""
    long_form = settings.CASE_NUMBER_LONG_FORM
    found = read(text, prefix=settings.CASE_NUMBER_PREFIX, long_form=long_form).found
    alone = number_in(text)
    return list(dict.fromkeys([*([alone] if alone else []), *(each.number for each in found)]))


def matching(tickets: QuerySet[Ticket], user: User, text: str) -> QuerySet[Ticket]:
    """Those of the visible `tickets` that hold all that `text` asks for, somewhere that `user` may
    read, and those whose number it says. Text without any words finds nothing.
    """
    question = ask(text)
    if not question.terms:
        return tickets.none()
    every = Q()
    for term in question.terms:
        every &= Q(
            Exists(readable_words(user).filter(case=OuterRef("pk"), words=Asked(term.asked)))
        )
    if numbers := numbers_in(text):
        aliases = Alias.objects.filter(number__in=numbers)
        standing = Coalesce("ticket__merged_into__merged_into", "ticket__merged_into", "ticket")
        every |= Q(pk__in=aliases.annotate(case=standing).values("case"))
    return tickets.filter(every)


def found(
    tickets: QuerySet[Ticket],
    user: User,
    text: str,
    *,
    order: Order = "relevance",
    after: str = "",
) -> Page:
    """One page of those of the visible `tickets` that hold `text`. Raises ValueError: no cursor."""
    question = ask(text)
    those = matching(tickets, user, text)
    if order == "time":
        ids, more = _by_time(those, after)
    else:
        ids, more = _by_relevance(those, user, question, after)
    rows = {row.id: row for row in ticket_rows(Ticket.objects.filter(pk__in=ids), user)}
    shown = [rows[pk] for pk in ids if pk in rows]
    places = hits(shown, user, question)
    return Page([Found(row, places.get(row.id, ())) for row in shown], more)


def quick(user: User, text: str, *, most: int = 6) -> list[Row]:
    """The latest cases that hold what somebody is typing."""
    standing = visible_tickets(user).filter(merged_into__isnull=True)
    latest = matching(standing, user, text).order_by("-last_activity_at", "-id")[:most]
    return ticket_rows(latest, user)


def latest_rows(user: User, ids: Sequence[int]) -> list[Row]:
    """Those of the cases that `user` may see, in the given order."""
    standing = visible_tickets(user).filter(merged_into__isnull=True, pk__in=ids)
    return sorted(ticket_rows(standing, user), key=lambda row: ids.index(row.id))


def _by_time(those: QuerySet[Ticket], after: str) -> tuple[list[int], str]:
    if after:
        at, pk = _moment(after)
        same = Q(last_activity_at=at, id__lt=pk)
        those = those.filter(Q(last_activity_at__lt=at) | same)
    latest = those.order_by("-last_activity_at", "-id").values_list("last_activity_at", "id")
    shown = list(latest[: PAGE_SIZE + 1])
    last, pk = shown[PAGE_SIZE - 1] if len(shown) > PAGE_SIZE else (None, 0)
    return [pk for _at, pk in shown[:PAGE_SIZE]], f"{last.isoformat()}~{pk}" if last else ""


def _moment(after: str) -> tuple[datetime, int]:
    """Read the cursor of a page by time. Raises ValueError."""
    at, _between, pk = after.partition("~")
    read = datetime.fromisoformat(at)
    if read.tzinfo is None or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise ValueError("not a cursor")
    return read, int(pk)


def _by_relevance(
    those: QuerySet[Ticket], user: User, question: Question, after: str
) -> tuple[list[int], str]:
    """The latest cases, those first in which the words weigh most; equal ones by time."""
    latest = those.order_by("-last_activity_at", "-id").values_list("id", "last_activity_at")
    times: dict[int, datetime] = dict(latest[:MOST_RANKED])
    said = readable_words(user).filter(case__in=list(times))
    weights = said.values("case").annotate(weight=Max(rank(question)))
    weight = {each["case"]: round(float(each["weight"]), 6) for each in weights}
    ordered = sorted(times, key=lambda pk: (-weight.get(pk, 1.0), _reversed(times[pk]), -pk))
    first = _place(after, ordered)
    more = str(ordered[first + PAGE_SIZE - 1]) if first + PAGE_SIZE < len(ordered) else ""
    return ordered[first : first + PAGE_SIZE], more


def _place(after: str, ordered: Sequence[int]) -> int:
    """Where a page begins: after that case, or at the top where it is not found any more."""
    if not after:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise ValueError("not a cursor")
    return ordered.index(int(after)) + 1 if int(after) in ordered else 0


def _reversed(at: datetime) -> float:
    return -at.timestamp()
