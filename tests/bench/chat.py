"""The live chat over real processes: a message to the agent, the answer to the visitor's window."""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, Final

import requests
from django.conf import settings
from django.utils import timezone
from websockets.sync.client import ClientConnection, connect

from channels_ingest import api
from tests.bench.desk import cookie_of, desk, people_and_door
from tests.bench.figures import print_table, spread
from tests.channels_ingest.chatting import BOUNCE
from tests.tickets import articles
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import Conversation, User

PATIENCE: Final = 15.0  # seconds
_serial = count(1)


def main(arguments: Sequence[str]) -> None:
    """Talk for a while, then print how long each way took."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench chat", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="messages each way")
    rounds = parser.parse_args(arguments).count
    ada = people_and_door()
    articles.starters()
    for slug, machine in (("chat", "no"), ("machine", "yes")):
        values = {"bot": machine}
        api.create_channel(kind="chat", slug=slug, values=values, now=timezone.now())
    with desk(with_worker=True):
        there, back = talk(ada, rounds)
        first = [first_answer() for _ in range(min(rounds, 30))][3:]  # it must be awake
    rows = [
        ["message, to a notice on the agent's socket", rounds, *spread(there)],
        ["answer, to its text in the visitor's window", rounds, *spread(back)],
        ["message, to the machine's answer in the window", len(first), *spread(first)],
    ]
    print_table("milliseconds", ("", "of", "best", "p50", "p99"), rows)


def talk(ada: User, rounds: int) -> tuple[list[float], list[float]]:
    """One conversation, one message after the other, each way; the first of each is not counted."""
    visitor = Visitor("chat")
    name, value = cookie_of(ada)
    headers = {"Cookie": f"{name}={value}", "Origin": address()}
    there, back = [], []
    with (
        connect(f"ws://{host()}/ws/desk/", additional_headers=headers) as agent,
        visitor.socket() as window,
    ):
        agent.send(json.dumps({"type": "hello", "ticket": "", "version": 0}))
        heard(agent, lambda told: told["type"] == "ready")
        for _round in range(rounds + 1):
            begun = time.perf_counter()
            visitor.says("It still does not work.")
            heard(agent, lambda told: told["type"] == "ticket")
            there.append((time.perf_counter() - begun) * 1000)
            text = f"answer {next(_serial)}"
            begun = time.perf_counter()
            conversation = Conversation.objects.latest("pk")
            reply(conversation=conversation, text=text, by=Actor.of(ada), now=timezone.now())
            visitor.waits_for(window, partial(_holds, text))
            back.append((time.perf_counter() - begun) * 1000)
            quiet(agent)
    return there[1:], back[1:]


def first_answer() -> float:
    """Milliseconds until somebody new has an article on the screen."""
    visitor = Visitor("machine")
    with visitor.socket() as window:
        begun = time.perf_counter()
        visitor.says(BOUNCE)
        visitor.waits_for(window, lambda texts: len(texts) > 1)
        return (time.perf_counter() - begun) * 1000


class Visitor:
    """A window as its script works: the socket hints, and what is new is fetched."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.http = requests.Session()
        self.http.headers["Anhao-Chat"] = self._post("session/", {})["token"]

    def socket(self) -> ClientConnection:
        window = connect(f"ws://{host()}/ws/chat/", additional_headers={"Origin": address()})
        token = self.http.headers["Anhao-Chat"]
        window.send(json.dumps({"type": "hello", "channel": self.slug, "token": token}))
        heard(window, lambda told: told["type"] == "ready")
        return window

    def says(self, text: str) -> None:
        self._post("messages/", {"id": f"bench-{next(_serial):08d}", "text": text})

    def waits_for(self, window: ClientConnection, enough: Callable[[list[str]], bool]) -> None:
        while True:
            heard(window, lambda told: told["type"] == "changed")
            if enough(self.texts()):
                return

    def texts(self) -> list[str]:
        shown = self.http.get(self._address("messages/"), timeout=PATIENCE).json()
        return [each["text"] for each in shown["entries"]]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(self._address(path), json=body, timeout=PATIENCE)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def _address(self, path: str) -> str:
        return f"{address()}/support/chat/{self.slug}/{path}"


def _holds(text: str, texts: list[str]) -> bool:
    return text in texts


def heard(socket: ClientConnection, fits: Callable[[dict[str, Any]], bool]) -> None:
    """Listen until something that fits is told."""
    while not fits(json.loads(socket.recv(timeout=PATIENCE))):
        pass


def quiet(socket: ClientConnection) -> None:
    """Pass over what is still told of the last round: deliveries raise the version too."""
    try:
        while True:
            socket.recv(timeout=0.3)
    except TimeoutError:
        return


def host() -> str:
    return f"{settings.HOST}:{settings.PORT}"


def address() -> str:
    return f"http://{host()}"
