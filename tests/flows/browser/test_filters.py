"""A day with filters in a real browser: written, clicked, kept as a view, followed into a case."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tickets.events import tickets_changed
from tickets.models import Clock, Ticket, Triage, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def busy_list(by: User) -> dict[str, str]:
    """A list as on an ordinary morning; the numbers of its cases by name."""
    now = timezone.now()
    chat = factories.kim(factories.channel("qq", "QQ"), "王五")
    mail = factories.kim(factories.channel("email", "邮件"), "陈一")
    made = {
        "late": factories.ticket(
            chat,
            "@客服 发信一直提示「服务器错误 502」",
            at=now,
            due_at=now - timedelta(minutes=3),
            tags=["502"],
        ),
        "soon": factories.ticket(
            mail, "发送带附件的邮件被退回", at=now, due_at=now + timedelta(minutes=90), assignee=by
        ),
        "plain": factories.ticket(chat, "邮箱不好用", at=now, language="ja"),
    }
    factories.conversation(made["soon"], chat, at=now)
    for case in (made["late"], made["soon"]):
        began = now - timedelta(hours=1)
        Clock.objects.create(
            ticket=case, kind="first_response", started_at=began, due_at=case.due_at, why={}
        )
    Triage.objects.create(
        ticket=made["plain"],
        model="m",
        category="other",
        confidence=0.5,
        abstained=False,
        urgency="normal",
        urgency_confidence=0.5,
        missing=["phenomenon", "steps"],
        at=now,
    )
    return {name: case.number for name, case in made.items()}


def visit(page: Page, url: str) -> None:
    """Open a page and wait until its scripts run."""
    page.goto(url)
    expect(page.locator("#connection")).to_have_attribute("data-state", "on")


def row(page: Page, number: str) -> Any:
    return page.locator(f"#row-{number}")


def test_filter_is_written_offered_kept_and_followed_by_keyboard_alone(
    act: Act[Any], sign_in: SignIn
) -> None:
    lea = act(factories.lea)
    named = act(lambda: busy_list(lea))
    page = sign_in(lea)
    press = page.keyboard.press
    visit(page, f"{page.url}open/")

    press("f")
    expect(page.locator(".qin")).to_be_focused()
    page.keyboard.type("ta")
    expect(page.locator("#filter-offers [role=option]").first).to_have_text("tag:")
    press("ArrowDown")
    press("Enter")
    expect(page.locator(".qin")).to_have_value("tag:")
    expect(page.locator("#filter-offers [role=option]").first).to_have_text("tag:502")
    press("ArrowDown")
    press("Enter")
    expect(page).to_have_url(re.compile(r"/open/\?f=tag%3A502"))
    expect(row(page, named["late"])).to_be_visible()
    expect(row(page, named["plain"])).to_have_count(0)

    press("j")
    press("Enter")
    expect(page.locator("#panes")).to_have_attribute("data-case", named["late"])
    page.reload()
    expect(page.locator(".qtok")).to_have_count(2)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/open/\?f=tag%3A502"))

    page.locator("summary", has_text="Save as view").press("Enter")
    page.locator("#new-view-name").fill("Gateway errors")
    press("Enter")
    expect(page.locator("#rail-lists [aria-current]")).to_contain_text("Gateway errors")
    expect(page.locator("#rail-lists [aria-current] .n")).to_have_text("1")

    page.locator(".qin").press("Backspace")
    press("Enter")
    expect(row(page, named["plain"])).to_be_visible()
    expect(page).to_have_url(re.compile(r"/views/\d+/\?f=state%3Aopen"))


def test_what_arrives_waits_above_a_filtered_list_if_it_fits(
    act: Act[Any], sign_in: SignIn
) -> None:
    ada = act(factories.ada)
    named = act(lambda: busy_list(ada))
    page = sign_in(ada)
    visit(page, f"{page.url}open/?f=tag:502")

    act(lambda: tag_and_tell(named["plain"]))

    expect(page.locator("[data-load-new]")).to_contain_text("1 new case")
    expect(row(page, named["plain"])).to_have_count(0)
    page.keyboard.press("l")
    expect(row(page, named["plain"])).to_be_visible()


def tag_and_tell(number: str) -> None:
    Ticket.objects.filter(number=number).update(tags=["502"], version=5)
    case = Ticket.objects.get(number=number)
    tickets_changed.send(sender=Ticket, changes=[(case.number, case.pk, case.version)])


def test_filtered_list_has_no_barrier_and_fits_every_screen(act: Act[Any], sign_in: SignIn) -> None:
    ada = act(factories.ada)
    act(lambda: busy_list(ada))
    page = sign_in(ada)
    home = page.url
    page.context.add_init_script(path=AXE)

    for language, density in (("zh-hans", "compact"), ("en", "comfortable")):
        act(partial(like, ada, density))
        name = settings.LANGUAGE_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": language, "url": home}])
        for path in ("open/?f=waiting:>0m+-tag:x", "open/?f=state:opn"):
            page.goto(home + path)
            for width in looks(page):
                expect(page.locator("#filters")).to_be_visible()
                assert barriers(page) == [], (path, width)
                assert page.evaluate("document.documentElement.scrollWidth") <= width


def like(user: User, density: str) -> None:
    user.preferences = {"density": density}
    user.save()
