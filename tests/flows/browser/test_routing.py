"""Routing in a real browser: a rule made by keyboard, tried, and carried out; triage corrected."""

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
from tests.flows.browser.visitors import tab_to
from tests.tickets import cast
from tests.tickets.assessing import model
from tickets.actions.starting_rules import seed_rules
from tickets.actions.triage import triage
from tickets.case_numbers import format_number
from tickets.models import RoutingRule, Ticket, Triage, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def assessed(who: str, text: str) -> Ticket:
    """A case that has just come in, looked at by a worker whose model is sure."""
    now = timezone.now()
    ticket = cast.case(who, text, at=now - timedelta(seconds=9))
    triage(ticket=ticket, now=now, model=model("sending_receiving", urgency="high"))
    return Ticket.objects.get(pk=ticket.pk)


def test_rule_is_built_by_keyboard_tried_and_carried_out(act: Act[Any], sign_in: SignIn) -> None:
    security = act(lambda: factories.team("Security"))
    past = act(lambda: cast.case("kim", "I cannot log in", at=timezone.now() - timedelta(days=1)))
    act(lambda: Ticket.objects.filter(pk=past.pk).update(category="sending_receiving"))
    page = sign_in(act(factories.mia))
    page.locator(".rail-more summary").press("Enter")
    page.get_by_role("link", name="Routing").press("Enter")
    page.get_by_role("link", name="New rule").press("Enter")

    page.get_by_label("Name", exact=False).first.press_sequentially("Mail first")
    page.get_by_role("checkbox", name="Sending and receiving").press("Space")
    page.locator("#id_team").select_option("Security")
    page.get_by_label("Call a lead").press("Space")
    page.get_by_role("button", name="Save").press("Enter")

    expect(page.locator(".sentence")).to_have_text(
        "If the category is Sending and receiving, then team Security, call a lead."
    )
    page.get_by_role("link", name="Dry run Mail first").press("Enter")
    row = page.get_by_role("row").filter(has_text=format_number(past.number))
    expect(row).to_contain_text("“Mail first”, because the category is Sending and receiving")
    expect(row).to_contain_text("differs")
    assert act(lambda: Ticket.objects.get(pk=past.pk).team) is None

    fresh = act(lambda: assessed("lee", "My mail comes back with 554."))
    assert fresh.team_id == security.pk
    expect(page.locator(".toast")).to_contain_text("A case calls for a lead")
    page.locator(".toast").get_by_role("link", name="Look").press("Enter")
    expect(page.locator(".tk")).to_contain_text("Lead called")
    page.locator(".tk").press("Enter")
    expect(page.locator("#case-notices")).to_contain_text("the rule “Mail first” asks for one")


def test_triage_is_corrected_asked_about_and_answered(
    act: Act[Any], site: str, sign_in: SignIn
) -> None:
    ticket = act(lambda: assessed("kim", "My mail comes back with 554."))
    article = {"slug": "bounced", "title": "Why mail comes back", "steps": ["Look", "Send"]}
    act(lambda: Triage.objects.update(articles=[article], missing=["steps"]))
    page = sign_in(act(factories.mia))
    page.goto(f"{site}/tickets/{format_number(ticket.number)}/")
    side = page.locator("#side-triage")
    expect(side).to_contain_text("very sure")

    page.get_by_label("Reply", exact=True).last.fill("Hello")
    side.get_by_role("link", name="Put into the reply").press("Enter")
    side.get_by_role("link", name="Ask the steps").press("Enter")
    reply = page.locator("#reply-text")
    expect(reply).to_be_focused()
    expect(reply).to_have_value(re.compile("Hello\nWhy mail comes back\n1. Look"))
    expect(reply).to_have_value(re.compile("step by step"))

    side.get_by_text("It is something else").press("Enter")
    side.get_by_role("button", name="Spam and blocking").press("Enter")
    expect(side).to_contain_text("Mia says: Spam and blocking.")
    expect(reply).to_have_value(re.compile("Hello"))
    assert act(lambda: Triage.objects.get().corrected_category) == "spam_blocking"


def test_pages_of_routing_have_no_serious_barrier(
    act: Act[Any], site: str, sign_in: SignIn
) -> None:
    act(lambda: factories.team("Security"))
    ticket = act(lambda: assessed("kim", "我的账号被盗了，再不处理就打12315"))
    act(seed_rules)
    page = sign_in(act(factories.mia))
    page.context.add_init_script(path=AXE)
    page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": site}]
    )
    rule = act(lambda: RoutingRule.objects.earliest("position"))

    for path in (
        "/routing/",
        f"/routing/rules/{rule.pk}/",
        "/routing/trial/",
        "/routing/people/",
        "/routing/words/?try=12315",
        f"/tickets/{format_number(ticket.number)}/",
    ):
        page.goto(site + path)
        expect(page.locator("#connection")).to_have_attribute("data-state", "on")
        for width in looks(page):
            assert barriers(page) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")

    page.goto(f"{site}/routing/rules/{rule.pk}/")
    name = page.locator("#id_name")
    tab_to(page, name)
    name.fill("夜里先看这些")
    tab_to(page, page.locator("main form [type=submit]").first)
    page.keyboard.press("Enter")
    expect(page.get_by_text("夜里先看这些").first).to_be_visible()
