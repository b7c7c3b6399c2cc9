"""What the two main pages cost the server as the desk fills, against the bare SQL of the same."""

import argparse
import contextlib
import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.bench.desk import cookie_of, desk, people_and_door
from tests.bench.figures import print_table, spread
from tests.bench.filling import fill
from tickets.models import Conversation, Ticket, User
from tickets.queries import inbox as reads
from tickets.queries.inbox import View
from tickets.queries.sorting import Cursor

LONG: Final = 100  # messages of the long case
DEEP: Final = 20  # pages down the list
WARM: Final = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One page at one size, in milliseconds."""

    served: list[float]
    rendered: list[float]
    bare: list[float]
    queries: int


def main(arguments: Sequence[str]) -> None:
    """Fill the desk step by step and measure every page at each size; print as it goes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench pages", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 20_000, 100_000])
    parser.add_argument("--times", type=int, default=40, help="each page is asked for")
    chosen = parser.parse_args(arguments)
    ada = people_and_door()
    long_case = case_of_many_messages(ada)
    with desk(with_worker=False):
        for size in chosen.sizes:
            fill(size)
            show(size, ada, long_case, chosen.times)


def show(size: int, user: User, long_case: Ticket, times: int) -> None:
    head = (
        f"{size} cases, {times} times each",
        *("http best", "p50", "p99"),
        *("view best", "p50", "p99"),
        *("sql best", "p50", "p99"),
        "queries",
        "view/sql",
    )
    rows = []
    for name, path in pages(user, long_case).items():
        found = measure(path, user, times)
        ratio = min(found.rendered) / min(found.bare)
        cells = [*spread(found.served), *spread(found.rendered), *spread(found.bare)]
        rows.append([name, *cells, found.queries, f"{ratio:.1f}"])
    print_table("Milliseconds: over HTTP, in this process, and the same SQL alone", head, rows)


def pages(user: User, long_case: Ticket) -> dict[str, str]:
    case = f"/tickets/QM-{hyphened(long_case.number)}/"
    return {
        "all open": "/open/",
        f"all open, {DEEP} pages down": f"/open/?after={deep_cursor(user, DEEP)}",
        "unassigned": "/unassigned/",
        "one team": "/teams/mail/",
        "one channel": "/channels/form/",
        f"a case of {LONG} messages": case,
        "after a notice: one row": f"/pending/?only={long_case.number}",
        "after a notice: what is new": f"/open/?above={deep_cursor(user, 1)}",
        "after a notice: the rail": "/rail/?view=open",
        "search, two characters": f"/search/?q={quote('发票')}",
    }


def deep_cursor(user: User, pages: int) -> str:
    """Where the list goes on after so many pages, or after as many as there are."""
    more = ""
    for _page in range(pages):
        after = Cursor.parse(more) if more else None
        further = reads.page(View("open"), user, after).more
        if not further:
            break
        more = further
    return more


def hyphened(number: str) -> str:
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def measure(path: str, user: User, times: int) -> Measured:
    """Ask for a page over HTTP and in this process, and run its reads without anything else."""
    client = Client(headers={"host": f"{settings.HOST}:{settings.PORT}"})
    client.force_login(user)

    def render() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    with CaptureQueriesContext(connection) as captured:
        render()
    asked = [query["sql"] for query in captured]
    reading = [sql for sql in asked if sql.startswith("SELECT")]

    def read() -> None:
        with connection.cursor() as cursor:
            for sql in reading:
                cursor.execute(sql)
                cursor.fetchall()

    host = f"{settings.HOST}:{settings.PORT}"
    with contextlib.closing(http.client.HTTPConnection(host, timeout=60)) as wire:
        cookie = "=".join(cookie_of(user))

        def fetch() -> None:
            wire.request("GET", path, headers={"Cookie": cookie})
            answer = wire.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status)

        return Measured(timed(fetch, times), timed(render, times), timed(read, times), len(asked))


def timed(act: Callable[[], None], times: int) -> list[float]:
    """Do it some times more than is counted; return how many milliseconds each took."""
    found = []
    for _time in range(WARM + times):
        begun = time.perf_counter()
        act()
        found.append((time.perf_counter() - begun) * 1000)
    return found[WARM:]


def case_of_many_messages(agent: User) -> Ticket:
    """A case whose customer and agent have written in turn, half of the messages each."""
    now = timezone.now()
    case = factories.ticket(at=now, state="pending", waiting_since=None)
    talk = Conversation.objects.get(ticket=case)
    for number in range(1, LONG):
        text = f"{number}. 附件还是发不出去，提示 554，已经换了浏览器。Please have another look."
        if number % 2:
            factories.answer(talk, text, agent, at=now)
        else:
            factories.message(talk, text, at=now)
    return case
