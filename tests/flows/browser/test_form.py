"""The structured form in a real browser: evidence over a bad line, help while typing, no hurry."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from channels_ingest.models import Envelope
from channels_ingest.partial import Upload
from tests.channels_ingest.doors import drain
from tests.flows.browser.bad_line import bad_line
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers
from tests.flows.browser.test_public_pages import paste_picture, scrolls_sideways
from tests.flows.browser.visitors import (
    FORM,
    Visitors,
    file,
    fill,
    tab_to,
    take_time,
    visiting,
    web_form,
)
from tests.tickets.articles import starters
from tests.tickets.clocks.promising import clock, only_promise
from tickets import files
from tickets.models import Attachment, Message, Team, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visit(act: Act[Any], site: str, browser: Browser) -> Iterator[Visitors]:
    act(web_form)
    act(only_promise)
    with visiting(browser, site) as visitors:
        yield visitors


def test_evidence_arrives_whole_over_a_line_that_breaks_in_the_middle_of_a_piece(
    act: Act[Any], visit: Visitors, site: str
) -> None:
    log = os.urandom(1_300_000)
    broken: list[str] = []
    with bad_line(site, cuts=8) as line:  # some Chromium itself gets over
        page = visit(f"{line.address}{FORM}", permissions=["clipboard-read", "clipboard-write"])
        page.on("requestfailed", lambda request: broken.append(request.method))
        fill(page)
        page.locator("[data-drop]").drop({"files": [file("mail.log", data=log)]})
        expect(page.locator("[data-chosen][data-arrived]")).to_have_count(1, timeout=30_000)
        assert len(line.done) == 8
        assert "PATCH" in broken
        paste_picture(page)
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".big-no")).to_be_visible()

    assert act(Envelope.objects.count) == 1
    act(drain)
    kept = act(lambda: {each.name: files.read(each.sha256) for each in Attachment.objects.all()})
    assert (set(kept), kept["mail.log"]) == ({"mail.log", "image.png"}, log)
    assert act(lambda: Upload.objects.get(name="mail.log").received) == len(log)


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1440), ("en", 390)])
def test_form_helps_while_typing_and_takes_no_hurry_by_keyboard(
    act: Act[Any], visit: Visitors, locale: str, width: int
) -> None:
    act(starters)
    page = visit(locale=locale, viewport={"width": width, "height": 900})
    page.context.add_init_script(path=AXE)
    page.goto(FORM)
    tab_to(page, page.locator("#id_phenomenon"))
    page.keyboard.type("554 DT:SPM")
    help_ = page.locator("[data-help]")
    expect(help_.locator("details").first).to_have_attribute("open", "")
    expect(page.locator("#live")).not_to_be_empty()
    page.locator("#id_known_number").fill("QM-1234-5678-90")
    expect(page.locator("#id_known_number_at_once")).to_be_visible()
    expect(page.locator("#id_known_number")).to_have_attribute("aria-invalid", "true")
    assert barriers(page) == []
    assert not scrolls_sideways(page)
    shoot(page, f"form-{locale}-{width}")

    page.locator("#id_known_number").fill("")
    expect(page.locator("#id_known_number_at_once")).to_have_count(0)
    page.locator("#id_email").fill("kim@mail.example")
    page.locator("#id_broken_mailbox").fill("kim@mail.example")
    take_time(page)
    send = page.locator("[data-send] [type=submit]")
    send.click()
    expect(page.locator("#id_email_error")).to_be_visible()
    assert barriers(page) == []
    page.locator("#id_phone").fill("138 0013 8000")
    tab_to(page, page.locator("#id_answer_after"))
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#id_answer_after").input_value()
    tab_to(page, send)
    page.keyboard.press("Enter")

    expect(page.locator(".expected")).to_be_visible()
    assert barriers(page) == []
    shoot(page, f"done-{locale}-{width}")
    act(drain)
    ticket = act(Ticket.objects.get)
    assert ticket.answer_after == datetime.fromisoformat(chosen)
    assert act(lambda: clock(ticket, "first_response").due_at > ticket.answer_after)


def test_this_solved_it_leaves_nothing_behind(act: Act[Any], visit: Visitors) -> None:
    act(starters)
    page = visit()
    page.get_by_label("What happened").fill("554 DT:SPM")

    page.get_by_role("button", name="This solved it").first.click()

    expect(page.get_by_role("heading", name="Glad that it helped")).to_be_visible()
    assert act(Envelope.objects.count) == 0


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 390), ("en", 1440)])
def test_developers_form_hides_secrets_and_goes_to_the_api_line(
    act: Act[Any], visit: Visitors, locale: str, width: int
) -> None:
    act(lambda: Team.objects.create(slug="api", name="API"))
    page = visit("/support/developers/", locale=locale, viewport={"width": width, "height": 900})
    page.context.add_init_script(path=AXE)
    page.goto("/support/developers/")
    typed = {"app_id": "app_7f20c4", "endpoint": "/v2/send", "contact": "dev@works.example"}
    for name, value in typed.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_happened_at").fill("2026-11-20 03:14:07")
    expect(page.locator("[data-local-time]")).not_to_be_empty()
    page.locator("#id_phenomenon").fill("Signature is refused.")
    page.locator("#id_payload").fill("Authorization: Bearer 1234567890abcdef\n")
    page.locator("#id_payload").blur()
    expect(page.locator("#id_payload")).to_have_value("Authorization: Bearer ••••(16)\n")
    assert barriers(page) == []
    assert not scrolls_sideways(page)
    shoot(page, f"developers-{locale}-{width}")
    page.locator("#id_happened_at").fill("")
    take_time(page)
    page.locator("[data-send] [type=submit]").click()
    expect(page.locator("#id_happened_at_error")).to_be_visible()
    assert barriers(page) == []

    page.locator("#id_happened_at").fill("2026-11-20 03:14:07")
    page.locator("[data-send] [type=submit]").click()
    expect(page.locator(".big-no")).to_be_visible()
    act(drain)
    assert act(lambda: Ticket.objects.values_list("team__slug", flat=True).get()) == "api"
    assert "Bearer ••••(16)" in act(lambda: Message.objects.get().text)


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
