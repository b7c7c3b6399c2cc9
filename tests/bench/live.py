"""From webhook accepted to visible: over a plain socket, and in an inbox open in Chromium."""

import argparse
import contextlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as NotSeen
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.bench import effort
from tests.bench.desk import cookie_of, desk, people_and_door
from tests.bench.figures import print_table, spread
from tests.bench.posting import PER_SECOND, SETTLE, Posted, post_all

CASES: Final = 10  # that replies go to, all on the first page of the list
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")

# Notes when the button above the list counts more cases, and when a row shows a newer version.
WATCH: Final = """() => {
  window.seenNews = []; window.seenRows = [];
  let news = 0; const versions = {};
  const look = () => {
    const at = Date.now();
    const told = document.querySelector("#list-new .list-new span")?.textContent.match(/\\d+/);
    if (told && Number(told[0]) > news) window.seenNews.push([at, news = Number(told[0])]);
    for (const row of document.querySelectorAll("#rows .tk")) {
      const { number, version } = row.dataset;
      if (versions[number] !== version) window.seenRows.push([at, number, Number(version)]);
      versions[number] = version;
    }
  };
  look();
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(look).observe(document.querySelector("[data-list]"), everything);
}"""
ALL_NEWS: Final = "count => window.seenNews.some(([, told]) => told >= count)"
ALL_ROWS: Final = """wanted => Object.entries(wanted).every(([number, version]) =>
  window.seenRows.some(([, shown, newer]) => shown === number && newer >= version))"""


@dataclass(slots=True)
class Stretch:
    """How long after their 202 the messages of one run got somewhere, in milliseconds."""

    name: str
    posted: int
    worker: list[float] = field(default_factory=list)
    socket: list[float] = field(default_factory=list)
    screen: list[float] = field(default_factory=list)
    effort: dict[str, float] = field(default_factory=dict)


Notice = tuple[float, str, int]


def main(arguments: Sequence[str]) -> None:
    """Measure with a socket alone, then with a browser beside it; print both."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench live", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="messages of each run")
    count = max(CASES, parser.parse_args(arguments).count)
    cookie = cookie_of(people_and_door())
    with desk(with_worker=True):
        post_all("warm", ["warm"] * CASES)
        runs = list(measure("socket alone", count, cookie, None))
        with inbox(cookie) as page:
            runs += measure("beside Chromium", count, cookie, page)
    head = ("milliseconds after the 202", "of", "seen", "best", "p50", "p99")
    rows = [row for run in runs for row in rows_of(run, with_screen=run in runs[2:])]
    print_table(f"{PER_SECOND} messages a second, {count} of each", head, rows)
    efforts = [[run.name, *(f"{used / count:.0f}" for used in run.effort.values())] for run in runs]
    print_table("Processor milliseconds a message", ("", *runs[0].effort), efforts)


def rows_of(run: Stretch, *, with_screen: bool) -> Iterator[list[object]]:
    stops = [("worker begins", run.worker), ("notice on a socket", run.socket)]
    stops += [("visible in the list", run.screen)] if with_screen else []
    for stop, times in stops:
        yield [f"{run.name}: {stop}", run.posted, len(times), *spread(times)]


def measure(
    where: str, count: int, cookie: tuple[str, str], page: Page | None
) -> Iterator[Stretch]:
    """Post replies to cases on the list, then new cases, and see when each shows."""
    mark = "screen" if page else "socket"
    openers = [f"{mark} customer {n}" for n in range(CASES)]
    post_all(f"{mark}-open", openers)
    replies = [openers[n % CASES] for n in range(count)]
    strangers = [f"{mark} stranger {n}" for n in range(count)]
    for what, senders, seen in (
        ("reply", replies, rows_seen),
        ("new case", strangers, news_seen),
    ):
        if page:
            open_inbox(page)
        with listening(cookie) as notices:
            before = effort.used()
            posted = post_all(f"{mark}-{what}", senders)
            run = Stretch(f"{what}, {where}", len(posted))
            run.worker = [(each.begun - each.accepted) * 1000 for each in posted]
            run.socket = delays(posted, lambda: notices, patience=SETTLE)
            run.screen = seen(page, posted) if page else []
            run.effort = {part: ms - before[part] for part, ms in effort.used().items()}
        yield run


# Hearing


@contextlib.contextmanager
def listening(cookie: tuple[str, str]) -> Iterator[list[Notice]]:
    """Follow the desk's socket as a page does; the list grows by a notice as each comes."""
    address = f"{settings.HOST}:{settings.PORT}"
    headers = {"Cookie": "=".join(cookie), "Origin": f"http://{address}"}
    notices: list[Notice] = []
    with connect(f"ws://{address}/ws/desk/", additional_headers=headers) as socket:
        socket.send(json.dumps({"type": "hello", "ticket": "", "version": 0}))
        while json.loads(socket.recv(timeout=10))["type"] != "ready":
            pass
        listener = threading.Thread(target=listen, args=(socket, notices))
        listener.start()
        try:
            yield notices
        finally:
            socket.close()
            listener.join()


