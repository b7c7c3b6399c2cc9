"""Writing an answer in a real browser: by keyboard, from draft to sent and back again."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tests.waiting import wait_for
from tickets.actions import drafts, replies
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import Draft, LaterReply, Macro, Message, Ticket, Triage, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def busy_case() -> Ticket:
    """Kim wrote by mail and last on QQ, whose window is about to close; an article may help."""
    now = timezone.now()
    rich = {"html": True}
    mail = factories.kim(factories.channel("email", "Mail", capabilities=rich))
    case = factories.ticket(mail, language="en")
    few = {"text_limit": 60, "text_unit": "bytes", "splits": True}
    chat = factories.kim(factories.channel("qq", "QQ", capabilities=few), "山风")
    soon = {"reply_until": now + timedelta(minutes=30), "replies_left": 2}
    place = factories.conversation(case, chat, at=now, **soon)
    factories.message(place, "Any news?", at=now)
    stolen = factories.kim(factories.channel("weibo", "Weibo"), "Lo")
    stolen.status = "compromised"
    stolen.save()
    factories.conversation(case, stolen)
    article = {
        "slug": "bounce-554", "title": "Mail that comes back with 554",
        "steps": ["Split the mail in two", "Say what it is for"], "score": 1,
    }  # fmt: skip
    Triage.objects.create(
        ticket=case, model="m", category="spam_blocking", confidence=0.9, abstained=False,
        urgency="normal", urgency_confidence=0.9, articles=[article], at=now,
    )  # fmt: skip
    at = {"created_at": now, "changed_at": now, "audience": "everyone"}
    Macro.objects.create(
        name="Ask for steps", shortcut="bz", texts={"en": "Dear {{customer.name}}, which steps?"},
        actions={"tags": ["asked"]}, **at,
    )  # fmt: skip
    Macro.objects.create(
        name="Ask for the log", texts={"en": "Please send the log."},
        **{**at, "audience": "private", "owner": User.objects.get(name="Ada")},
    )  # fmt: skip
    return case


def opened(page: Page, site: str, case: Ticket) -> None:
    page.goto(f"{site}/tickets/{format_number(case.number)}/")
    expect(page.locator("#connection")).to_have_attribute("data-state", "on")


def holding(user: User, seconds: int) -> User:
    user.preferences = {"undo_send_seconds": seconds}
    user.save()
    return user


def test_answer_is_written_by_keyboard_sent_taken_back_and_sent_later(
    sign_in: SignIn, site: str, act: Act[Any]
) -> None:
    ada, case = act(lambda: holding(factories.ada(), 20)), act(busy_case)
    page = sign_in(ada)
    opened(page, site, case)
    box = page.locator("#reply-text")

    page.keyboard.press("r")
    page.keyboard.press("Tab")
    expect(box).to_have_value(re.compile("554\n1. Split the mail in two\n2.*\nhttp.*/bounce-554/"))
    expect(page.locator("[data-suggestion]")).to_be_hidden()
    expect(page.locator("[data-count]")).to_contain_text("/ 60")
    expect(page.locator("[data-count]")).to_contain_text("messages")
    box.fill("")
    box.press_sequentially("/bz")
    option = page.get_by_role("option", name="Ask for steps")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-option-preview]")).to_have_text("Dear 山风, which steps?")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Dear 山风, which steps?")
    expect(page.locator("[data-does]")).to_contain_text("tag asked")
    expect(page.locator("[data-saved]")).to_have_text("Saved")

    page.reload()
    expect(box).to_have_value("Dear 山风, which steps?")
    with page.expect_file_chooser() as chooser:
        page.get_by_label("Attach files").click()
    chooser.value.set_files({"name": "log.txt", "mimeType": "text/plain", "buffer": b"log"})
    expect(page.locator(".chip-file")).to_contain_text("log.txt")
    box.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Your reply is leaving")
    expect(page.locator("#timeline")).to_contain_text("which steps?")
    expect(page.locator("#case-head")).to_contain_text("asked")
    expect(box).to_have_value("")

    page.locator("#main").focus()
    page.keyboard.press("z")
    expect(box).to_have_value("Dear 山风, which steps?")
    expect(page.locator(".chip-file")).to_contain_text("log.txt")
    expect(page.locator("#timeline .msg--out")).to_have_count(0)

    page.locator("#composer-send summary").click()
    page.get_by_role("button", name="Tomorrow morning").click()
    expect(page.locator("#composer-later")).to_contain_text("Leaves on")
    expect(box).to_have_value("")
    assert act(lambda: LaterReply.objects.get().files[0]["name"]) == "log.txt"
    page.get_by_role("button", name="Back to the composer").click()
    expect(box).to_have_value("Dear 山风, which steps?")


def test_text_is_never_lost_between_devices_and_colleagues(
    sign_in: SignIn, site: str, act: Act[Any]
) -> None:
    ada, lea, case = act(factories.ada), act(factories.lea), act(busy_case)
    page = sign_in(ada)
    opened(page, site, case)
    box = page.locator("#reply-text")

    page.context.set_offline(True)
    box.fill("Written on the train")
    expect(page.locator("[data-saved]")).to_have_text("Kept on this device")
    page.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    act(lambda: wait_for(lambda: Draft.objects.get().text == "Written on the train", "saved"))
    act(lambda: drafts.keep(ticket=case, user=ada, mode="reply", text="On the phone",
                            conversation=None, seen=None, now=timezone.now()))  # fmt: skip
    box.fill("Please sign in again. Also turn the alarm on.")
    expect(page.locator("[data-elsewhere]")).to_contain_text("On the phone")
    page.get_by_role("button", name="Keep this one").click()
    expect(page.locator("[data-saved]")).to_have_text("Saved")

    mail = act(lambda: case.conversations.earliest("pk"))
    act(lambda: replies.reply(conversation=mail, text="Please sign in again.", by=Actor.of(lea),
                              now=timezone.now()))  # fmt: skip
    expect(page.locator("#timeline")).to_contain_text("Please sign in again.")
    box.press("Control+Enter")
    expect(page.locator(".stop mark").first).to_have_text("Please sign in again")
    page.get_by_role("button", name="Keep only what is new").click()
    expect(box).to_have_value("Also turn the alarm on.")
    page.locator("#composer-to summary").click()
    page.locator("#composer-to label", has_text="Kim").click()
    expect(page.locator("[data-elsewhere-than]")).to_contain_text("They wrote last by QQ")
    box.press("Control+a")
    box.press("Control+b")
    expect(box).to_have_value("**Also turn the alarm on.**")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator("#reply-preview strong")).to_have_text("Also turn the alarm on.")
    box.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Also turn the alarm on.")
    assert act(lambda: Message.objects.latest("pk").html).startswith("<p><strong>")


def test_composer_has_no_serious_barrier_by_day_and_by_night(
    sign_in: SignIn, site: str, act: Act[Any]
) -> None:
    ada, case = act(factories.ada), act(busy_case)
    page = sign_in(ada)
    page.context.add_init_script(path=AXE)
    for _width, language in zip(looks(page), ("zh-hans", "en"), strict=True):
        page.context.add_cookies(
            [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}]
        )
        opened(page, site, case)
        box = page.locator("#reply-text")
        page.locator("#composer-to summary").click()
        assert barriers(page) == []
        page.locator("#composer-to summary").click()
        box.press_sequentially("/")
        expect(page.locator(".opt")).to_have_count(2)
        assert barriers(page) == []
        page.keyboard.press("Enter")
        page.locator("#composer-send summary").click()
        page.locator("#composer-send [value=monday]").click()
        expect(page.locator(".sched")).to_be_visible()
        assert barriers(page) == []
        page.locator(".sched [value=cancel]").click()
        expect(box).not_to_have_value("")
        box.fill("")
        expect(page.locator("[data-saved]")).not_to_have_text("")
        page.goto(f"{site}/macros/")
        assert barriers(page) == []
        page.locator(".mac h2 a").first.click()
        assert barriers(page) == []
