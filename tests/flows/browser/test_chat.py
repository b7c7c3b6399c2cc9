"""The chat on a page of another site, in a real browser: a journey of visitor and agent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, WebSocketRoute, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from channels_ingest.models import Envelope
from channels_ingest.sandbox.email import MailServer
from tests import factories
from tests.channels_ingest.chatting import (
    BOUNCE,
    answers,
    chat_channel,
    nobody_is_at_work,
    somebody_is_at_work,
    work,
)
from tests.channels_ingest.mail_door import code_in, link_in, mail_channel, mails, settle
from tests.flows.browser.conftest import Act
from tests.flows.browser.test_accessibility import ASK, AXE
from tests.flows.browser.visitors import Visitors, file, visiting
from tests.tickets import articles
from tests.waiting import wait_for
from tickets.models import Channel, Conversation, Direction, Message, Ticket, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Shop(BaseHTTPRequestHandler):
    """A page of somebody else's site, with the one script tag in it."""

    tag = ""

    def do_GET(self) -> None:
        body = (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
            f"<title>Shop</title><main><h1>Shop</h1><a href=#>Link</a></main>{self.tag}</html>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        # A strict site: the chat must ask for no more than its script and its frame.
        desk = self.tag.partition('src="')[2].partition("/chat.js")[0]
        self.send_header(
            "Content-Security-Policy", f"default-src 'none'; script-src {desk}; frame-src {desk}"
        )
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def shop(desk: str, attributes: str = "") -> Iterator[str]:
    """The address of the other site; its host name differs from the desk's, so its origin does."""
    tag = f'<script src="{desk}/chat.js" data-channel="chat" {attributes} async></script>'
    page = type("Page", (Shop,), {"tag": tag})
    server = ThreadingHTTPServer(("127.0.0.1", 0), page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def chat(act: Act[Any]) -> Channel:
    def make() -> Channel:
        channel = chat_channel(sites="*")
        somebody_is_at_work(channel)
        articles.published("bounce-554-dtspm")
        return channel

    made: Channel = act(make)
    return made


@pytest.fixture
def visit(chat: Channel, site: str, browser: Browser) -> Iterator[Visitors]:
    with visiting(browser, site) as visitors:
        yield visitors


def window(page: Page) -> FrameLocator:
    return page.frame_locator("anhao-chat iframe")


def write(page: Page, text: str) -> None:
    window(page).get_by_label("Message").fill(text)
    window(page).get_by_label("Message").press("Enter")


def barriers(page: Page) -> list[str]:
    """What axe-core finds in the chat's own document."""
    frame = next(each for each in page.frames if "/support/chat/" in each.url)
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = frame.evaluate(ASK)
    return found


def test_visitor_of_another_site_is_helped_by_the_machine_and_then_by_a_person(
    act: Act[Any], visit: Visitors, site: str, sign_in: Callable[[User], Page]
) -> None:
    mia = act(factories.mia)
    desk = site.replace("localhost", "127.0.0.1")
    with shop(desk) as address:
        page = visit(address, viewport={"width": 1440, "height": 900})
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        text = window(page).get_by_label("Message")
        expect(text).to_be_focused()
        assert barriers(page) == []

        page.keyboard.type(BOUNCE)
        page.keyboard.press("Enter")
        own = window(page).locator(".own")
        expect(own.locator("[data-state]")).to_contain_text("Sent")
        act(work)
        expect(window(page).locator(".sol li").first).to_be_visible()
        assert barriers(page) == []
        window(page).get_by_role("button", name="talk to a person").click()
        act(partial(_wait_and_work, 2))
        expect(window(page).get_by_text("You are next")).to_be_visible()
        expect(window(page).locator("#number")).to_contain_text("QM-")
        assert barriers(page) == []

        agent = sign_in(mia)
        number = act(lambda: Ticket.objects.get().number)
        agent.goto(f"{site}/tickets/QM-{number[:4]}-{number[4:8]}-{number[8:]}/")
        expect(own.first.locator("[data-state]")).to_contain_text("Read")
        _write_until_seen(text, agent.locator("[data-typing]"))
        _write_until_seen(agent.locator("#reply-text"), window(page).locator("#typing"))
        act(lambda: answers(mia, "Please send us the log."))
        expect(window(page).get_by_text("Please send us the log.")).to_be_visible()
        expect(window(page).locator("#state")).to_contain_text("Mia")

        window(page).locator("#file").set_input_files([file("mail.log")])
        expect(window(page).locator("#uploads li button")).to_be_visible()
        text.press("Enter")
        act(partial(_wait_and_work, 3))
        expect(agent.get_by_text("mail.log")).to_be_visible()
        assert barriers(page) == []

        page.keyboard.press("Escape")
        opener = page.locator("anhao-chat button")
        expect(opener).to_be_focused()
        page.keyboard.press("Enter")
        expect(text).to_be_focused()
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.localName") == "anhao-chat"


def test_lost_line_loses_and_doubles_nothing_and_polling_does_without_it(
    act: Act[Any], visit: Visitors, site: str
) -> None:
    mia = act(factories.mia)
    lines: list[WebSocketRoute] = []
    is_cut = threading.Event()

    def route(line: WebSocketRoute) -> None:
        if is_cut.is_set():
            line.close()
            return
        line.connect_to_server()
        lines.append(line)

    with shop(site) as address:
        page = visit("about:blank", viewport={"width": 390, "height": 844}, color_scheme="dark")
        page.route_web_socket("**/ws/chat/", route)
        page.goto(address)
        page.locator("anhao-chat button").click()
        write(page, "My mail comes back.")
        expect(window(page).locator(".own [data-state=stored]")).to_have_count(1)
        act(work)
        expect(window(page).locator(".theirs")).to_have_count(1)
        assert barriers(page) == []

        # The server hears a message, and its answer to it is lost.
        once = iter([True])

        def lose(request: Any) -> None:
            if request.request.method == "POST" and next(once, False):
                request.fetch()
                request.abort()
            else:
                request.continue_()

        page.route("**/messages/**", lose)
        is_cut.set()
        for line in lines:
            line.close()
        write(page, "转人工")
        write(page, "and one more thing")
        # Not behind the page's back: its requests go through this very thread.
        expect(window(page).locator(".own [data-state=stored]")).to_have_count(2)
        act(work)
        act(lambda: answers(mia, "Good day"))

        # No socket is left: the window asks by itself.
        expect(window(page).get_by_text("Good day")).to_be_visible()
        expect(window(page).locator(".own .bb")).to_have_text(
            ["My mail comes back.", "转人工", "and one more thing"]
        )
        is_cut.clear()
        with page.expect_websocket(timeout=40_000):
            page.reload()
            page.locator("anhao-chat iframe").wait_for()
        expect(window(page).locator(".own .bb")).to_have_count(3)
        act(lambda: answers(mia, "Still there?"))
        expect(window(page).get_by_text("Still there?")).to_be_visible()
        inbound = act(lambda: Message.objects.filter(direction=Direction.INBOUND).count())
        assert (inbound, act(Conversation.objects.count)) == (3, 1)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _write_until_seen(field: Locator, sign: Locator) -> None:
    """Whoever writes on is told of again every few seconds; one such notice may get lost."""
    for _ in range(10):
        field.press_sequentially("and so on ")
        with suppress(PlaywrightTimeout):
            sign.wait_for(timeout=4000)
            return
    raise AssertionError("nobody saw that somebody writes")


def _wait_and_work(messages: int) -> None:
    """Work as soon as so many messages of the visitor have been stored."""
    wait_for(
        lambda: _stored() >= messages,
        f"{messages} messages are stored",
    )
    work()


def test_visitor_at_night_corrects_the_machine_and_proves_where_the_answer_goes(
    act: Act[Any], visit: Visitors, site: str
) -> None:
    act(nobody_is_at_work)
    with MailServer() as server, shop(site, 'data-lang="zh"') as address:
        act(lambda: mail_channel(server))
        page = visit(address, viewport={"width": 390, "height": 844}, locale="zh-CN")
        page.locator("anhao-chat button").press("Enter")
        shown = window(page)
        text = shown.locator("#text")
        expect(text).to_be_focused()
        page.keyboard.type(BOUNCE)
        page.keyboard.press("Enter")
        act(partial(_wait_and_work, 1))
        shown.locator("button[data-correct]").press("Enter")
        expect(shown.locator("form[data-correct] select")).to_be_focused()
        assert barriers(page) == []
        shown.locator("form[data-correct] select").select_option("spam_blocking")
        shown.locator("form[data-correct] button").press("Enter")
        act(partial(_wait_and_work, 2))

        for words in ("转人工", "kim@mail.example"):
            stored = act(_stored)
            expect(text).to_be_visible()
            text.fill(words)
            text.press("Enter")
            act(partial(_wait_and_work, stored + 1))
        act(settle)
        (asked,) = mails(server, "kim@mail.example")
        stored = act(_stored)
        text.fill(code_in(asked))
        text.press("Enter")
        act(partial(_wait_and_work, stored + 1))
        act(settle)
        expect(shown.locator(".theirs").last).to_contain_text("kim@mail.example")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

        page.goto(f"{site}{link_in(asked)}")
        expect(page.locator("main .caseno")).to_be_visible()
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(ASK) == []

    ticket = act(lambda: Ticket.objects.select_related("answer_by").get())
    assert (ticket.category, str(ticket.answer_by)) == ("spam_blocking", "kim@mail.example")


def _stored() -> int:
    return Envelope.objects.exclude(key__startswith="read:").count()
