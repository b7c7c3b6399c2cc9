"""What a manager does with a channel in a real browser, from adding it to trying again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import Page, expect

from channels_ingest.connectors.http import sign
from channels_ingest.models import Envelope
from tests import factories
from tests.channels_ingest.doors import drain, http_door, message
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tickets.models import Channel, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def post(site: str, path: str, secret: str, body: dict[str, Any]) -> int:
    """Speak to the desk as the other system does; the status of its answer."""
    raw = json.dumps(body).encode()
    headers = {"Anhao-Signature": sign(raw, timezone.now(), secret)}
    return requests.post(site + path, data=raw, headers=headers, timeout=10).status_code


def bury() -> None:
    """Make a dead letter of what came last, as if its connector had a fault."""
    newest = Envelope.objects.latest("pk")
    newest.state, newest.processed_at = "dead", timezone.now()
    newest.error = {"code": "unreadable", "detail": "ValueError: nonsense"}
    newest.save()


def test_channel_is_added_used_paused_resumed_and_a_dead_letter_tried_again(
    act: Act[Any], site: str, sign_in: SignIn
) -> None:
    page = sign_in(act(factories.mia))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Channel settings").click()
    page.get_by_role("link", name="Add channel").click()
    page.get_by_role("link", name="Signed HTTP").click()
    page.get_by_label("Name on screen").fill("Shop")
    page.get_by_label("Name in addresses").fill("shop")
    page.get_by_role("main").get_by_role("button", name="Add channel").click()

    secret = page.get_by_role("textbox", name="Secret").input_value()
    page.get_by_role("button", name="Copy Callback address").click()
    address = page.evaluate("navigator.clipboard.readText()")
    path = "/" + address.split("/", 3)[3]
    assert path == "/hooks/shop/"
    assert post(site, path, secret, message("My mail comes back", key="m-1")) == 202
    act(drain)

    page.get_by_role("main").get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_text("Make a new one")).to_be_visible()
    assert secret not in page.content()
    page.get_by_role("main").get_by_role("link", name="Journal", exact=True).click()
    expect(page.get_by_text("Taken in", exact=True).last).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="QM-").click()
    expect(page.locator("#timeline")).to_contain_text("My mail comes back")

    page.goto(f"{site}/channels/")
    page.get_by_role("button", name="Pause Shop").click()
    expect(page.locator("#channel-shop")).to_contain_text("Paused")
    page.get_by_role("button", name="Resume Shop").click()
    expect(page.locator("#channel-shop")).to_contain_text("Connected")

    assert post(site, path, secret, message("Are you there?", key="m-2")) == 202
    act(bury)
    page.reload()
    page.get_by_role("link", name="Look at them").click()
    page.get_by_role("button", name="Try again m-2").click()
    expect(page.locator(".toast")).to_contain_text("1 is tried again")
    act(drain)
    page.reload()
    expect(page.locator(".jr > li").first).to_contain_text("Taken in")


def test_secret_is_replaced_by_keyboard_alone(act: Act[Any], site: str, sign_in: SignIn) -> None:
    act(lambda: http_door("shop"))
    page = sign_in(act(factories.mia))
    page.goto(f"{site}/channels/shop/settings/")
    field = page.get_by_label("New value of Secret")
    expect(field).to_be_hidden()

    page.get_by_text("Replace").focus()
    page.keyboard.press("Enter")
    expect(field).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("typed-by-keyboard")
    page.keyboard.press("Enter")

    expect(page.locator(".toast")).to_contain_text("Saved.")
    expect(page.get_by_text("is still accepted")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("••••oard")


def test_list_follows_by_itself(act: Act[Any], site: str, sign_in: SignIn) -> None:
    act(lambda: http_door("shop"))
    page = sign_in(act(factories.mia))
    page.goto(f"{site}/channels/")
    expect(page.locator("#channel-shop")).to_contain_text("Connected")

    act(lambda: Channel.objects.update(is_paused=True))

    expect(page.locator("#channel-shop")).to_contain_text("Paused", timeout=25_000)


def test_channel_pages_have_no_serious_barrier_and_fit_a_phone(
    act: Act[Any], site: str, sign_in: SignIn
) -> None:
    door = act(lambda: http_door("shop"))
    act(lambda: door.says("hello", key="m-1"))
    act(bury)
    page = sign_in(act(factories.mia))
    page.context.add_init_script(path=AXE)
    entry = act(lambda: Envelope.objects.get().pk)

    for path in (
        "channels/",
        "new-channel/",
        "new-channel/email/",
        "channels/shop/settings/",
        "channels/shop/journal/",
        f"channels/shop/journal/{entry}/",
    ):
        page.goto(f"{site}/{path}")
        for width in looks(page):
            assert barriers(page) == [], (path, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 390
