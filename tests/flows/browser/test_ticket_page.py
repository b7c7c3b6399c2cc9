"""One case and its likely duplicates, by keyboard: read, link, relate, merge, take it back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.factories import NOW, minutes
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import ASK, AXE
from tickets.case_numbers import format_number
from tickets.models import Link, Role, Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def three_of_one_problem() -> tuple[User, list[Ticket]]:
    """Ada's long case of two channels, and two likely duplicates; Bea has answered one."""
    ada, bea = factories.ada(), factories.person("Bea", Role.AGENT, factories.team("Mail"))
    case = factories.ticket(text="It comes back with 554 DT:SPM")
    mail = case.conversations.get()
    for n in range(45):
        factories.message(mail, f"message {n}", at=NOW + minutes(n + 1))
    chat = factories.conversation(case, factories.kim(factories.channel("qq"), "Mountain wind"))
    factories.message(chat, "Still 554\n> what I was told", at=NOW + minutes(60))
    others = [factories.ticket(text="Quotes bounce: 554"), factories.ticket(text="554 once more")]
    factories.answer(others[0].conversations.get(), "Send them in two mails.", bea, at=NOW)
    for other in others:
        reason = {"score": 0.87, "codes": ["554"]}
        Link.objects.create(
            ticket=case, other=other, kind="duplicate", reason=reason, created_at=NOW
        )
    return ada, [case, *others]


def address(page: Page, ticket: Ticket, rest: str = "") -> str:
    root = "/".join(page.url.split("/")[:3])
    return f"{root}/tickets/{format_number(ticket.number)}/{rest}"


def looks_right(page: Page) -> None:
    """Nothing serious at two widths, and nothing wider than the screen."""
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(ASK) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_three_cases_become_one_by_keyboard_and_part_again(act: Act[Any], sign_in: SignIn) -> None:
    ada, (case, answered, third) = act(three_of_one_problem)
    page = sign_in(ada)
    page.context.add_init_script(path=AXE)
    page.goto(address(page, case))
    looks_right(page)

    # The guard stops a reply until one has said that one knows.
    page.keyboard.press("r")
    page.keyboard.type("Mine")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).not_to_contain_text("Mine")
    page.keyboard.press("Escape")

    page.locator("#side-duplicates .acts--all a").press("Enter")
    expect(page.locator("mark").first).to_have_text("554")
    expect(page.get_by_role("heading", name="Merge 3 cases")).to_be_visible()
    looks_right(page)
    page.keyboard.press("2")  # the second stays instead
    expect(page.locator("th.keep")).to_contain_text(format_number(answered.number)[:-2])
    page.get_by_role("radio", name="554 once more").press("Space")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#case-head h2")).to_have_text("554 once more")
    expect(page.locator("#timeline")).to_contain_text("Mountain wind")
    expect(page.locator("#connection")).to_have_attribute("data-state", "on")
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("Undone")
    expect(page.locator("#case-head h2")).to_have_text("Quotes bounce: 554")
    page.goto(address(page, third))
    expect(page.locator("#timeline")).to_contain_text("554 once more")


def test_message_is_found_by_its_link_and_the_line_shows_what_one_asks_for(
    act: Act[Any], sign_in: SignIn
) -> None:
    ada, (case, *_others) = act(three_of_one_problem)
    early = act(lambda: case.conversations.first().messages.get(text="message 3").pk)
    act(lambda: User.objects.filter(pk=ada.pk).update(language="zh-hans"))
    page = sign_in(ada)
    page.context.add_init_script(path=AXE)
    page.goto(address(page, case))

    page.evaluate("hash => { location.hash = hash }", f"#message-{early}")
    expect(page.locator(f"#message-{early}")).to_be_in_viewport()
    expect(page.locator(f"#message-{early}")).to_have_class("msg tl-pip is-linked")

    page.goto(address(page, case))
    page.locator(".tl-filter .chip", has_text="Qq").press("Enter")
    expect(page.locator("#timeline .msg")).to_have_count(1)
    expect(page).to_have_url(address(page, case, "?show=channel-qq"))
    act(lambda: factories.answer(case.conversations.last(), "And now?", ada, at=NOW + minutes(70)))
    page.evaluate("htmx.trigger('#timeline', 'refresh')")
    expect(page.locator("#timeline .msg")).to_have_count(2)  # what is shown survives a refresh
    page.locator(".tl-switch .link").press("Enter")
    expect(page.locator("#timeline .msg").first).to_contain_text("> what I was told")
    looks_right(page)

    page.locator("#side-notes > summary").press("Enter")
    page.locator(".cnote-add textarea").fill("Call after two")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cnote")).to_contain_text("Call after two")
    expect(page.locator(".tl-thread")).to_be_visible()
