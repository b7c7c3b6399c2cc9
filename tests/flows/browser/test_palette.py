"""Search, palette and keys in a real browser: everything by hand on the keyboard."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tests.flows.browser.test_desk import arrive, is_ready, open_case
from tickets.actions import lifecycle
from tickets.actions.indexing import index_due
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]

AS_SAFARI = """() => {
  const field = document.getElementById("palette-q");
  const enter = { key: "Enter", bubbles: true, cancelable: true };
  field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  field.dispatchEvent(new KeyboardEvent("keydown", enter));
}"""


def read_all() -> None:
    while index_due():
        pass


def full_width(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) for each in text)


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id || document.activeElement.tagName")
    return found


def offered(page: Page, text: str) -> None:
    """Type into the open palette and wait for what is chosen then."""
    page.keyboard.type(text)
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text(text, ignore_case=True)


def fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", caret="initial")


def test_agent_works_by_keys_and_palette_alone(act: Act[Any], sign_in: SignIn, site: str) -> None:
    ada = act(factories.ada)
    act(factories.lea)
    first = act(lambda: arrive("The printer is on fire"))
    second = act(lambda: arrive("The kettle is cold", sender="lo"))
    act(read_all)
    page = sign_in(ada)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/open/")
    is_ready(page)
    panes, palette = page.locator("#panes"), page.locator("#palette")

    # Down the list, into a case, into its reply; letters are letters there.
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(panes).to_have_attribute("data-case", second)
    page.keyboard.press("r")
    page.keyboard.type("je ne sais?")
    assert focused(page) == "reply-text"
    expect(page.locator("#reply-text")).to_have_value("je ne sais?")
    page.keyboard.press("Escape")
    assert focused(page) == "main"
    page.keyboard.press("Escape")
    assert focused(page) == f"row-{second}"

    # From anywhere to a case by its number, in whatever writing, without waiting for the answer.
    page.keyboard.press("Control+k")
    expect(palette).to_be_visible()
    page.keyboard.insert_text(full_width(f"qm {first}"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{format_number(first)}/")
    is_ready(page)

    # What the page can do, and what can be done to its case.
    page.keyboard.press("Control+k")
    offered(page, "assign to me")
    page.keyboard.press("Enter")
    expect(page.locator("#case-head")).to_contain_text("Ada")
    page.keyboard.press("Control+k")
    offered(page, "resolve")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Resolve", exact=True)).to_be_visible()
    page.keyboard.press("Control+k")
    offered(page, "Waiting for customer")
    page.keyboard.press("Escape")
    expect(palette).not_to_be_visible()

    # The number, then the link.
    page.keyboard.press(".")
    expect(page.locator("#live")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == format_number(first)
    page.keyboard.press(".")
    expect(page.locator("#live")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()").endswith(
        f"/tickets/{format_number(first)}/"
    )

    # An open dialog has the keys for itself.
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.press("e")
    expect(page.locator("#palette-q")).to_have_value("e")
    page.keyboard.press("Escape")
    assert act(lambda: Ticket.objects.get(number=first).state) == "open"

    # Who does not want single keys has none; the palette stays.
    page.goto(f"{site}/open/")
    page.locator(".rail-me summary").press("Enter")
    page.locator(".rail-me [name=single_keys][value=off]").press("Enter")
    is_ready(page)
    page.keyboard.press("j")
    assert focused(page) == "BODY"
    page.keyboard.press("Control+k")
    expect(palette).to_be_visible()


def test_keys_of_an_input_method_are_no_keys_of_the_page(
    act: Act[Any], sign_in: SignIn, site: str
) -> None:
    ada = act(factories.ada)
    number = act(lambda: arrive("打印机起火了"))
    act(read_all)
    page = sign_in(ada)
    page.goto(f"{site}/open/")
    is_ready(page)
    open_case(page, number)
    wire = page.context.new_cdp_session(page)

    def taken(key: str) -> None:
        """A key that the input method takes for itself: it decides what becomes of it."""
        event = {"key": key, "windowsVirtualKeyCode": 229}
        wire.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **event})

    def compose(*steps: str) -> None:
        for step in steps:
            taken(step[-1])
            place = {"selectionStart": len(step), "selectionEnd": len(step)}
            wire.send("Input.imeSetComposition", {"text": step, **place})

    # With nothing focused an input method still sends its keys.
    page.evaluate("document.activeElement.blur()")
    taken("e")
    page.keyboard.press("Control+k")
    compose("d", "da", "dayin")
    taken("Enter")
    expect(page.locator("#palette")).to_be_visible()
    wire.send("Input.insertText", {"text": "打印机"})
    expect(page.locator("#palette mark").first).to_have_text("打印机")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("打印机起火了")

    # Safari tells of the key that ended a composition after it, as of any other.
    page.evaluate(AS_SAFARI)
    expect(page.locator("#palette")).to_be_visible()
    page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{format_number(number)}/")
    assert act(lambda: Ticket.objects.get(number=number).state) == "open"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_search_leads_to_the_very_message_and_looks_well(
    act: Act[Any], sign_in: SignIn, site: str, language: str
) -> None:
    ada = act(lambda: speaking(factories.ada(), language))
    number = act(lambda: arrive("附件上传失败，提示 554 DT:SPM"))
    act(lambda: [arrive(f"And once more, {n}") for n in range(30)])
    act(lambda: arrive("附件 attached to another case", sender="lo"))
    act(lambda: tag(number, ada))
    act(read_all)
    page = sign_in(ada)
    name = settings.LANGUAGE_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": language, "url": site}])
    page.context.add_init_script(path=AXE)
    page.goto(f"{site}/open/")
    is_ready(page)

    page.keyboard.press("/")
    page.keyboard.type("附件")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    is_ready(page)
    expect(page.locator(".found")).to_have_count(2)
    expect(page.locator(".found-at mark").first).to_have_text("附件")
    for width in looks(page):
        shoot(page, f"search-{language}-{width}")
        assert barriers(page) == []
        assert fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})

    page.locator("#find-state").select_option("closed")
    expect(page.locator(".tries")).to_be_visible()
    shoot(page, f"search-empty-{language}")
    page.go_back()
    page.locator(".found", has_text="DT:SPM").locator(".found-at a").last.press("Enter")
    expect(page.locator("#panes")).to_have_attribute("data-case", number)
    expect(page.locator("#timeline .msg").first).to_be_in_viewport()
    shoot(page, f"search-case-{language}")

    page.keyboard.press("Control+k")
    page.keyboard.type("att")
    expect(page.locator("#palette mark").first).to_be_visible()
    for width in looks(page):
        shoot(page, f"palette-{language}-{width}")
        assert barriers(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("?")
    for width in looks(page):
        shoot(page, f"keys-{language}-{width}")
        assert barriers(page) == []


def speaking(user: User, language: str) -> User:
    user.language = language
    user.save()
    return user


def tag(number: str, by: User) -> None:
    ticket = Ticket.objects.get(number=number)
    lifecycle.tag(ticket=ticket, tag="bounce", by=Actor.of(by), now=timezone.now())
