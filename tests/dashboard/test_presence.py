"""Who is at which case: told to those who may see it, and to nobody else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from config import settings as real_settings
from tests import factories
from tests.dashboard.conftest import Desk
from tests.dashboard.test_live import Socket, in_thread, run
from tickets import presence
from tickets.actions import notes
from tickets.actor import Actor
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Desk]


@pytest.fixture(autouse=True)
def real_layer(settings: Settings) -> None:
    """Notices go through Redis, as they do between processes."""
    settings.CHANNEL_LAYERS = real_settings.CHANNEL_LAYERS


async def doing(page: Socket, what: str) -> None:
    await page.say(json.dumps({"type": "doing", "doing": what}))


async def rows(page: Socket, *cases: Ticket) -> Any:
    await page.say(json.dumps({"type": "rows", "tickets": [each.number for each in cases]}))
    return (await page.next())["people"]


def test_colleagues_see_who_comes_writes_and_goes(desk: Desk, sign_in: SignIn, ada: User) -> None:
    case, lea = factories.ticket(), factories.lea()
    lead = sign_in(lea)

    async def story() -> None:
        async with Socket(desk) as page:
            await page.hello()
            async with Socket(lead) as other:
                await other.hello(case, 1)
                told = await page.next()
                assert told == {
                    "type": "people",
                    "ticket": case.number,
                    "people": [[lea.pk, "view"]],
                }
                await doing(other, "note")
                assert (await page.next())["people"] == [[lea.pk, "note"]]
                assert await rows(page, case) == {case.number: [[lea.pk, "note"]]}
            assert (await page.next())["people"] == []
            assert await rows(page, case) == {}

    run(story)


def test_heartbeat_is_no_news(desk: Desk, sign_in: SignIn, ada: User) -> None:
    case = factories.ticket()
    lead = sign_in(factories.lea())

    async def story() -> None:
        async with Socket(desk) as page, Socket(lead) as other:
            await page.hello()
            await other.hello(case, 1)
            await page.next()
            await doing(other, "view")
            await doing(other, "view")
            assert await page.wire.receive_nothing()

    run(story)


def test_whoever_opens_a_case_learns_who_is_there(desk: Desk, sign_in: SignIn, ada: User) -> None:
    case, lea = factories.ticket(), factories.lea()
    lead = sign_in(lea)

    async def story() -> None:
        async with Socket(lead) as first:
            await first.hello(case, 1)
            async with Socket(desk) as page:
                await page.hello(case, 1)
                assert (await page.next())["people"] == [[lea.pk, "view"]]
                assert (await first.next())["people"] == [[ada.pk, "view"]]
                await doing(first, "")
                assert (await page.next())["people"] == []

    run(story)


def test_strangers_hear_of_nobody(desk: Desk, sign_in: SignIn) -> None:
    case = factories.ticket()
    otto, hal = sign_in(factories.otto()), sign_in(factories.hal())

    async def story() -> None:
        async with Socket(otto) as stranger, Socket(hal) as helper:
            await stranger.hello()
            await helper.hello()
            async with Socket(desk) as page:
                await page.hello(case, 1)
                assert await rows(stranger, case) == {}
                assert await rows(helper, case) == {}
            assert await stranger.wire.receive_nothing()
            assert await helper.wire.receive_nothing()

    run(story)


def test_helpers_see_who_is_at_a_public_post_and_nothing_of_notes(
    desk: Desk, sign_in: SignIn, ada: User
) -> None:
    board = factories.channel("discourse", is_public=True)
    case = factories.ticket(factories.kim(board))
    hal = sign_in(factories.hal())

    async def story() -> None:
        async with Socket(hal) as helper, Socket(desk) as page:
            await helper.hello()
            await page.hello(case, 1)
            assert (await helper.next())["people"] == [[ada.pk, "view"]]
            await doing(page, "note")
            assert await helper.wire.receive_nothing()
            assert await rows(helper, case) == {case.number: [[ada.pk, "view"]]}
            await doing(page, "reply")
            assert (await helper.next())["people"] == [[ada.pk, "reply"]]

    run(story)


def test_silence_of_twenty_seconds_is_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "KEPT_SECONDS", -1)  # as if the time had passed

    presence.note(7, "1:page", "view")

    assert presence.at([7]) == {}


def test_of_several_pages_of_one_person_the_busiest_counts() -> None:
    presence.note(7, "1:a", "view")
    presence.note(7, "1:b", "reply")
    assert presence.at([7, 8]) == {7: {1: "reply"}}

    assert presence.note(7, "1:b", "") == ({1: "reply"}, {1: "view"})


def test_bell_rings_for_whoever_is_told(desk: Desk, sign_in: SignIn, ada: User) -> None:
    case, lea = factories.ticket(), factories.lea()

    def call() -> None:
        notes.add_note(ticket=case, text="@Ada look", by=Actor.of(lea), now=factories.NOW)

    async def story() -> None:
        async with Socket(desk) as page:
            await page.hello()
            await in_thread(call)()
            kinds = {(await page.next())["type"], (await page.next())["type"]}
            assert kinds == {"ticket", "bell"}

    run(story)
