"""What one text takes over from others, and what only sounds like it."""

import time

import pytest

from tickets.passages import shared_passage

CASES = {
    "phone": ("我的备用手机是13800001234请联系", "您的手机13800001234对吗", "13800001234"),
    "phone in groups": ("手机 138 0000 1234", "您的手机 13800001234 对吗", "13800001234"),
    "phone with country": ("+86-138-0000-1234", "手机 13800001234", "13800001234"),
    "address": ("写信给 lin.x@example.org。", "是 LIN.X@example.org 吗", "lin.x@example.org"),
    "order number": ("订单号 ab12cd3456", "订单 AB12CD3456 已退款", "ab12cd3456"),
    "full width": ("订单号 ａｂ１２ｃｄ３４５６", "AB12CD3456", "ab12cd3456"),
    "cjk": ("发送带附件的邮件被退回，报错", "关于发送带附件的邮件被退回", "发送带附件的邮件被退"),
    "latin": ("A quarterly contract was sent", "a quarterly  contract was", "a quarterly contract"),
    "mixed": ("用Outlook发附件时报错", "您用outlook发附件时报错吗", "用outlook发附件时"),
}


@pytest.mark.parametrize("name", CASES)
def test_telling_passage_is_found(name: str) -> None:
    source, text, expected = CASES[name]

    passage = shared_passage(text, ["别的话", source])

    assert passage
    assert passage.startswith(expected[:9])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("收不到验证码", "您收不到验证码吗"),
        ("我用 Outlook2019 和 Windows10", "请在 outlook2019 里打开，windows10 也行"),
        ("Foxmail7.2.25 打不开", "foxmail7.2.25 的设置"),
        ("2026-11-02 开始的", "我们 2026-11-02 答复"),
        ("您好，感谢您的耐心等待，我们正在核实。", "您好，感谢您的耐心等待，我们正在核实。"),
        ("Thank you for contacting us. Best regards", "Thank you for contacting us!"),
        ("お問い合わせいただきありがとうございます。", "お問い合わせいただきありがとうございます"),
        ("--------------------\n甲", "乙\n--------------------"),
        ("==========================", "=========================="),
        ("", "任何话都可以说，因为没有来源"),
        ("任何话", ""),
        ("错误 554 5.7.1", "错误 554 5.7.1 的意思是被拒收"),
    ],
)
def test_what_everybody_says_gives_nothing_away(source: str, text: str) -> None:
    assert shared_passage(text, [source]) == ""


def test_what_the_reader_knows_gives_nothing_away() -> None:
    source = "订单 ab12cd3456，发送带附件的邮件被退回"

    assert shared_passage(source, [source], allowed=[source]) == ""
    assert shared_passage(source, [source], allowed=["订单 ab12cd3456"]) != ""


def test_courtesy_between_two_secrets_hides_neither() -> None:
    secret = "发送带附件的邮件被退回"

    assert shared_passage(f"感谢您的耐心等待，{secret}，敬请谅解", [secret])


def test_doubled_characters_are_shown_as_they_were_written() -> None:
    assert (
        shared_passage("刚刚好好看看慢慢走走停停", ["刚刚好好看看慢慢走走停停"])
        == "刚刚好好看看慢慢走走"
    )


@pytest.mark.parametrize(
    "text", ["一二三四五六七八九十" * 1_000, "a1b2c3@x.y " * 1_000, "1 2-3 " * 2_000, "- " * 5_000]
)
def test_time_grows_with_the_length_only(text: str) -> None:
    def cost(words: str) -> float:
        began = time.process_time()
        shared_passage(words, [words[::-1]], allowed=[words[::-1]])
        return time.process_time() - began

    once, tenfold = min(cost(text) for _ in range(3)), cost(text * 10)

    assert tenfold < 40 * max(once, 0.002)
