"""Customers before a real browser: the web form, its private page, and what stands behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from channels_ingest import api, outbox
from tests.channels_ingest.test_web_pages import aged
from tests.tickets import cast
from tickets.actions import claims, replies
from tickets.actor import SYSTEM, Actor
from tickets.models import Channel, Conversation, User

FORM = "/support/new/"
NUMBER = ".caseno"


def web_form() -> Channel:
    """The public form, open at FORM."""
    made = api.create_channel(
        kind="web_form",
        slug="web",
        label="Web form",
        values={"brand": "Blue Plane Mail"},
        now=timezone.now(),
    )
    return made.channel


def claim_link() -> str:
    """The path of the page on which a case's owner is asked about somebody who quoted it."""
    now = timezone.now()
    claim = cast.claim_on(cast.case("kim", at=now), at=now)
    question = claims.ask_owner(conversation=claim, by=SYSTEM, now=now)
    return claims.question_link(question).removeprefix("http://testserver")


def file(name: str, kind: str = "text/plain", data: bytes = b"554 DT:SPM\n") -> Any:
    """A file as it is given to a page."""
    return {"name": name, "mimeType": kind, "buffer": data}


def answer(by: User, text: str) -> None:
    """Somebody answers the newest conversation, and the answer is delivered."""
    conversation = Conversation.objects.select_related("ticket").latest("pk")
    replies.reply(conversation=conversation, text=text, by=Actor.of(by), now=timezone.now())
    outbox.deliver()


@contextmanager
def visiting(browser: Browser, site: str) -> Iterator["Visitors"]:
    """Open browsers of customers. At the end no page may have complained about anything."""
    expect.set_options(timeout=20_000)
    visitors = Visitors(browser, site)
    yield visitors
    assert not visitors.faults, visitors.faults


class Visitors:
    """Each call is another customer with a browser of their own."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser = browser
        self.site = site
        self.faults: list[str] = []

    def __call__(self, path: str = FORM, **context: Any) -> Page:
        page = self.browser.new_context(
            base_url=self.site, **{"locale": "en-GB", "reduced_motion": "reduce", **context}
        ).new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console",
            lambda said: self.faults.append(said.text) if "Content Security" in said.text else None,
        )
        page.goto(path)
        return page


def fill(page: Page, words: str = "Mail with attachments comes back.") -> None:
    """Fill in what the form cannot do without, as somebody who took their time."""
    page.get_by_label("What happened").fill(words)
    page.get_by_label("E-mail").fill("kim@mail.example")
    take_time(page)


def take_time(page: Page) -> None:
    """Let the page's form have been shown a while ago, rather than wait for that."""
    field = page.locator("input[name=form]")
    earlier = aged(field.input_value(), timedelta(minutes=1))
    field.evaluate("(field, token) => { field.value = token }", earlier)


def send(page: Page) -> str:
    """Send the filled form; the number of the new case, which stands on the page that follows."""
    page.get_by_role("button", name="Send").click()
    return number_on(page)


def number_on(page: Page) -> str:
    number = page.locator(NUMBER).first
    expect(number).to_be_visible()
    return number.inner_text()


def tab_to(page: Page, target: Locator) -> None:
    """Go to the target by the Tab key alone."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")
