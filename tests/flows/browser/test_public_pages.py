"""What customers do on our public pages in a real browser; no worker runs unless a test says so."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from channels_ingest.models import Envelope
from tests import factories
from tests.channels_ingest.doors import drain
from tests.flows.browser.conftest import Act
from tests.flows.browser.visitors import (
    FORM,
    Visitors,
    answer,
    claim_link,
    file,
    fill,
    number_on,
    send,
    tab_to,
    take_time,
    visiting,
    web_form,
)
from tickets.case_numbers import format_number
from tickets.models import Attachment, Conversation, Delivery, Message, Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A red dot, so that a browser can draw it.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0"
    "00000301010018dd8db00000000049454e44ae426082"
)
WITH_AND_WITHOUT_SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["js", "no_js"])


@pytest.fixture
def visit(act: Act[Any], site: str, browser: Browser) -> Iterator[Visitors]:
    act(web_form)
    with visiting(browser, site) as visitors:
        yield visitors


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"))


@WITH_AND_WITHOUT_SCRIPT
def test_form_is_filled_in_by_keyboard_alone_and_gives_its_number_while_no_worker_runs(
    act: Act[Any], visit: Visitors, script: bool
) -> None:
    page = visit(java_script_enabled=script)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("What happened"))
    page.keyboard.type("Mail with attachments comes back.")
    page.keyboard.press("Tab")
    page.keyboard.type("Write a mail")
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type("kim@mail.example")
    take_time(page)
    tab_to(page, page.get_by_role("button", name="Send"))
    page.keyboard.press("Enter")

    number = number_on(page)
    expect(page.get_by_role("heading", name="We have received it")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Write a mail")).to_contain_text("received")
    stored = act(Envelope.objects.get)
    assert number == format_number(stored.reserved_number)
    assert (stored.state, act(Ticket.objects.count)) == ("new", 0)
    act(drain)
    assert act(lambda: format_number(Ticket.objects.get().number)) == number


@WITH_AND_WITHOUT_SCRIPT
def test_button_pressed_twice_gives_one_number(
    act: Act[Any], visit: Visitors, script: bool
) -> None:
    page = visit(java_script_enabled=script)
    fill(page)

    page.get_by_role("button", name="Send").dblclick()

    assert number_on(page) == format_number(act(Envelope.objects.get).reserved_number)


def test_form_whose_answer_got_lost_is_sent_again_and_gives_one_number(
    act: Act[Any], visit: Visitors
) -> None:
    page = visit()
    fill(page)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(f"**{FORM}", lose, times=1)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text="The connection broke")).to_be_visible()
    stored = act(Envelope.objects.get)

    assert send(page) == format_number(stored.reserved_number)
    assert act(Envelope.objects.count) == 1


def test_form_sent_in_haste_keeps_its_words_and_can_be_sent_again(visit: Visitors) -> None:
    page = visit()
    page.get_by_label("What happened").fill("Nothing works.")
    page.get_by_label("E-mail").fill("kim@mail.example")

    page.get_by_role("button", name="Send").click()
    problems = page.get_by_role("alert").filter(has_text="That was very quick")
    expect(problems).to_be_focused()
    expect(page.get_by_label("What happened")).to_have_value("Nothing works.")
    take_time(page)

    assert send(page)


def test_what_is_wrong_is_shown_beside_its_field_which_has_the_focus(visit: Visitors) -> None:
    page = visit()
    fill(page)
    page.get_by_label("E-mail").fill("kim@mail")

    page.get_by_role("button", name="Send").click()

    field = page.get_by_label("E-mail")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    expect(field).to_have_accessible_description(re.compile("Enter a valid email address."))


def test_files_are_chosen_dropped_and_pasted_and_all_arrive(act: Act[Any], visit: Visitors) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    fill(page)
    chosen = page.locator("[data-chosen]")

    page.get_by_label("Screenshots and logs").set_input_files([file("one.log"), file("two.log")])
    page.locator("[data-drop]").drop({"files": [file("dropped.png", "image/png", PICTURE)]})
    paste_picture(page)
    expect(chosen).to_have_count(4)
    page.get_by_role("button", name="Remove two.log").click()
    expect(chosen).to_have_count(3)
    send(page)

    expect(page.locator(".att b")).to_have_text(["one.log", "dropped.png", "image.png"])
    act(drain)
    page.reload()
    expect(page.locator(".att-img").first).to_have_js_property("naturalWidth", 1)
    with page.expect_download() as download:
        page.get_by_role("link", name="one.log").click()
    assert download.value.path().read_bytes() == b"554 DT:SPM\n"
    assert act(Attachment.objects.count) == 3


def paste_picture(page: Page) -> None:
    page.evaluate(
        """async (bytes) => {
          const picture = new Blob([new Uint8Array(bytes)], { type: "image/png" });
          await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
        }""",
        list(PICTURE),
    )
    page.get_by_label("What happened").press("Control+v")


def test_wrong_file_is_named_and_the_others_need_not_be_chosen_again(
    act: Act[Any], visit: Visitors
) -> None:
    page = visit()
    fill(page)
    page.get_by_label("Screenshots and logs").set_input_files(
        [file("setup.exe", data=b"MZ"), file("mail.log")]
    )
    expect(page.locator("[data-chosen]").first).to_contain_text("not a kind of file that we take")

    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text="setup.exe")).to_be_focused()
    expect(page.get_by_role("checkbox", name="mail.log")).to_be_checked()
    send(page)

    expect(page.locator(".att b")).to_have_text(["mail.log"])


def test_reply_stands_on_the_private_page_is_read_on_the_desk_and_answered(
    act: Act[Any], visit: Visitors, sign_in: Callable[[User], Page]
) -> None:
    mia = act(factories.mia)
    page = visit()
    fill(page)
    number = send(page)
    act(drain)
    desk = sign_in(mia)
    desk.goto(f"{desk.url}tickets/{act(Ticket.objects.get).number}/")

    act(lambda: answer(mia, "Please send us the log."))
    on_desk = desk.locator(".msg--out").filter(has_text="Please send us the log.")
    expect(on_desk).to_contain_text("Delivered")
    page.reload()
    expect(page.locator(".msg--out")).to_contain_text("Please send us the log.")
    act(drain)
    expect(on_desk).to_contain_text("Read")
    page.get_by_label("Add to your case or reply").fill("Here it is.")
    page.get_by_label("Screenshots and logs").set_input_files(file("mail.log"))
    take_time(page)
    page.get_by_role("button", name="Send").click()

    expect(page.locator("#latest")).to_contain_text("Here it is.")
    expect(page.locator("#latest")).to_be_in_viewport()
    assert number_on(page) == number
    act(drain)
    expect(desk.locator("#timeline")).to_contain_text("Here it is.")
    expect(desk.locator("#timeline")).to_contain_text("mail.log")
    assert act(lambda: Delivery.objects.get().state) == "read"
    assert act(lambda: (Ticket.objects.count(), Message.objects.count())) == (1, 3)


@pytest.mark.parametrize(
    ("button", "said", "state"),
    [
        ("This was me", "Thank you, it was you", "verified"),
        ("This was not me", "Thank you, it was not you", "rejected"),
    ],
)
def test_owner_decides_about_a_claim_by_keyboard(
    act: Act[Any], visit: Visitors, button: str, said: str, state: str
) -> None:
    page = visit(act(claim_link))

    tab_to(page, page.get_by_role("button", name=button))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=said)).to_be_visible()
    assert act(lambda: Conversation.objects.latest("pk").claim) == state


def test_language_is_switched_and_what_was_typed_stays(visit: Visitors) -> None:
    page = visit(locale="zh-CN")
    root, heading = page.locator("html"), page.get_by_role("heading", level=1)
    expect(root).to_have_attribute("lang", "zh-hans")
    expect(heading).to_have_text("提交问题")
    page.get_by_label("错误提示").fill("554 DT:SPM")

    page.get_by_role("button", name="English").click()
    expect(root).to_have_attribute("lang", "en")
    expect(heading).to_have_text("Report a problem")
    expect(page.get_by_label("Error message")).to_have_value("554 DT:SPM")
    page.get_by_role("button", name="日本語").click()
    expect(root).to_have_attribute("lang", "ja")
    expect(page.locator("#id_error_message")).to_have_value("554 DT:SPM")
    page.goto(FORM)

    expect(root).to_have_attribute("lang", "ja")
    expect(page.locator("#id_error_message")).to_have_value("")


def test_private_page_whose_address_was_cut_off_says_what_to_do(visit: Visitors) -> None:
    page = visit("/support/case/half-of-it/")

    expect(page.get_by_role("heading", name="This page cannot be opened")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Report a problem").click()
    expect(page.get_by_label("What happened")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "en", "ja"])
def test_no_page_scrolls_sideways_on_a_phone(act: Act[Any], visit: Visitors, language: str) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "locale": language}
    long = "https://mail.example/" + "a" * 120
    page = visit(**phone)
    assert not scrolls_sideways(page)
    page.locator("#id_phenomenon").fill(f"{long} {'word ' * 80}")
    page.locator("#id_email").fill("kim@mail")
    page.locator("#id_known_number").fill("QM-1234-5678-90")
    page.locator("#id_files").set_input_files([file(f"{'x' * 100}.exe"), file(f"{'y' * 100}.log")])
    assert not scrolls_sideways(page)

    take_time(page)
    page.locator("[data-send] [type=submit]").click()
    expect(page.locator("#problems")).to_be_visible()
    assert not scrolls_sideways(page)
    page.locator("#id_email").fill("kim@mail.example")
    page.locator("#id_known_number").fill("")
    page.locator("[data-send] [type=submit]").click()
    expect(page.locator(".caseno").first).to_be_visible()
    assert not scrolls_sideways(page)
    for path in (act(claim_link), "/support/claims/x/", "/support/case/x/"):
        page.goto(path)
        assert not scrolls_sideways(page)
