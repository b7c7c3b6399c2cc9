"""Public places in a real browser: what the composer says, refuses and offers instead."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tickets import files
from tickets.case_numbers import format_number
from tickets.models import Message, Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def mixed_case() -> Ticket:
    """Kim wrote a mail and then, last, in a public place that shows a phone number."""
    case = factories.ticket(factories.kim(), "My rules are gone")
    rights = {"moderates": True, "invites": "link"}
    forum = factories.channel("discourse", "Forum", is_public=True, capabilities=rights)
    post = factories.conversation(
        case, factories.kim(forum, "blue_pine"), at=factories.NOW + factories.minutes(5)
    )
    factories.message(post, "Call 13812340192", is_public=True, exposes=["phone"])
    return case


def opened(page: Page, site: str, case: Ticket) -> None:
    page.goto(f"{site}/tickets/{format_number(case.number)}/")
    expect(page.locator("#connection")).to_have_attribute("data-state", "on")


def test_public_answer_is_marked_checked_and_given_back(
    sign_in: SignIn, site: str, act: Act[Any]
) -> None:
    page, case = sign_in(act(factories.ada)), act(mixed_case)
    opened(page, site, case)
    notice = page.get_by_text("This answer is public")
    expect(notice).to_be_visible()
    expect(page.get_by_role("button", name="Send publicly")).to_be_visible()

    page.locator("#composer-to summary").click()
    page.locator("#composer-to label", has_text="Kim").click()
    expect(notice).to_be_hidden()
    expect(page.get_by_role("button", name="Send and wait")).to_be_visible()
    page.locator("#composer-to summary").click()
    page.locator("#composer-to label", has_text="blue_pine").click()
    expect(notice).to_be_visible()

    page.locator("#reply-text").fill("We call 13812340192 today")
    page.get_by_role("button", name="Send publicly").click()

    expect(page.locator(".hold mark")).to_have_text("13812340192")
    expect(page.locator("#reply-text")).to_have_value("We call 13812340192 today")


def test_going_on_in_private_keeps_what_was_typed(
    sign_in: SignIn, site: str, act: Act[Any]
) -> None:
    page, case = sign_in(act(factories.ada)), act(mixed_case)
    opened(page, site, case)
    page.locator("#reply-text").fill("half a sentence")

    page.get_by_role("button", name="Continue in private").click()

    expect(page.locator("#timeline")).to_contain_text("/support/private/")
    expect(page.locator("#reply-text")).to_have_value("half a sentence")


def test_post_is_hidden_by_one_click(sign_in: SignIn, site: str, act: Act[Any]) -> None:
    page, case = sign_in(act(factories.ada)), act(mixed_case)
    opened(page, site, case)

    page.get_by_role("button", name="Hide the post").click()

    expect(page.locator("#case-notices")).to_contain_text("It is being hidden.")


def test_recalled_message_is_opened_and_folded_again(
    sign_in: SignIn, site: str, act: Act[Any]
) -> None:
    def recalled() -> Ticket:
        case = factories.ticket()
        factories.message(case.conversations.get(), "regretted", recalled_at=factories.NOW)
        return case

    page, case = sign_in(act(factories.ada)), act(recalled)
    opened(page, site, case)
    expect(page.locator("#timeline")).not_to_contain_text("regretted")

    page.get_by_role("button", name="Open it").click()

    expect(page.locator("#timeline")).to_contain_text("regretted")
    page.reload()
    expect(page.locator("#timeline")).not_to_contain_text("regretted")


def test_voice_plays_in_the_page(sign_in: SignIn, site: str, act: Act[Any]) -> None:
    def spoken() -> Ticket:
        case = factories.ticket(text="")
        silence = b"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00"
        silence += b"\x40\x1f\x00\x00\x01\x00\x08\x00data\x08\x00\x00\x00" + b"\x80" * 8
        factories.attachment(
            Message.objects.get(),
            "voice.wav",
            content_type="audio/wav",
            sha256=files.store(silence),
            size=len(silence),
            problem="",
        )
        return case

    page, case = sign_in(act(factories.ada)), act(spoken)
    opened(page, site, case)

    page.locator("audio").evaluate("player => player.play()")

    assert page.locator("audio").evaluate("player => player.error === null && player.duration > 0")
