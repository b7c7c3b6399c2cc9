"""The sandbox page of a real demo: one person, many doors, one case, and what may go wrong."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from config.embedded.folders import Folders
from tests.config.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.faults]
SLOW = 25_000  # milliseconds: mail is asked every five seconds, a retry takes three and the beat
LABELS = {
    "web": "官网表单",
    "qq": "QQ 机器人（沙盒）",
    "wechat": "微信公众号（沙盒）",
    "forum": "用户论坛（沙盒）",
    "mail": "客服邮箱（沙盒）",
}


class Play:
    """The page, and what the person in front of it does there."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def write(self, slug: str, text: str) -> None:
        field = self.page.locator(f"#text-{slug}")
        field.fill(text)
        field.press("Enter")
        expect(self.chat(slug).locator(".bb--me", has_text=text)).to_be_visible(timeout=SLOW)

    def go_wrong(self, slug: str, what: str) -> None:
        menu = self.page.locator(f"#pane-{slug} details")
        menu.locator("summary").click()
        menu.get_by_role("button", name=what).click()
        expect(menu).not_to_have_attribute("open", "")

    def answer(self, slug: str, text: str) -> None:
        choice, key = (
            self.page.locator("#composer-to"),
            self.page.locator("#reply-form [name=client_key]"),
        )
        before = key.input_value()
        choice.locator("summary").click()
        choice.locator("label", has_text=LABELS[slug]).click()
        self.page.locator("#reply-text").fill(text)
        self.page.locator("#reply-form [type=submit]").first.click()
        expect(key).not_to_have_value(before, timeout=SLOW)  # the composer is a fresh one
        expect(self.on_the_line(text)).to_have_count(1)

    def verify_all(self, count: int) -> None:
        """Decide for each claim that it is the customer's."""
        claims = self.page.locator("#timeline .claim")
        expect(claims).to_have_count(count, timeout=SLOW)
        for left in range(count - 1, -1, -1):
            self.page.locator("#case-notices").get_by_role("button", name="Verify").click()
            expect(claims).to_have_count(left, timeout=SLOW)

    def chat(self, slug: str) -> Locator:
        return self.page.locator(f"#chat-{slug}")

    def heard(self, slug: str, text: str) -> Locator:
        """The desk's words in a customer's chat."""
        return self.chat(slug).locator(".bb:not(.bb--me)", has_text=text)

    def on_the_line(self, text: str) -> Locator:
        """A message as agents see it."""
        return self.page.locator("#timeline .msg", has_text=text)


@pytest.fixture
def play(demo: Desk, browser: Browser, faults: list[str]) -> Iterator[Play]:
    page = browser.new_context(locale="en", viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(SLOW)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"http://127.0.0.1:{demo.port}/login/")
    page.get_by_label("Work e-mail").fill("amy@qingwu.example")
    password = (Folders(demo.var).secrets / "demo_password").read_text(encoding="ascii")
    page.get_by_label("Password").fill(password.strip())
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#connection")).to_have_attribute("data-state", "on", timeout=SLOW)
    page.locator(".rail-more summary").click()
    page.locator(".rail").get_by_role("link", name="Sandbox").click()
    yield Play(page)
    assert faults == []


def test_one_person_plays_every_door_and_all_of_it_is_one_case(play: Play) -> None:
    number = asks_on_the_web(play)
    quotes_elsewhere(play, number)
    play.verify_all(4)
    everybody_is_answered(play)
    what_goes_wrong_ends_well(play)

    assert play.page.locator("#sb-cases a").count() == 1
    assert play.page.locator("#sb-newest").get_attribute("data-number") == number


def asks_on_the_web(play: Play) -> str:
    play.write("web", "The offer comes back with 554.")
    newest = play.page.locator("#sb-newest")
    expect(newest).to_have_attribute("data-number", re.compile("QM-"), timeout=SLOW)
    expect(play.on_the_line("The offer comes back with 554.")).to_be_visible(timeout=SLOW)
    number = newest.get_attribute("data-number")
    assert number is not None
    return number


def quotes_elsewhere(play: Play, number: str) -> None:
    play.write("mail", f"案号 {number}，已通过官网提交")
    play.page.locator("#pane-qq [data-quote]").click()
    expect(play.page.locator("#text-qq")).to_have_value(f"{number} ")
    for slug in ("qq", "wechat", "forum"):
        play.write(slug, f"案号 {number}，已通过官网提交")
    play.go_wrong("qq", "Deliver the last message twice")


def everybody_is_answered(play: Play) -> None:
    texts = {
        "web": "Please send the offer once more.",
        "qq": "QQ 上的消息看到了，谢谢。",
        "wechat": "微信这边也收到了。",
        "forum": "感谢反馈，问题已经修复。",
        "mail": "The letter has reached us too.",
    }
    for slug, text in texts.items():
        play.answer(slug, text)
    for slug, text in texts.items():
        expect(play.heard(slug, text)).to_have_count(1, timeout=SLOW)


def what_goes_wrong_ends_well(play: Play) -> None:
    """Each trouble at a door where it differs, the slow one begun first."""
    play.go_wrong("qq", "Too many requests (429)")
    play.answer("qq", "原因找到了，正在处理。")
    limited = play.on_the_line("原因找到了，正在处理。")
    expect(limited).to_contain_text("next attempt", timeout=SLOW)

    play.go_wrong("wechat", "Lose the answer to our reply")
    play.answer("wechat", "规则已经改好。")
    lost = play.on_the_line("规则已经改好。")
    expect(lost).to_contain_text("Unknown, check", timeout=SLOW)
    expect(play.heard("wechat", "规则已经改好。")).to_have_count(1)
    lost.get_by_role("button", name="It arrived").click()
    expect(lost).not_to_contain_text("Unknown, check", timeout=SLOW)

    play.go_wrong("wechat", "End our access token")
    play.answer("wechat", "请再试一次发送。")
    expect(play.on_the_line("请再试一次发送。")).to_contain_text("Sent", timeout=SLOW)

    play.go_wrong("wechat", "Let the reply window pass")
    play.answer("wechat", "还需要您的日志文件。")
    waiting = play.on_the_line("还需要您的日志文件。")
    expect(waiting).to_contain_text("Leaves when the customer writes again", timeout=SLOW)
    expect(play.heard("wechat", "还需要您的日志文件。")).to_have_count(0)
    play.write("wechat", "好的，我在。")
    expect(play.heard("wechat", "还需要您的日志文件。")).to_have_count(1, timeout=SLOW)
    expect(waiting).to_contain_text("Sent", timeout=SLOW)

    expect(limited).to_contain_text("Sent", timeout=SLOW)
    expect(play.heard("qq", "原因找到了，正在处理。")).to_have_count(1)
    # The push that came twice stands on the line once, in the messages and nowhere else.
    inbound = play.page.locator("#timeline .msg[data-inbound][data-ch=qq]")
    expect(inbound).to_have_count(1)
