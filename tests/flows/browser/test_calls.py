"""Writing down a call without a mouse."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from channels_ingest import api
from tests import factories
from tests.channels_ingest.doors import drain
from tests.flows.browser.conftest import Act
from tickets.models import User


def test_call_is_written_down_with_the_keyboard_alone(
    act: Act[Any], sign_in: Callable[[User], Page]
) -> None:
    ada = act(factories.ada)
    act(_line)
    page = sign_in(ada)

    page.keyboard.press("p")
    page.get_by_label("Caller's number").press_sequentially("138 0013 8000")
    page.get_by_label("What was said").press_sequentially("He cannot sign in.")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("heading", name="The call is saved")).to_be_visible()
    act(drain)
    expect(page.locator("#timeline")).to_contain_text("He cannot sign in.")


def _line() -> None:
    api.create_channel(
        kind="phone", slug="phone", values={}, now=factories.NOW, team=factories.team("Mail")
    )
