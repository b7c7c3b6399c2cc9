"""How fast the door accepts: the webhook against views that do next to nothing."""

import concurrent.futures
import contextlib
import http.client
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from config.management.commands.up import web_words
from tests.bench.desk import HOOK, desk, signed
from tests.bench.figures import print_table, spread
from tests.config.desk import free_port
from tests.faults.processes import Process
from tests.waiting import wait_for

SENDERS: Final = 8
SECONDS: Final = 5.0
TEXT: Final = "你好，我的邮箱从昨天开始收不到验证码，网页一直转圈，请帮忙看一下。"


def compare_doors(rounds: int) -> None:
    """Let the same senders post the same to the hook and to two bare views, round by round."""
    rates: dict[str, list[float]] = {}
    times: dict[str, list[float]] = {}
    with desk(with_worker=False), bare_views() as port:
        doors = {
            "a bare view": (port, "/plain/"),
            "a view with one query": (port, "/asking/"),
            "the webhook": (settings.PORT, HOOK),
        }
        for place in range(rounds):
            for name, (at, path) in doors.items():
                took = knock(at, path, f"{name} {place}")
                rates.setdefault(name, []).append(len(took) / SECONDS)
                times.setdefault(name, []).extend(took)
    bare = statistics.median(rates["a bare view"])
    rows = []
    for name, found in rates.items():
        rate = statistics.median(found)
        rows.append([name, f"{rate:.0f}", f"{rate / bare:.2f}", *spread(times[name])])
    head = (
        f"{SENDERS} senders, {SECONDS:.0f} s a round",
        "a second",
        "ratio",
        "best",
        "p50",
        "p99",
    )
    print_table("Accepted by one web process, median of the rounds; milliseconds", head, rows)


@contextlib.contextmanager
def bare_views() -> Iterator[int]:
    """Serve the bare views in a process of their own, as the desk is served; yield the port."""
    port = free_port()
    words = [word for word in web_words() if not word.startswith("--port=")]
    words[words.index("config.asgi:application")] = "tests.bench.plain:application"
    log = Path(settings.VAR_DIR) / "plain.log"
    with Process(os.environ, log, *words, f"--port={port}"):
        wait_for(lambda: answers(port), f"bare views, see {log}", within=30)
        yield port


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), contextlib.closing(knocker(port)) as wire:
        wire.request("GET", "/plain/")
        return wire.getresponse().status == 202
    return False


def knock(port: int, path: str, name: str) -> list[float]:
    """Post signed messages from all senders until the time is up; return how long each took."""
    ready = threading.Barrier(SENDERS)
    with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
        working = [
            pool.submit(post_on, port, path, f"{name} {n}", ready.wait) for n in range(SENDERS)
        ]
        return [took for each in working for took in each.result()]


def post_on(port: int, path: str, name: str, ready: Callable[[], int]) -> list[float]:
    """Post over one kept connection. Raises RuntimeError where something is not accepted."""
    times: list[float] = []
    with contextlib.closing(knocker(port)) as wire:
        ready()
        until = time.perf_counter() + SECONDS
        while (begun := time.perf_counter()) < until:
            body, headers = signed(TEXT, key=f"{name} {len(times)}", sender=name)
            wire.request("POST", path, body, headers)
            answer = wire.getresponse()
            answer.read()
            if answer.status != 202:
                raise RuntimeError(f"{path} answered {answer.status}")
            times.append((time.perf_counter() - begun) * 1000)
    return times


def knocker(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(settings.HOST, port, timeout=30)
