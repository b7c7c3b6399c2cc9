"""Notices of changes: who gets them, what they carry, and that none falls into a gap."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings as django_settings
from pytest_django import Settings

from config import settings as real_settings
from config.asgi import application
from dashboard.consumers import LARGEST_MESSAGE, NOT_ALLOWED, NOT_UNDERSTOOD
from tests import factories
from tests.dashboard.conftest import Desk
from tickets.actions import assignment, lifecycle, notes
from tickets.actor import Actor
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db(transaction=True)
SITE = b"http://testserver"
in_thread = database_sync_to_async


@pytest.fixture(autouse=True)
def real_layer(settings: Settings) -> None:
    """Notices go through Redis, as they do between processes."""
    settings.CHANNEL_LAYERS = real_settings.CHANNEL_LAYERS


class Socket:
    """A page's socket, opened with the cookies of a real sign-in."""

    def __init__(self, desk: Desk | None, origin: bytes = SITE) -> None:
        cookies = desk.cookies.output(attrs=[], header="", sep=";") if desk else ""
        scope = {
            "type": "websocket",
            "path": "/ws/desk/",
            "headers": [(b"origin", origin), (b"cookie", cookies.strip().encode())],
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

    async def say(self, text: str) -> None:
        await self.wire.send_input({"type": "websocket.receive", "text": text})

    async def hello(self, ticket: Ticket | None = None, version: int = 0) -> list[dict[str, Any]]:
        """Say what the page shows; the answer is everything up to "ready"."""
        await self.introduce(ticket, version)
        told: list[dict[str, Any]] = []
        while not told or told[-1]["type"] != "ready":
            told.append(await self.next())
        return told[:-1]

    async def introduce(self, ticket: Ticket | None, version: int) -> None:
        number = ticket.number if ticket else ""
        await self.say(json.dumps({"type": "hello", "ticket": number, "version": version}))

    async def next(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((await self._output())["text"])
        return told

    async def refusal(self) -> int:
        told = await self._output()
        assert told["type"] == "websocket.close"
        return int(told["code"])

    async def _output(self) -> dict[str, Any]:
        told: dict[str, Any] = await self.wire.receive_output(timeout=5)
        return told


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]  # every story is a coroutine function


def tag(ticket: Ticket, by: User, word: str = "x") -> Ticket:
    return lifecycle.tag(ticket=ticket, tag=word, by=Actor.of(by), now=factories.NOW)


def test_change_by_somebody_else_reaches_the_page_with_number_and_version_only(
    desk: Desk,
) -> None:
    case, lea = factories.ticket(), factories.lea()

    async def story() -> None:
        async with Socket(desk) as page:
            assert await page.hello(case, 1) == []
            await in_thread(tag)(case, lea)
            told = await page.next()
            assert told == {"type": "ticket", "ticket": case.number, "version": 2}

    run(story)


def test_page_that_was_late_is_told_at_once(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    tag(case, ada)

    async def story() -> None:
        async with Socket(desk) as page:
            told = await page.hello(case, 1)
            assert told == [{"type": "ticket", "ticket": case.number, "version": 2}]

    run(story)


def test_case_that_is_not_open_is_told_to_the_lists_of_its_team(desk: Desk) -> None:
    case, lea = factories.ticket(), factories.lea()

    async def story() -> None:
        async with Socket(desk) as page:
            await page.hello()
            await in_thread(tag)(case, lea)
            assert (await page.next())["ticket"] == case.number

    run(story)


def test_team_that_loses_a_case_is_told_to_let_go_of_it(desk: Desk) -> None:
    case, mia = factories.ticket(), factories.mia()
    billing = factories.team("Billing")
    tag(case, mia)

    def give_away() -> None:
        by = Actor.of(mia)
        assignment.move_to_team(ticket=case, team=billing, by=by, now=factories.NOW)

    async def story() -> None:
        async with Socket(desk) as page:
            await page.hello()
            await in_thread(give_away)()
            assert (await page.next())["version"] == 3

    run(story)


def test_otto_of_another_team_hears_nothing(sign_in: Callable[[User], Desk]) -> None:
    case, own = factories.ticket(), factories.ticket(team=factories.team("Billing"))
    lea, otto = factories.lea(), factories.otto()
    browser = sign_in(otto)

    async def story() -> None:
        async with Socket(browser) as page:
            await page.hello()
            await in_thread(tag)(case, lea)
            await in_thread(tag)(own, lea)
            assert (await page.next())["ticket"] == own.number

    run(story)


def test_otto_cannot_follow_a_case_of_another_team(sign_in: Callable[[User], Desk]) -> None:
    case = factories.ticket()
    browser = sign_in(factories.otto())

    async def story() -> None:
        async with Socket(browser) as page:
            await page.introduce(case, 1)
            assert await page.refusal() == NOT_ALLOWED

    run(story)


def test_somebody_who_may_not_see_the_case_any_more_is_turned_away(desk: Desk, ada: User) -> None:
    case = factories.ticket()

    async def story() -> None:
        async with Socket(desk) as page:
            await page.hello(case, 1)
            await in_thread(ada.teams.clear)()
            await page.introduce(case, 1)
            assert await page.refusal() == NOT_ALLOWED

    run(story)


def test_manager_hears_of_every_case_once(sign_in: Callable[[User], Desk], ada: User) -> None:
    first, second = factories.ticket(), factories.ticket(team=factories.team("Billing"))
    browser = sign_in(factories.mia())

    async def story() -> None:
        async with Socket(browser) as page:
            await page.hello()
            await in_thread(tag)(first, ada)
            await in_thread(tag)(second, ada)
            heard = [(await page.next())["ticket"] for _notice in range(2)]
            assert heard == [first.number, second.number]
            assert await page.wire.receive_nothing()

    run(story)


def test_note_of_a_colleague_is_a_change_like_any_other(desk: Desk) -> None:
    case, lea = factories.ticket(), factories.lea()

    def write() -> None:
        notes.add_note(ticket=case, text="Look", by=Actor.of(lea), now=factories.NOW)

    async def story() -> None:
        async with Socket(desk) as page:
            await page.hello(case, 1)
            await in_thread(write)()
            assert (await page.next())["version"] == 2

    run(story)


def test_socket_without_a_session_is_refused() -> None:
    async def story() -> None:
        assert (await Socket(None).connect())["code"] == NOT_ALLOWED

    run(story)


def test_socket_opened_by_another_site_is_refused(desk: Desk) -> None:
    async def story() -> None:
        answer = await Socket(desk, origin=b"https://evil.example").connect()
        assert answer["type"] == "websocket.close"

    run(story)


@pytest.mark.parametrize(
    "said", ["{", "[]", '{"type": "other"}', "x" * (LARGEST_MESSAGE + 1)], ids=repr
)
def test_socket_that_talks_nonsense_is_closed(desk: Desk, said: str) -> None:
    async def story() -> None:
        async with Socket(desk) as page:
            await page.say(said)
            assert await page.refusal() == NOT_UNDERSTOOD

    run(story)


def test_broken_layer_does_not_break_the_change(settings: Settings, ada: User) -> None:
    nowhere = {"hosts": [{"address": "redis://127.0.0.1:1/0"}]}
    backend = django_settings.CHANNEL_LAYERS["default"]["BACKEND"]
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": nowhere}}
    case = factories.ticket()

    tag(case, ada)

    case.refresh_from_db()
    assert case.tags == ["x"]
