"""The socket of a chat window: hints in time, typing both ways, nothing for strangers."""

import asyncio
import json
from typing import Any, Self

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async

from channels_ingest.web.chat import consumers
from channels_ingest.web.chat.consumers import (
    LARGEST_MESSAGE,
    MOST_FRAMES,
    NOT_ALLOWED,
    NOT_UNDERSTOOD,
    TOO_MUCH,
)
from config.asgi import application
from tests import factories
from tests.channels_ingest.chatting import Visitor, answers, chat_channel, work
from tests.channels_ingest.doors import drain
from tests.dashboard.conftest import Desk
from tests.dashboard.test_live import Socket as DeskSocket
from tests.own_cache import empty_cache
from tickets.models import Conversation, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = database_sync_to_async


class Window:
    """A visitor's socket."""

    def __init__(self, origin: bytes = b"http://testserver") -> None:
        scope = {
            "type": "websocket",
            "path": "/ws/chat/",
            "headers": [(b"origin", origin)],
            "subprotocols": [],
        }
        communicator: Any = ApplicationCommunicator  # comes without types
        self.wire = communicator(application, scope)

    async def connect(self) -> dict[str, Any]:
        await self.wire.send_input({"type": "websocket.connect"})
        return await self._output()

    async def __aenter__(self) -> Self:
        assert (await self.connect())["type"] == "websocket.accept"
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(timeout=5)

    async def say(self, **frame: Any) -> None:
        await self.wire.send_input({"type": "websocket.receive", "text": json.dumps(frame)})

    async def hello(self, visitor: Visitor) -> None:
        await self.say(type="hello", channel=visitor.slug, token=visitor.token)
        assert await self.next() == {"type": "ready"}

    async def next(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((await self._output())["text"])
        return told

    async def refusal(self) -> int:
        told = await self._output()
        assert told["type"] == "websocket.close"
        return int(told["code"])

    async def is_quiet(self) -> bool:
        quiet: bool = await self.wire.receive_nothing(timeout=0.2)
        return quiet

    async def _output(self) -> dict[str, Any]:
        output: dict[str, Any] = await self.wire.receive_output(timeout=5)
        return output


@pytest.fixture
def visitor() -> Visitor:
    empty_cache()
    chat_channel(bot="no")
    visitor = Visitor()
    visitor.talks("My mail comes back.")
    return visitor


def mia_answers() -> None:
    answers(factories.mia(), "Good day")


def play(scene: Any) -> None:
    asyncio.run(scene())


def test_window_is_told_of_an_answer_and_of_its_delivery(visitor: Visitor) -> None:
    async def scene() -> None:
        async with Window() as window:
            await window.hello(visitor)
            await in_thread(mia_answers)()
            told = [await window.next() for _ in range(2)]

        shown = await in_thread(visitor.looks)()
        assert [each["type"] for each in told] == ["changed", "changed"]
        assert set(told[0]) == {"type", "version"}
        assert shown["entries"][-1]["text"] == "Good day"

    play(scene)


def test_first_message_is_told_to_the_window_that_sent_it(visitor: Visitor) -> None:
    newcomer = Visitor()
    newcomer.opens()

    async def scene() -> None:
        async with Window() as window:
            await window.hello(newcomer)
            await in_thread(newcomer.says)("Something else")
            await in_thread(drain)()
            assert (await window.next())["type"] == "changed"

    play(scene)


def test_nobody_is_told_of_anothers_conversation(visitor: Visitor) -> None:
    stranger = Visitor()
    stranger.opens()

    async def scene() -> None:
        async with Window() as window:
            await window.hello(stranger)
            await in_thread(mia_answers)()
            assert await window.is_quiet()

    play(scene)


def test_who_only_quotes_a_number_is_told_nothing_of_its_case(visitor: Visitor) -> None:
    number = Ticket.objects.get().number
    claimer = Visitor()
    claimer.talks(f"QM-{number[:4]}-{number[4:8]}-{number[8:]}")
    assert Conversation.objects.filter(claim="pending").exists()

    async def scene() -> None:
        async with Window() as window:
            await window.hello(claimer)
            await in_thread(work)()
            assert await window.is_quiet()

    play(scene)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "hello", "channel": "chat", "token": "nonsense"}, NOT_ALLOWED),
        ({"type": "hello", "channel": "none", "token": "nonsense"}, NOT_ALLOWED),
        ({"type": "typing"}, NOT_UNDERSTOOD),
        ({"type": "poke"}, NOT_UNDERSTOOD),
        ({"type": "hello", "channel": "chat", "token": "x" * LARGEST_MESSAGE}, NOT_UNDERSTOOD),
    ],
)
def test_stranger_and_nonsense_are_shown_the_door(
    visitor: Visitor, frame: dict[str, str], code: int
) -> None:
    async def scene() -> None:
        async with Window() as window:
            await window.say(**frame)
            assert await window.refusal() == code

    play(scene)


def test_flood_of_frames_ends_the_line(visitor: Visitor) -> None:
    async def scene() -> None:
        async with Window() as window:
            await window.hello(visitor)
            for _ in range(MOST_FRAMES):
                await window.say(type="beat")
            assert await window.refusal() == TOO_MUCH

    play(scene)


def test_page_of_another_site_gets_no_socket(visitor: Visitor) -> None:
    async def scene() -> None:
        refused = await Window(origin=b"https://evil.example").connect()
        assert refused["type"] == "websocket.close"

    play(scene)


def test_line_beats_so_that_no_proxy_ends_it(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Twenty seconds would be waited for otherwise.
    monkeypatch.setattr(consumers, "BEAT", 0.05)

    async def scene() -> None:
        async with Window() as window:
            await window.hello(visitor)
            assert await window.next() == {"type": "beat"}

    play(scene)


def test_who_says_nothing_holds_no_line(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    # Twenty seconds would be waited for otherwise.
    monkeypatch.setattr(consumers, "HELLO_WITHIN", 0.05)

    async def scene() -> None:
        async with Window() as window:
            assert await window.refusal() == NOT_ALLOWED

    play(scene)


def test_typing_and_looking_are_seen_on_the_other_side(visitor: Visitor) -> None:
    ticket, conversation = Ticket.objects.get(), Conversation.objects.get()
    ada = Desk()
    ada.force_login(factories.mia())

    async def scene() -> None:
        async with Window() as window, DeskSocket(ada) as desk:
            await window.hello(visitor)
            await desk.hello(ticket, ticket.version)
            assert await window.next() == {"type": "seen"}
            await window.say(type="typing")
            assert await desk.next() == {"type": "typing", "ticket": ticket.number}
            await desk.say(json.dumps({"type": "typing", "conversation": conversation.pk}))
            assert await window.next() == {"type": "typing"}
            await desk.say(json.dumps({"type": "typing", "conversation": "x"}))
            await desk.say(json.dumps({"type": "typing", "conversation": conversation.pk + 99}))
            assert await window.is_quiet()

    play(scene)
    assert visitor.looks()["entries"][0]["state"] == "read"
