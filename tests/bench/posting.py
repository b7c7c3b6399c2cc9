"""Post signed messages at an even pace and find out what became of each."""

import concurrent.futures
import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection

from channels_ingest.models import Envelope
from tests.bench.desk import HOOK, signed
from tests.waiting import wait_for
from tickets.models import Message

PER_SECOND: Final = 5
SETTLE: Final = 15.0  # seconds within which the last message must have become visible


@dataclass(slots=True)
class Posted:
    """One message: when its 202 came, and which case and version it became."""

    key: str
    accepted: float
    number: str = ""
    version: int = 0
    begun: float = 0.0


def post_all(name: str, senders: Sequence[str]) -> list[Posted]:
    """Post one message from each sender at an even pace; return them once all are on cases."""
    # In a thread: Playwright leaves an event loop in its own, where Django refuses to query.
    with concurrent.futures.ThreadPoolExecutor(1) as aside:
        return aside.submit(_post_all, name, senders).result()


def _post_all(name: str, senders: Sequence[str]) -> list[Posted]:
    begun = time.monotonic()
    pause = threading.Event()
    # As long as a message takes at most; the pace must not wait for an answer.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waiting = []
        for place, sender in enumerate(senders):
            pause.wait(max(0.0, begun + place / PER_SECOND - time.monotonic()))
            waiting.append(pool.submit(post, f"{name} {place}", sender))
        posted = [each.result() for each in waiting]
    wait_for(lambda: landed(name) == len(posted), f"all of {name} landed", within=SETTLE)
    look_up(name, posted)
    return posted


def post(key: str, sender: str) -> Posted:
    """Post one message and note when it was accepted. Raises RuntimeError where it was not."""
    body, headers = signed("It still does not work.", key=key, sender=sender)
    wire = http.client.HTTPConnection(settings.HOST, settings.PORT, timeout=10)
    try:
        wire.request("POST", HOOK, body, headers)
        answer = wire.getresponse()
        accepted = time.time()
        answer.read()
    finally:
        wire.close()
    if answer.status != 202:
        raise RuntimeError(f"answered {answer.status} instead of 202")
    return Posted(key, accepted)


def landed(name: str) -> int:
    return Message.objects.filter(external_id__startswith=f"{name} ").count()


def look_up(name: str, posted: list[Posted]) -> None:
    """Add what became of each message."""
    mine = Message.objects.filter(external_id__startswith=f"{name} ")
    rows = mine.values_list("external_id", "conversation__ticket__number", "version")
    became = {key: (number, version) for key, number, version in rows}
    read = Envelope.objects.filter(key__startswith=f"{name} ").values_list("key", "processed_at")
    begun = dict(read)
    for each in posted:
        each.number, each.version = became[each.key]
        at = begun[each.key]
        assert isinstance(at, datetime)
        each.begun = at.timestamp()
    connection.close()
