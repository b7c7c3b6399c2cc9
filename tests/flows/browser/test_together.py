"""Two colleagues at work on one case in real browsers: seen, called, promised, handed over."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tests.flows.browser.test_desk import arrive, is_ready, open_case
from tickets.actions import assignment, following, notes, replies
from tickets.actor import Actor
from tickets.models import Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def given(to: User, text: str = "My mail comes back with 554.") -> str:
    number = arrive(text)
    ticket = Ticket.objects.get(number=number)
    assignment.assign(ticket=ticket, assignee=to, by=Actor.of(to), now=factories.NOW)
    return number


def fits(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))


def test_two_colleagues_see_each_other_call_promise_and_hand_over(
    act: Act[Any], sign_in: SignIn
) -> None:
    ada, lea = act(factories.ada), act(factories.lea)
    number = act(lambda: given(ada))
    mine, theirs = sign_in(ada), sign_in(lea)
    theirs.goto(theirs.url + "open/")
    is_ready(theirs)
    open_case(mine, number)

    # In the row, then in the head; what is done there is said, and nobody sees themselves.
    expect(theirs.locator(f"#row-{number} .ava--see")).to_have_attribute("title", "Ada is looking")
    open_case(theirs, number)
    expect(mine.locator("[data-viewers]")).to_contain_text("Lea is looking")
    mine.keyboard.press("n")
    mine.keyboard.type("@le")
    option = mine.get_by_role("option", name="Lea")
    expect(option).to_have_attribute("aria-selected", "true")
    mine.keyboard.press("Enter")
    mine.keyboard.type("have a look")
    expect(mine.locator("#note-text")).to_have_value("@Lea have a look")
    expect(theirs.locator("[data-viewers]")).to_contain_text("Ada is writing a note")
    mine.keyboard.press("Control+Enter")
    expect(mine.locator("#note-text")).to_have_value("")
    expect(theirs.locator("#timeline")).to_contain_text("@Lea have a look")
    expect(theirs.locator("#bell")).to_contain_text("1")

    # A time in an answer is proposed, confirmed by one press, and owed for everybody to see.
    mine.keyboard.press("Escape")
    mine.keyboard.press("r")
    mine.keyboard.type("I'll get back to you within 2 hours.")
    mine.keyboard.press("Control+Enter")
    confirm = mine.get_by_role("button", name="Promised until")
    confirm.focus()
    mine.keyboard.press("Enter")
    expect(mine.locator("#case-head .promise")).to_contain_text("Promised until")
    expect(theirs.locator("#case-head .promise")).to_contain_text("Promised until")
    expect(mine.locator("#promise-guess")).to_be_empty()

    # The shift ends: two keys, a name, a word, and the other one takes it over.
    theirs.goto(theirs.url.partition("/tickets/")[0])
    mine.locator("#main").focus()
    mine.keyboard.press("g")
    mine.keyboard.press("h")
    mine.get_by_label("Hand over to").select_option(label="Lea, 0 cases at hand")
    mine.get_by_label("A word to the next shift").fill("502 is back since 17:40.")
    mine.keyboard.press("Control+Enter")
    expect(mine.get_by_role("heading", name="Hand-over")).to_be_visible()
    theirs.keyboard.press("b")
    theirs.get_by_role("link", name="Ada hands over to you (cases: 1)").click()
    expect(theirs.locator(".ho-q")).to_contain_text("502 is back")
    expect(theirs.locator(".ho-l")).to_contain_text("within 2 hours")
    theirs.get_by_role("button", name="Accept").click()
    expect(theirs.locator(".ho-ok")).to_contain_text("Lea accepted it")
    assert act(lambda: Ticket.objects.get(number=number).assignee) == lea


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_working_together_have_no_serious_barrier_and_fit(
    act: Act[Any], sign_in: SignIn, language: str
) -> None:
    ada, lea = act(factories.ada), act(factories.lea)
    number = act(lambda: given(ada, "收件箱未显示新邮件，网页端正常、手机端为空"))
    act(lambda: promised(number, ada, lea))
    act(lambda: User.objects.filter(pk=ada.pk).update(language=language))
    page = sign_in(ada)
    page.context.add_init_script(path=AXE)
    home = page.url

    for path in ("", "notifications/", "handover/"):
        page.goto(home + path)
        is_ready(page)
        if not path:
            open_case(page, number)
            page.keyboard.press("h")
            expect(page.locator("details.pop[open] .later").first).to_be_visible()
        for _width in looks(page):
            assert barriers(page) == []
            assert fits(page)


def promised(number: str, ada: User, lea: User) -> None:
    """Ada owes an answer, has one to confirm, and Lea has called her."""
    ticket = Ticket.objects.get(number=number)
    conversation = ticket.conversations.get()
    now, by = timezone.now(), Actor.of(ada)
    factories.promise(factories.answer(conversation, "10 分钟内给您结果", ada, at=now), minutes=10)
    notes.add_note(ticket=ticket, text="@Ada 请看", by=Actor.of(lea), now=now)
    replies.reply(conversation=conversation, text="明天上午回复您", by=by, now=now)
    following.follow(ticket=ticket, user=lea, now=now)
