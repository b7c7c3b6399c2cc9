"""How many cases stand in each list, in one query for all of them.

Counts stop at a cap, because nobody reads the difference between 4,000 and 5,000.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from tickets.models import User

from .inbox import COUNT_CAP, View, claims_for, tickets_in

SQL = tuple[str, tuple[Any, ...]]


def counts(views: Sequence[View], user: User) -> dict[View, int]:
    """How many cases stand in each view, each at most one above the cap."""
    if not views:
        return {}
    sql, params = _counting(tuple(views), user.pk, user.role, user.is_active)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return dict(zip(views, cursor.fetchone(), strict=True))


@lru_cache(maxsize=2048)
def _counting(views: tuple[View, ...], pk: int, role: str, is_active: bool) -> SQL:
    """The query for a person. Writing it takes longer than running it, so it is kept.

    It may depend on nothing of the person but what is given here: whatever else decides what
    they see (their teams) the query itself asks of the database.
    """
    user = User(pk=pk, role=role, is_active=is_active)
    parts: list[str] = []
    params: list[Any] = []
    for place, view in enumerate(views):
        counted: QuerySet[Any] = (
            claims_for(user) if view.name == "claims" else tickets_in(view, user)
        )
        capped = counted.order_by().values("pk")[: COUNT_CAP + 1]
        try:
            sql, sql_params = capped.query.sql_with_params()
        except EmptyResultSet:  # a list that is not for this person
            parts.append("0")
            continue
        # Django itself wrote this SQL, and every value in it is a parameter.
        parts.append(f"(SELECT count(*) FROM ({sql}) AS v{place})")  # noqa: S608
        params.extend(sql_params)
    return f"SELECT {', '.join(parts)}", tuple(params)
