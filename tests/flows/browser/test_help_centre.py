"""A reader before the help centre and a lead before its editor, in a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tests.flows.browser.visitors import Visitors, visiting, web_form
from tests.tickets.articles import notice, published
from tickets.models import ArticleVote, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ARTICLE = "/support/en/articles/bounce-554/"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture
def visit(act: Act[Any], site: str, browser: Browser) -> Iterator[Visitors]:
    act(web_form)
    act(published)
    act(lambda: notice(starts_at=timezone.now()))
    with visiting(browser, site) as visitors:
        yield visitors


def fits(page: Page) -> bool:
    """Whether nothing on the page is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_reader_finds_an_article_by_keyboard_and_reports_what_it_did_not_solve(
    act: Act[Any], visit: Visitors
) -> None:
    page = visit("/support/en/", viewport=PHONE)
    page.context.add_init_script(path=AXE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert barriers(page) == []
    assert fits(page)

    field = page.get_by_role("combobox", name="Search the help")
    field.press_sequentially("message comes back 554", delay=5)
    option = page.get_by_role("option").first
    expect(option).to_contain_text("What to do about 554 bounces")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert barriers(page) == []
    field.press("Escape")
    expect(option).to_be_hidden()
    field.press("ArrowDown")
    expect(option).to_be_visible()
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")

    expect(page).to_have_url(f"{visit.site}{ARTICLE}?q=message%20comes%20back%20554")
    assert barriers(page) == []
    assert fits(page)
    page.get_by_role("button", name="No", exact=True).press("Enter")
    words = page.get_by_label("What was missing or wrong?")
    expect(words).to_be_visible()
    expect(page.locator("#feedback")).to_be_focused()
    assert barriers(page) == []
    words.fill("It says 15 MB.")
    page.get_by_role("button", name="Tell the authors").press("Enter")
    expect(page.get_by_text("Whoever writes this article reads it")).to_be_visible()
    assert act(lambda: list(ArticleVote.objects.values_list("helped", "words"))) == [
        (False, "It says 15 MB.")
    ]

    page.get_by_role("link", name="Report the problem").press("Enter")
    expect(page.get_by_label("What happened")).to_have_value("message comes back 554")
    assert {url.split("/")[2] for url in asked} == {visit.site.split("/")[2]}


@pytest.mark.parametrize(("locale", "code"), [("zh-CN", "zh"), ("ja-JP", "ja")])
def test_help_pages_have_no_serious_barrier(
    act: Act[Any], visit: Visitors, locale: str, code: str
) -> None:
    page = visit("/support/", locale=locale, color_scheme="dark", viewport=DESKTOP)
    page.context.add_init_script(path=AXE)
    for path in (
        "",
        "articles/bounce-554/",
        "articles/bounce-554/?said=no",
        "topics/sending_receiving/",
        "search/?q=554",
        "search/?q=xyzzy",
        "notices/",
    ):
        page.goto(f"/support/{code}/{path}")
        for width in looks(page):
            assert barriers(page) == [], (path, width)
            assert fits(page), (path, width)
    page.locator(".notice").first.click()
    expect(page.locator("article h1")).to_be_visible()
    assert barriers(page) == []


def test_lead_publishes_what_the_preview_shows_and_readers_see_it_at_once(
    act: Act[Any], visit: Visitors, sign_in: Callable[[User], Page]
) -> None:
    desk = sign_in(act(factories.lea))
    desk.context.add_init_script(path=AXE)
    reader = visit(ARTICLE)
    desk.goto(f"{visit.site}/articles/")
    assert barriers(desk) == []
    desk.get_by_role("link", name="退信554的处理").press("Enter")

    steps = desk.get_by_label("Steps · English")
    steps.fill("Use **ssl** as the server")
    expect(desk.locator("#preview-en strong")).to_have_text("ssl")
    assert barriers(desk) == []
    desk.get_by_role("button", name="Publish", exact=True).press("Enter")
    expect(desk.get_by_text("Published. Customers read it now.")).to_be_visible()

    reader.reload()
    expect(reader.locator(".stn strong")).to_have_text("ssl")
    desk.set_viewport_size(PHONE)
    assert fits(desk)