def listen(socket: ClientConnection, notices: list[Notice]) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            told = json.loads(socket.recv())
            if told["type"] == "ticket":
                notices.append((time.time(), told["ticket"], told["version"]))


def delays(
    posted: Sequence[Posted], heard: Callable[[], Sequence[Notice]], *, patience: float = 0.0
) -> list[float]:
    """Milliseconds from each 202 to the first notice that has the message in it."""
    until = time.monotonic() + patience
    pause = threading.Event()
    while True:
        notices = list(heard())
        firsts = [first_notice(each, notices) for each in posted]
        if None not in firsts or time.monotonic() > until:
            break
        pause.wait(0.05)
    both = zip(posted, firsts, strict=True)
    return [(at - each.accepted) * 1000 for each, at in both if at is not None]


def first_notice(posted: Posted, notices: Sequence[Notice]) -> float | None:
    told = (at for at, number, v in notices if number == posted.number and v >= posted.version)
    return next(told, None)


# Seeing


@contextlib.contextmanager
def inbox(cookie: tuple[str, str]) -> Iterator[Page]:
    """A Chromium in which the agent is signed in."""
    name, value = cookie
    path = next((found for found in map(shutil.which, BROWSERS) if found), None)
    with sync_playwright() as playwright:
        # Without its sandbox, because it refuses to have one as root in a container.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": address()}])
        yield context.new_page()
        browser.close()


def address() -> str:
    return f"http://{settings.HOST}:{settings.PORT}"


def open_inbox(page: Page) -> None:
    """Open the list of all open cases, wait until it is live, and watch it from then on."""
    page.goto(f"{address()}/open/")
    page.wait_for_selector("#connection[data-state=on]")
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH)


def rows_seen(page: Page, posted: Sequence[Posted]) -> list[float]:
    """Delays until the row of each message's case showed its version."""
    wanted = {each.number: 0 for each in posted}
    for each in posted:
        wanted[each.number] = max(wanted[each.number], each.version)
    wait_for_page(page, ALL_ROWS, wanted)
    rows: list[tuple[float, str, int]] = page.evaluate("window.seenRows")
    shown = [(at / 1000, number, version) for at, number, version in rows]
    return delays(posted, lambda: shown)


def news_seen(page: Page, posted: Sequence[Posted]) -> list[float]:
    """Delays until the button above the list counted as many new cases as were accepted."""
    ordered = sorted(posted, key=lambda each: each.accepted)
    wait_for_page(page, ALL_NEWS, len(ordered))
    told: list[tuple[float, int]] = page.evaluate("window.seenNews")
    found = []
    for count, each in enumerate(ordered, start=1):
        first = next((at / 1000 for at, counted in told if counted >= count), None)
        if first is not None:
            found.append((first - each.accepted) * 1000)
    return found


def wait_for_page(page: Page, script: str, wanted: Any) -> None:
    """Wait until all is on screen; what never came is missing from the count of seen."""
    with contextlib.suppress(NotSeen):
        page.wait_for_function(script, arg=wanted, timeout=SETTLE * 1000)
