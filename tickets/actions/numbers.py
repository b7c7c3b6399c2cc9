"""Issue case numbers: a keyed permutation of a PostgreSQL sequence."""

import secrets

from django.db import connection

from ..case_numbers import issue
from ..models import NumberSeries
from ..prepared import Prepared

_SERIES = Prepared(lambda: NumberSeries.objects.filter(pk=1))


def reserve(count: int = 1) -> list[str]:
    """Fresh case numbers (digits), never issued before, without waiting for other transactions.

    A number whose transaction is rolled back is simply not used again.
    """
    if count < 1:
        return []
    series = number_series()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_case_number') FROM generate_series(1, %s)", [count])
        positions = [row[0] for row in cursor.fetchall()]
    return [issue(position, key=bytes(series.key), digits=series.digits) for position in positions]


def number_series() -> NumberSeries:
    """The installation's series; its key is made on first use and never changes."""
    series = next(_SERIES.rows(), None)
    if series is None:
        fresh = NumberSeries(pk=1, key=secrets.token_bytes(32))
        NumberSeries.objects.bulk_create([fresh], ignore_conflicts=True)
        series = NumberSeries.objects.get(pk=1)
    return series
