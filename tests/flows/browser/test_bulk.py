"""Many cases at once in a real browser: chosen by keyboard, resolved, followed, taken back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tickets.actions import bulk
from tickets.actions.lifecycle import tag
from tickets.actions.preferences import prefer
from tickets.actor import Actor
from tickets.models import BulkRun, State, Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def cases(count: int) -> list[Ticket]:
    kim = factories.kim()
    now = timezone.now()
    return [factories.ticket(kim, f"Case {n}", at=now - factories.minutes(n)) for n in range(count)]


def work() -> None:
    run = BulkRun.objects.latest("pk")
    while bulk.work(run_id=run.pk, now=timezone.now()):
        pass


def closed() -> int:
    return Ticket.objects.filter(state=State.CLOSED).count()


def test_range_is_chosen_by_keyboard_resolved_and_taken_back(
    act: Act[Any], site: str, sign_in: SignIn
) -> None:
    ada = act(factories.ada)
    made = act(lambda: cases(6))
    page = sign_in(ada)
    page.goto(f"{site}/open/")
    expect(page.locator("#connection")).to_have_attribute("data-state", "on")
    bar, count = page.locator("#bulk"), page.locator("#bulk [data-chosen]")
    expect(bar).to_be_hidden()

    page.locator(".tk").nth(1).focus()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(count).to_have_text("3")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(count).to_have_text("2")

    now = timezone.now()
    act(lambda: tag(ticket=made[1], tag="vip", by=Actor.of(ada), now=now))
    row = page.locator(f"#row-{made[1].number}")
    expect(row).to_contain_text("vip")
    expect(page.locator(".tk-x :checked")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()

    page.locator(".tk").nth(1).focus()
    page.keyboard.press("x")
    page.locator(".tk-x").nth(3).click(modifiers=["Shift"])
    act(lambda: factories.ticket(text="News", at=timezone.now()))
    page.evaluate("document.dispatchEvent(new CustomEvent('live:ticket', {detail: {ticket: '1'}}))")
    page.locator("[data-load-new]").click()
    expect(page.locator(".tk")).to_have_count(7)
    expect(page.locator(".tk-x :checked")).to_have_count(3)
    page.evaluate("document.querySelector('.tk-x:has(:checked)').remove()")  # scrolled out of reach
    expect(count).to_have_text("3")
    page.keyboard.press("e")
    expect(page.locator("#run")).to_contain_text("3 to go")
    expect(page).to_have_url(re.compile(r"/bulk/\d+/$"))
    expect(bar).to_be_hidden()
    act(work)
    expect(page.locator("#run")).to_contain_text("3 done")
    expect(page.locator(".tk.is-gone")).to_have_count(3)
    assert act(closed) == 3

    page.keyboard.press("z")
    expect(page.locator("#run")).to_have_attribute("data-running", "")
    act(work)
    expect(page.locator("#run")).to_contain_text("3 taken back")
    assert act(closed) == 0


def test_whole_list_is_asked_for_and_menus_work_by_keyboard(
    act: Act[Any], site: str, sign_in: SignIn
) -> None:
    ada = act(factories.ada)
    act(lambda: cases(3))
    page = sign_in(ada)
    page.goto(f"{site}/open/")
    expect(page.locator("#connection")).to_have_attribute("data-state", "on")

    page.locator(".tk").first.focus()
    page.keyboard.press("Control+a")
    expect(page.locator("#bulk [data-chosen]")).to_have_text("3")
    page.get_by_label("All 3 in this list").press("Space")
    page.locator("#bulk summary").filter(has_text="Tag").press("Enter")
    page.get_by_label("Tag", exact=True).fill("502")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add the tag “502”").press("Enter")
    expect(page.locator("#run")).to_contain_text("3 to go")
    act(work)

    expect(page.locator("#run")).to_contain_text("3 done")
    expect(page.locator(".tk").first).to_contain_text("502")


def mixed_run(by: User, made: list[Ticket]) -> int:
    """A run of which some cases were done, one was so already, one went wrong, some wait."""
    billing = factories.team("Billing")
    Ticket.objects.filter(pk=made[1].pk).update(assignee=by)
    Ticket.objects.filter(pk=made[2].pk).update(team=billing, assignee=factories.lea())
    mine = Ticket.objects.filter(pk__in=[each.pk for each in made])
    run = bulk.start(tickets=mine, action="assign", given={"id": by.pk}, by=by, now=timezone.now())
    Ticket.objects.filter(pk=made[2].pk).update(assignee=by)
    bulk.work(run_id=run.pk, now=timezone.now(), limit=6)
    return run.pk


@pytest.mark.parametrize(("language", "density"), [("zh-hans", "comfortable"), ("en", "compact")])
def test_choosing_and_results_have_no_serious_barrier(
    act: Act[Any], site: str, sign_in: SignIn, language: str, density: str
) -> None:
    ada = act(factories.ada)
    act(lambda: prefer(user=ada, density=density))
    run = act(lambda: mixed_run(ada, cases(8)))
    page = sign_in(ada)
    page.context.add_init_script(path=AXE)
    page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}]
    )

    for path in ("/open/", f"/bulk/{run}/"):
        page.goto(site + path)
        expect(page.locator("#connection")).to_have_attribute("data-state", "on")
        if path == "/open/":
            page.locator(".tk-x").nth(1).click()
            expect(page.locator("#bulk")).to_be_visible()
        for width in looks(page):
            assert barriers(page) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
