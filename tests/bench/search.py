"""Search on a desk of many cases: rare words, common ones, people, numbers, while typing."""

import argparse
import time
from collections.abc import Callable
from typing import Final

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.bench.filling import fill
from tickets.access import visible_tickets
from tickets.actions.indexing import index_due
from tickets.models import User
from tickets.queries.search import Order, found

ASKED: Final = {
    "a rare word": "垃圾邮件退回 77000",
    "a common phrase": "附件上传失败",
    "a common word": "the",
    "two common words": "invoice missing",
    "while typing": "invo",
    "a company": "Company 123",
    "a person": "Customer 54321",
    "nothing": "彗星",
}
ROUNDS: Final = 9


def main(rest: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench search", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 100_000])
    for size in parser.parse_args(rest).sizes:
        fill(size)
        print(f"\n{size} cases; indexing {_indexed():.0f} messages and people a second")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        people = {"manager": _person("Mia"), "agent": _person("Agent1")}
        print(f"{'':24}{'who':10}{'order':12}{'found':>6}{'median ms':>11}{'queries':>9}")
        for name, text in ASKED.items():
            for who, user in people.items():
                for order in ("relevance", "time"):
                    _row(name, who, user, text, "time" if order == "time" else "relevance")


def _indexed() -> float:
    began, done = time.perf_counter(), 0
    while read := index_due(limit=500):
        done += read
    return done / (time.perf_counter() - began)


def _person(name: str) -> User:
    known = User.objects.filter(name=name).first()
    return known or (factories.mia() if name == "Mia" else factories.person(name))


def _row(name: str, who: str, user: User, text: str, order: Order) -> None:
    reset_queries()

    def ask() -> int:
        return len(found(visible_tickets(user), user, text, order=order).found)

    with CaptureQueriesContext(connection) as queries:
        count = ask()
    taken = sorted(_taken(ask) for _round in range(ROUNDS))[ROUNDS // 2]
    print(f"{name:24}{who:10}{order:12}{count:6}{taken * 1000:11.1f}{len(queries):9}", flush=True)


def _taken(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
