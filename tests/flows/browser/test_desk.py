"""What agents do all day, in a real browser: see it come in, answer, decide, take back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, WebSocketRoute, expect

from tests import factories
from tests.flows.browser.conftest import Act
from tests.waiting import wait_for
from tickets.actions import deliveries, lifecycle, replies
from tickets.actions.intake import Arrival, receive
from tickets.actor import Actor
from tickets.interchange import IncomingMessage, Sender
from tickets.models import Channel, Conversation, Delivery, Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], Page]


def arrive(text: str, sender: str = "kim", **fields: Any) -> str:
    """A message comes in by the whole way of intake; the number of its case."""
    channel = factories.channel("http", "Shop", team=factories.team("Mail"))
    item = IncomingMessage(
        external_id=f"in-{timezone.now().timestamp()}",
        sender=Sender(external_id=sender, name=sender.title()),
        text=text,
        sent_at=timezone.now(),
        thread=f"thread of {sender}",
        **fields,
    )
    landing = receive([Arrival(channel, item)], now=timezone.now())[0]
    assert landing.number is not None
    return landing.number


def deliver_next() -> None:
    now = timezone.now()
    delivery = deliveries.claim(channels=Channel.objects.all(), now=now)
    assert delivery is not None
    deliveries.record_sent(delivery=delivery, now=now, external_id="out-1", state="delivered")


class Line:
    """What lies between the page's socket and the server, for a test to cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self.carried: list[WebSocketRoute] = []

    def carry(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close(code=1001)
        else:
            socket.connect_to_server()
            self.carried.append(socket)

    def cut(self) -> None:
        self.is_cut = True
        for socket in self.carried:
            socket.close(code=1001)

    def mend(self) -> None:
        self.is_cut = False


def is_ready(page: Page) -> None:
    """The page's scripts run, also if it has just been loaded anew."""
    expect(page.locator("#connection")).to_have_attribute("data-state", "on")


def open_case(page: Page, number: str) -> None:
    page.locator(f"#row-{number}").click()
    expect(page.locator("#panes")).to_have_attribute("data-case", number)


def test_message_shows_by_itself_is_answered_and_its_delivery_is_followed(
    act: Act[Any], sign_in: SignIn
) -> None:
    page = sign_in(act(factories.ada))
    page.goto(page.url + "unassigned/")

    number = act(lambda: arrive("My mail comes back with 554."))
    open_case(page, number)
    act(lambda: arrive("And again just now."))

    timeline = page.locator("#timeline")
    expect(timeline).to_contain_text("And again just now.")
    page.get_by_role("textbox", name="Reply").fill("We are looking into it.")
    page.get_by_role("button", name="Send and wait").click()
    sent = page.locator(".msg--out").filter(has_text="We are looking into it.")
    expect(sent).to_contain_text("Queued")
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("")
    act(deliver_next)
    expect(sent).to_contain_text("Delivered")
    expect(page.locator("#case-head")).to_contain_text("Waiting for customer")


def test_row_changes_where_it_stands_and_new_cases_wait_until_asked_for(
    act: Act[Any], sign_in: SignIn
) -> None:
    ada = act(factories.ada)
    first = act(lambda: arrive("The first"))
    page = sign_in(ada)
    page.goto(page.url + "open/")

    second = act(lambda: arrive("The second", sender="lo"))
    act(lambda: arrive("Another word", sender="kim"))
    act(lambda: lifecycle.tag(ticket=Ticket.objects.get(number=first), tag="bounce",
                              by=Actor.of(ada), now=timezone.now()))  # fmt: skip

    expect(page.locator(f"#row-{first}")).to_contain_text("bounce")
    expect(page.locator("#list-new")).to_contain_text("1 new case")
    assert page.locator(f"#row-{second}").count() == 0
    page.keyboard.press("l")
    expect(page.locator(f"#row-{second}")).to_be_visible()
    expect(page.locator("#list-new")).to_be_empty()


def test_half_written_reply_survives_what_comes_in_and_a_reload(
    act: Act[Any], sign_in: SignIn
) -> None:
    ada = act(factories.ada)
    number = act(lambda: arrive("Hello"))
    page = sign_in(ada)
    page.goto(page.url + "open/")
    open_case(page, number)
    box = page.get_by_role("textbox", name="Reply")
    box.press_sequentially("Half a sen")

    act(lambda: arrive("One more thing"))
    expect(page.locator("#timeline")).to_contain_text("One more thing")
    box.press_sequentially("tence")

    expect(box).to_have_value("Half a sentence")
    page.reload()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("Half a sentence")


def test_colleague_who_was_faster_stops_the_reply_once(act: Act[Any], sign_in: SignIn) -> None:
    ada, lea = act(factories.ada), act(factories.lea)
    number = act(lambda: arrive("Hello"))
    page = sign_in(ada)
    page.goto(page.url + "open/")
    open_case(page, number)
    page.get_by_role("textbox", name="Reply").fill("My own words")

    act(
        lambda: replies.reply(
            conversation=Conversation.objects.get(),
            text="Lea was faster",
            by=Actor.of(lea),
            now=timezone.now(),
        )
    )
    expect(page.locator("#timeline")).to_contain_text("Lea was faster")
    page.get_by_role("button", name="Send and wait").click()
    expect(page.get_by_role("alert").filter(has_text="Lea has answered meanwhile")).to_be_visible()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("My own words")
    page.get_by_role("button", name="Send and wait").click()

    expect(page.locator(".msg--out").filter(has_text="My own words")).to_be_visible()


def test_claim_is_verified_and_joins_the_line(act: Act[Any], sign_in: SignIn) -> None:
    ada = act(factories.ada)
    number = act(lambda: arrive("Hello"))
    act(lambda: arrive(f"About QM{number} again", sender="stranger"))
    page = sign_in(ada)
    page.goto(page.url + "claims/")
    open_case(page, number)
    expect(page.locator(".claim")).to_contain_text("Stranger")

    page.keyboard.press("v")

    expect(page.locator(".toast")).to_contain_text("Claim verified")
    expect(page.locator(".claim")).to_have_count(0)
    expect(page.locator(".tl")).to_contain_text(f"About QM{number} again")


def test_merge_is_previewed_done_and_taken_back_with_one_key(
    act: Act[Any], sign_in: SignIn
) -> None:
    ada = act(factories.ada)
    kept = act(lambda: arrive("The one that stays"))
    other = act(lambda: arrive("The one that joins", sender="lo"))
    page = sign_in(ada)
    page.goto(page.url + "open/")
    open_case(page, kept)

    page.keyboard.press("m")
    page.get_by_label("The other case's number").fill(f"qm {other}")
    page.keyboard.press("Enter")
    expect(page.locator(".mg")).to_contain_text("The one that joins")
    page.get_by_role("main").get_by_role("button", name="Merge").click()
    expect(page.locator("#timeline")).to_contain_text("The one that joins")
    expect(page.locator(".toast")).to_contain_text("is now part of")
    page.keyboard.press("z")

    expect(page.locator(".toast")).to_contain_text("Undone")
    expect(page.locator("#timeline .msg")).to_have_count(1)
    assert not act(lambda: Ticket.objects.get(number=other)).is_merged


def test_whole_case_is_worked_by_keyboard_alone(act: Act[Any], sign_in: SignIn) -> None:
    ada = act(factories.ada)
    act(lambda: arrive("Older", sender="lo"))
    number = act(lambda: arrive("Newer"))
    page = sign_in(ada)
    page.goto(page.url + "open/")
    keys = page.keyboard
    is_ready(page)

    keys.press("j")
    expect(page.locator(f"#row-{number}")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#panes")).to_have_attribute("data-case", number)
    keys.press("n")
    keys.type("resolve? j k z")
    keys.press("Control+Enter")
    expect(page.locator(".msg--note")).to_contain_text("resolve? j k z")
    keys.press("Escape")
    keys.press("a")
    keys.press("Enter")
    expect(page.locator("#case-head")).to_contain_text("Ada")
    keys.press("e")
    expect(page.locator("#case-head")).to_contain_text("Resolved")
    is_ready(page)
    keys.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    keys.press("Escape")
    expect(sheet).to_be_hidden()
    keys.press("/")
    keys.type(f"QM{number}")
    keys.press("Enter")
    expect(page.locator("#case-head h2")).to_have_text("Newer")
    keys.press("g")
    keys.press("i")
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()


def test_dropped_socket_comes_back_and_has_missed_nothing(act: Act[Any], sign_in: SignIn) -> None:
    ada = act(factories.ada)
    number = act(lambda: arrive("Hello"))
    page, line = sign_in(ada), Line()
    page.route_web_socket("**/ws/desk/", line.carry)
    page.goto(page.url + "open/")
    open_case(page, number)

    line.cut()
    expect(page.locator("#offline")).to_be_visible()
    act(lambda: arrive("Said while you were away"))
    line.mend()

    expect(page.locator("#timeline")).to_contain_text("Said while you were away", timeout=40_000)
    expect(page.locator("#offline")).to_be_hidden()


def test_desk_works_without_any_script(act: Act[Any], site: str, browser: Any) -> None:
    ada = act(factories.ada)
    number = act(lambda: arrive("Hello"))
    page = browser.new_context(locale="en", java_script_enabled=False).new_page()
    page.goto(site)
    page.get_by_label("Work e-mail").fill(ada.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site}/unassigned/")

    page.locator(f"#row-{number}").click()
    page.get_by_role("textbox", name="Reply").fill("Without script")
    page.get_by_role("button", name="Send and wait").click()

    expect(page.locator(".msg--out")).to_contain_text("Without script")
    queued = act(Delivery.objects.get)
    assert queued.created_at > timezone.now() - timedelta(minutes=1)
    wait_for(lambda: act(lambda: Ticket.objects.get().state == "pending"), "the case waits")
