"""Narrow a list by a filter, in one query; see `tickets.filters` for the language."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils import timezone

from tickets.filters import KEYS, TEXT, Filter, Term
from tickets.models import Role, Ticket, User

from .conditions import MAKERS, Asked
from .search import matching

OPEN_FOR_HELPERS = frozenset(code for code, key in KEYS.items() if not key.is_private)
_NOTHING = Q(pk__lt=0)  # `none()` cannot be counted


def keys_for(user: User) -> frozenset[str]:
    """What somebody may filter by: a helper by nothing that only private conversations tell."""
    return OPEN_FOR_HELPERS if user.role == Role.HELPER else frozenset(KEYS)


def narrowed(
    tickets: QuerySet[Ticket], user: User, filter_: Filter, *, now: datetime | None = None
) -> QuerySet[Ticket]:
    """Those of `tickets` for which every condition holds, unordered, no more than were given.

    Nothing at all where a condition is about what `user` must not know.
    """
    now = now or timezone.now()
    for key, terms in filter_.by_key():
        if key == TEXT:
            tickets = _with_words(tickets, user, terms)
        elif key not in keys_for(user):
            return tickets.filter(_NOTHING)
        else:
            tickets = tickets.filter(_condition(terms, Asked(user, now, tickets)))
    return tickets


def _condition(terms: list[Term], asked: Asked) -> Q:
    """Any of those that are wanted, and none of those that are not."""
    make = MAKERS[terms[0].key]
    wanted = [make(asked, each.value) for each in terms if not each.is_negated]
    condition = reduce(or_, wanted) if wanted else Q()
    for each in terms:
        if each.is_negated:
            condition &= ~make(asked, each.value)
    return condition


def _with_words(tickets: QuerySet[Ticket], user: User, terms: list[Term]) -> QuerySet[Ticket]:
    for each in terms:
        found = matching(tickets, user, each.value)
        tickets = tickets.exclude(pk__in=found.values("pk")) if each.is_negated else found
    return tickets
