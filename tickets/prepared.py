"""Queries that Django writes once: for intake, writing one anew takes longer than its answer.

A `Given` stands in a queryset for a list of values that comes with each call:

    standing = Prepared(lambda: Ticket.objects.filter(pk__among=Given("ids")))
    for ticket in standing.rows(ids=[1, 2, 3]): ...
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, ForeignKey, Lookup, Model, QuerySet

M = TypeVar("M", bound=Model)


class Given(Expression):
    """A hole in a prepared query, to be filled with one value or a list."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


class Among(Lookup):
    """`= ANY(array)`: unlike `IN` it reads the same however many values there are."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        array, given = self.process_rhs(compiler, connection)
        return f"{column} = ANY({array})", (*params, *given)


Field.register_lookup(Among)
ForeignKey.register_lookup(Among)


class Prepared(Generic[M]):
    """A query of which only the values differ from call to call.

    `build` is asked once, on first use, because models are not ready when modules are read.
    """

    def __init__(self, build: "Callable[[], QuerySet[M, Any]]") -> None:
        self._build = build

    def values(self, *, at_most: int | None = None, **given: Any) -> list[tuple[Any, ...]]:
        """The rows of a `values_list` query, as the database gives them."""
        sql, params = self._written
        limit = "" if at_most is None else f" LIMIT {at_most:d}"
        with connection.cursor() as cursor:
            cursor.execute(sql + limit, _filled(params, given))
            return list(cursor.fetchall())

    def rows(self, **given: Any) -> Iterator[M]:
        """The rows of a plain query as instances of its model."""
        sql, params = self._written
        return iter(self._model._default_manager.raw(sql, _filled(params, given)))

    @cached_property
    def _model(self) -> type[M]:
        return self._build().model

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...]]:
        return self._build().query.sql_with_params()


def _filled(params: Iterable[Any], given: dict[str, Any]) -> list[Any]:
    return [_value(given[each.name]) if isinstance(each, Given) else each for each in params]


def _value(given: Any) -> Any:
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else given
