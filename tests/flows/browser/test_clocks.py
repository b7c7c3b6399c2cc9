"""Service levels in a real browser: a manager decides them, and the desk shows time running out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import AXE, barriers, looks
from tests.tickets import cast
from tests.tickets.clocks.promising import around_the_clock, only_promise, promise
from tests.waiting import wait_for
from tickets.actions.clocks.running_out import tell_due
from tickets.actions.seeding import seed
from tickets.models import Clock, ServiceCalendar, ServicePolicy, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]

WEEK = ["09:00-12:00, 13:00-18:00"] * 5 + ["", ""]


def office() -> ServiceCalendar:
    made = ServiceCalendar.objects.create(
        name="Office", time_zone="Asia/Shanghai", week=WEEK, country="CN"
    )
    seed(calendar=made, years=[2026])
    return made


def test_manager_promises_something_by_keyboard(act: Act[Any], sign_in: SignIn) -> None:
    act(lambda: ServicePolicy.objects.all().delete())
    act(around_the_clock)
    page = sign_in(act(factories.mia))
    page.locator(".rail-more summary").press("Enter")
    page.get_by_role("link", name="Service levels").press("Enter")
    page.get_by_role("link", name="New policy").press("Enter")

    page.get_by_label("Name").press_sequentially("Enterprise")
    page.get_by_label("Plan of the customer").press_sequentially("enterprise")
    page.get_by_label("Calendar").select_option("Always")
    page.get_by_label("Minutes to the first response").press_sequentially("30")
    page.get_by_label("Minutes to the first response").press("Enter")

    expect(page.get_by_role("row", name="Enterprise")).to_contain_text("30 min")
    made = act(ServicePolicy.objects.get)
    assert (made.plan, made.first_response_minutes) == ("enterprise", 30)


def test_row_turns_late_while_the_page_stands(act: Act[Any], site: str, sign_in: SignIn) -> None:
    act(only_promise)
    page = sign_in(act(factories.mia))
    act(lambda: cast.case("kim", at=timezone.now() - timedelta(minutes=59, seconds=54)))
    page.goto(f"{site}/due/")
    row = page.locator(".tk")
    expect(row).to_contain_text("first reply in")
    expect(row).to_have_class("tk unread is-soon")

    wait_for(lambda: act(is_late), "the clock has run out")

    expect(row).to_have_class("tk unread is-late")
    expect(row).to_contain_text("0 min late")


def is_late() -> bool:
    """What the sweep does, and whether it found the clock run out."""
    tell_due(now=timezone.now())
    return Clock.objects.filter(breached_at__isnull=False).exists()


def test_pages_of_service_levels_have_no_serious_barrier(
    act: Act[Any], site: str, sign_in: SignIn
) -> None:
    calendar = act(office)
    act(only_promise)
    fields = {"calendar": calendar, "plan": "enterprise", "escalate_on": "breached"}
    policy = act(lambda: promise("Enterprise", **fields))
    number = act(lambda: cast.case("kim", at=timezone.now()).number)
    page = sign_in(act(factories.mia))
    page.context.add_init_script(path=AXE)
    trial = "&received=2026-10-09T17:20&minutes=240"

    for path in (
        "/service/",
        f"/service/policies/{policy.pk}/",
        f"/service/calendars/{calendar.pk}/?year=2026{trial}",
        "/due/",
        f"/tickets/{number}/",
    ):
        page.goto(site + path)
        expect(page.locator("#connection")).to_have_attribute("data-state", "on")
        for width in looks(page):
            assert barriers(page) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
