"""What axe-core says about our pages: nothing serious, in two languages, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.channels_ingest.doors import drain
from tests.flows.browser.conftest import Act
from tests.flows.browser.visitors import (
    FORM,
    Visitors,
    answer,
    claim_link,
    file,
    take_time,
    visiting,
    web_form,
)
from tests.tickets import cast
from tickets.actions import lifecycle, notes
from tickets.actor import Actor
from tickets.models import Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).parents[2] / "vendor" / "axe-core" / "axe.min.js"
# Preloading would copy style sheets into the page, which our policy forbids.
ASK = """async () => {
  const { violations } = await axe.run({ preload: false });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.html}`));
}"""

IN_EACH_LANGUAGE = pytest.mark.parametrize(
    ("locale", "scheme"), [("zh-CN", "light"), ("en", "dark")]
)
Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[int, int, Scheme], ...] = ((1440, 900, "light"), (390, 844, "dark"))


@pytest.fixture
def visit(act: Act[Any], site: str, browser: Browser) -> Iterator[Visitors]:
    act(web_form)
    with visiting(browser, site) as visitors:
        yield visitors


@IN_EACH_LANGUAGE
def test_public_pages_have_no_serious_barrier(
    act: Act[Any], visit: Visitors, locale: str, scheme: str
) -> None:
    page = visit(locale=locale, color_scheme=scheme)
    page.context.add_init_script(path=AXE)
    mia = act(factories.mia)
    page.goto(FORM)
    assert barriers(page) == []

    press = page.locator("[data-send] [type=submit]").click
    page.locator("#id_phenomenon").fill("Mail with attachments comes back.")
    page.locator("#id_email").fill("kim@mail")
    page.locator("#id_files").set_input_files([file("setup.exe", data=b"MZ"), file("mail.log")])
    take_time(page)
    assert barriers(page) == []
    press()
    expect(page.locator("#problems")).to_be_visible()
    assert barriers(page) == []

    page.locator("#id_email").fill("kim@mail.example")
    press()
    expect(page.locator(".big-no")).to_be_visible()
    assert barriers(page) == []

    act(drain)
    act(lambda: answer(mia, "Which client is it?"))
    act(lambda: wait_for_customer(mia))
    page.reload()
    expect(page.locator(".msg--out")).to_be_visible()
    assert barriers(page) == []

    for path in (act(claim_link), "/support/claims/x/", "/support/case/x/"):
        page.goto(path)
        assert barriers(page) == []


@IN_EACH_LANGUAGE
def test_desk_has_no_serious_barrier(
    act: Act[Any], visit: Visitors, locale: str, scheme: str
) -> None:
    mia = act(factories.mia)
    act(lambda: speak(mia, locale))
    number = act(lambda: busy_case(mia))
    page = visit(
        "/login/", locale=locale, color_scheme=scheme, viewport={"width": 1440, "height": 900}
    )
    page.context.add_init_script(path=AXE)
    page.goto("/login/")
    assert barriers(page) == []

    page.locator("#email").fill(mia.email)
    page.locator("#password").fill("wrong")
    page.locator("form.form [type=submit]").click()
    expect(page.locator("#login-error")).to_be_visible()
    assert barriers(page) == []

    page.locator("#password").fill(factories.PASSWORD)
    page.locator("form.form [type=submit]").click()
    for path in ("/", "/open/", f"/tickets/{number}/", f"/search/?q={number}"):
        page.goto(path)
        expect(page.locator("#connection")).to_have_attribute("data-state", "on")
        assert barriers(page) == [], path


def looks(page: Page) -> Iterator[int]:
    """Show the page as it stands on a desk by day and on a telephone by night; its width."""
    for width, height, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        # Colours that are still on their way to the other scheme would be judged too.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        yield width


def barriers(page: Page) -> list[str]:
    """The serious and critical violations on the page as it stands, where and in what."""
    found: list[str] = page.evaluate(ASK)
    return found


def wait_for_customer(by: User) -> None:
    ticket = Ticket.objects.latest("pk")
    lifecycle.wait_for_customer(ticket=ticket, by=Actor.of(by), now=timezone.now())


def speak(user: User, locale: str) -> None:
    user.language = "zh-hans" if locale == "zh-CN" else "en"
    user.save()


def busy_case(by: User) -> str:
    """A case with all sorts of entries: both sides, a note, a pending claim; its number."""
    now = timezone.now()
    ticket = cast.case("kim", at=now)
    answer(by, "Which client is it?")
    notes.add_note(ticket=ticket, text="Looks like the filter.", by=Actor.of(by), now=now)
    lifecycle.tag(ticket=ticket, tag="bounce", by=Actor.of(by), now=now)
    cast.case("lo", at=now)
    cast.claim_on(ticket, at=now)
    return ticket.number
