"""The customer's own page in a real browser: proof, the case, its end, and an identity check."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tests.flows.browser.visitors import Visitors, tab_to, take_time, visiting, web_form
from tests.tickets import cast
from tests.tickets.test_proofs import code_in
from tests.tickets.test_reviews import photo
from tickets.actions import lifecycle, proofs, replies
from tickets.actor import Actor
from tickets.models import Delivery, Message, Rating, Review, Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKUP = "/support/case/"
WORDS = {
    "zh-CN": {"body": "收件箱是空的", "answer": "请重新登录后再试"},
    "en": {"body": "The inbox is empty", "answer": "Please sign in again"},
}


@pytest.fixture
def visit(act: Act[Any], site: str, browser: Browser) -> Iterator[Visitors]:
    act(web_form)
    with visiting(browser, site) as visitors:
        yield visitors


def opened_case(language: str) -> Ticket:
    """A case of Kim's that Mia has answered."""
    now = timezone.now()
    ticket = cast.case("kim", WORDS[language]["body"], at=now, language=language)
    said(cast.agent("mia", role="manager"), ticket, WORDS[language]["answer"])
    return ticket


def said(by: User, ticket: Ticket, text: str) -> None:
    chat = cast.only_conversation(ticket, "kim")
    message = replies.reply(conversation=chat, text=text, by=Actor.of(by), now=timezone.now())
    Delivery.objects.filter(message=message).update(state="sent")


def sent_code() -> str:
    proofs.settle_due(now=timezone.now())
    return code_in(Message.objects.filter(automatic="proof").latest("pk"))


def fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def prove(act: Act[Any], page: Page, ticket: Ticket) -> None:
    """From the number to the case, by keyboard alone."""
    tab_to(page, page.locator("#id_number"))
    page.keyboard.type(cast.printed(ticket).lower().replace("-", " "))
    page.keyboard.press("Enter")
    expect(page.locator("#id_code")).to_be_visible()
    tab_to(page, page.locator("#id_code"))
    page.keyboard.type(act(sent_code))
    page.keyboard.press("Enter")
    expect(page.locator(".tl .msg").first).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "width", "script"), [("zh-CN", 390, True), ("en", 1440, False)], ids=["zh", "en"]
)
def test_customer_proves_a_case_by_keyboard_adds_to_it_closes_it_and_rates_it(
    act: Act[Any], visit: Visitors, locale: str, width: int, script: bool
) -> None:
    ticket = act(lambda: opened_case(locale))
    page = visit(
        LOOKUP,
        locale=locale,
        viewport={"width": width, "height": 900},
        java_script_enabled=script,
    )
    if script:
        page.context.add_init_script(path=AXE)
        page.goto(LOOKUP)

    def look() -> None:
        assert fits(page)
        assert not script or barriers(page) == []

    look()
    prove(act, page, ticket)
    look()
    expect(page.locator(".tl")).to_contain_text(WORDS[locale]["answer"])
    expect(page.locator("svg.qr")).to_be_visible()

    tab_to(page, page.locator("#id_message"))
    page.keyboard.type("554 DT:SPM")
    take_time(page)
    page.locator("#reply [type=submit]").press("Enter")
    expect(page.locator("#latest")).to_contain_text("554 DT:SPM")

    page.locator(".case-end button").press("Enter")
    expect(page.locator("#rating")).to_be_visible()
    look()
    page.locator("#rating input[value='5']").press("Space")
    page.locator("#rating-word").fill("👍")
    page.locator("#rating [type=submit]").first.press("Enter")
    expect(page.locator("#rating input[value='5']")).to_be_checked()

    assert act(lambda: (Rating.objects.get().score, cast.standing(ticket).state)) == (5, "closed")


def test_identity_check_goes_from_the_customers_page_over_two_people_and_back(
    act: Act[Any], visit: Visitors, sign_in: Any
) -> None:
    ticket = act(stolen_case)
    mia, lea = act(factories.mia), act(factories.lea)
    page = visit(LOOKUP, locale="en", viewport={"width": 390, "height": 844})
    page.context.add_init_script(path=AXE)
    page.goto(LOOKUP)
    prove(act, page, ticket)
    desk, second = sign_in(mia), sign_in(lea)
    address = f"{visit.site}/tickets/{cast.printed(ticket)}/"

    desk.context.add_init_script(path=AXE)
    desk.goto(address)
    assert barriers(desk) == []
    desk.get_by_role("button", name="Ask for an identity check").click()
    expect(desk.locator("#side-review")).to_contain_text("Waiting for material")
    page.locator("[data-live]").last.dispatch_event("look")
    page.locator("#review-photos").set_input_files(
        {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.locator("#review-places").fill("Hangzhou, at home, since 2022")
    page.locator("[data-live]").last.dispatch_event("look")
    for width in looks(page):
        assert barriers(page) == [], width
        assert fits(page), width
    expect(page.locator("#review-places")).to_have_value("Hangzhou, at home, since 2022")
    page.get_by_role("button", name="Send the material").click()
    expect(page.locator(".case-clock")).to_contain_text("47 h 59 min")
    assert fits(page)

    expect(desk.locator("#side-review")).to_contain_text("Being checked")
    desk.get_by_role("link", name="Look at the material").click()
    expect(desk.locator(".trust-words")).to_contain_text("Hangzhou")
    assert barriers(desk) == []
    with desk.expect_popup() as picture:
        desk.get_by_role("link", name="Photo 1").click()
    expect(picture.value.locator("img")).to_be_visible()
    desk.reload()
    expect(desk.locator(".hist")).to_contain_text("a photo")
    desk.get_by_role("button", name="It proves it").click()
    expect(desk.locator("#side-approvals")).to_contain_text("Waiting for a second person")
    expect(desk.get_by_role("button", name="Agree")).to_have_count(0)

    second.goto(address)
    second.get_by_role("button", name="Agree").click()
    expect(second.locator("#side-review")).to_contain_text("Approved")
    page.locator("[data-live]").last.dispatch_event("look")
    expect(page.locator("#review")).to_contain_text("the account is yours")
    expect(page.locator("#review")).to_contain_text("Somebody looked on:")
    for width in looks(page):
        assert barriers(page) == [], width
        assert fits(page), width
    assert act(lambda: Review.objects.get().state) == "approved"


def stolen_case() -> Ticket:
    now = timezone.now()
    ticket = cast.case("kim", "My account was stolen", at=now, language="en")
    by = Actor.of(cast.agent("bea"))
    return lifecycle.set_category(ticket=ticket, category="account_security", by=by, now=now)


def test_open_page_shows_what_is_new_and_moves_nothing_under_the_hand(
    act: Act[Any], visit: Visitors
) -> None:
    ticket = act(lambda: opened_case("en"))
    page = visit(LOOKUP, locale="en", viewport={"width": 1440, "height": 600})
    prove(act, page, ticket)
    field = page.locator("#id_message")
    field.fill("I am still writing")
    before = field.bounding_box()
    mia = act(lambda: cast.agent("mia"))
    act(lambda: said(mia, ticket, "One more thing.\n\n" * 5))

    page.locator("[data-live]").first.dispatch_event("look")

    expect(page.locator(".tl")).to_contain_text("One more thing.")
    expect(page.locator("#live")).to_have_text("There is something new in your case")
    expect(field).to_have_value("I am still writing")
    after = field.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2
