"""What an author wrote is told from what was quoted, in the forms that real programs write."""

import time

import pytest

from tickets.quoting import Split, split_quoted

REPLIES = {
    "gmail_en": "Still broken.\n\nOn Tue, Nov 3, 2026 at 10:21 AM Support <help@shop.example> "
    "wrote:\n> Your case is QM-4821-0937-10\n> Please restart.\n",
    "gmail_en_wrapped": "Still broken.\n\nOn Tue, Nov 3, 2026 at 10:21 AM Customer Support Team\n"
    "<help@shop.example> wrote:\n\n> QM-4821-0937-10\n",
    "short_english": "Yes, go ahead.\n\nOn 8 Nov, Support wrote:\n>> [QM-4821-0937-10] Confirm",
    "outlook_en": "Here it is.\n\n-----Original Message-----\nFrom: Support\n"
    "Subject: Received (QM-4821-0937-10)",
    "outlook_underscores": "Here it is.\n\n________________________________\nFrom: Support\n"
    "Sent: 3 November 2026\nTo: Kim\nSubject: [QM-4821-0937-10]\n\nHello",
    "outlook_bare_block": "Here it is.\n\nFrom: Support <help@shop.example>\nSent: 3 November 2026"
    "\nTo: Kim\nSubject: [QM-4821-0937-10]\n\nHello",
    "qq_mail": "还是不行。\n\n\n------------------\u00a0原始邮件\u00a0------------------\n"
    '发件人: "客服" <help@shop.example>;\n发送时间: 2026年11月3日\n主题: QM-4821-0937-10\n正文',
    "qq_mail_en": "还是不行。\n\n------------------ Original ------------------\n"
    "From: help\nQM-4821-0937-10",
    "foxmail": "好的\n\n \n发件人： 客服\n发送时间： 2026-11-03 10:21\n收件人： 小金\n"
    "主题： 已受理 QM-4821-0937-10\n您好",
    "netease": '好的\n\n\n在 2026-11-03 10:21:33，"客服" <help@shop.example> 写道：\n\n'
    "您的案号 QM-4821-0937-10\n",
    "netease_new": "好的\n\n---- 回复的原邮件 ----\n| 发件人 | 客服 |\nQM-4821-0937-10",
    "gmail_zh": "好的\n\n客服 <help@shop.example> 于2026年11月3日周二 10:21写道：\n\n"
    "> QM-4821-0937-10\n",
    "ios_zh": "好的\n\n> 在 2026年11月3日，10:21，客服 <help@shop.example> 写道：\n> \n"
    "> QM-4821-0937-10",
    "comma_zh": "好的，已补充。\n\n在 11月3日 10:21，客服 写道：\n> 您的案号为 QM-4821-0937-10",
    "bare_zh": "好的\n\n2026年11月3日 10:21，客服 <help@shop.example> 写道\nQM-4821-0937-10",
    "traditional": "好的\n\n客服 <help@shop.example> 於 2026年11月3日 週二 上午10:21寫道：\n\n"
    "QM-4821-0937-10",
    "gmail_ja": "まだ動きません。\n\n2026年11月3日(火) 10:21 サポート <help@shop.example>:\n\n"
    "> QM-4821-0937-10\n",
    "ios_ja": "まだ動きません。\n\n2026/11/03 10:21、サポート <help@shop.example>のメール:\n\n"
    "> QM-4821-0937-10",
    "outlook_ja": "まだ動きません。\n\n差出人: サポート\n送信日時: 2026年11月3日\n宛先: キム\n"
    "件名: QM-4821-0937-10\n\nこんにちは",
    "full_width_marks": "好的\n＞ 您的案号 QM-4821-0937-10",
    "forward_gmail": "Please look.\n\n---------- Forwarded message ---------\nFrom: Support\n"
    "QM-4821-0937-10",
    "forward_ios": "请看\n\n开始转发的邮件：\n\n发件人: 客服\nQM-4821-0937-10",
}


@pytest.mark.parametrize("text", REPLIES.values(), ids=REPLIES.keys())
def test_number_in_the_quoted_part_is_not_the_authors_own(text: str) -> None:
    split = split_quoted(text)

    assert not split.is_own(text.index("4821"))
    assert "4821" in split.quoted
    assert "4821" not in split.own
    assert split.own == text.partition("\n")[0]


CHAT = [
    "",
    "在吗",
    "我的邮箱收不到信了",
    "发件人：a@shop.example\n收件人：b@shop.example\n主题：报价单\n一直收不到这封信",
    "这封信：\n发件人：a@shop.example\n日期：11月3日\n主题：报价单\n一直收不到",
    ">_< 又登录不上了",
    ">100封邮件收不到",
    "On Monday I tried again.\nIt failed.",
    "他在邮件里写道：你好",
    "From: the address is wrong in my profile",
    "----------\n价格表\n----------",
    "a -- b\nc",
    "__________\n签字处",
    "昨天田中さんのメール：届きません",
    "第一段\n\n第二段\n\n第三段",
]


@pytest.mark.parametrize("text", CHAT)
def test_plain_text_without_quotes_is_all_the_authors_own(text: str) -> None:
    split = split_quoted(text)

    assert split == Split(text.strip(), "", ())


def test_answers_between_quoted_lines_stay_the_authors_own() -> None:
    text = "On 8 Nov, Support wrote:\n> Which version?\nVersion 3.\n> Which system?\nWindows.\n"

    split = split_quoted(text)

    assert split.own == "Version 3.\nWindows."
    assert "Which version?" in split.quoted
    assert [span.kind for span in split.spans] == ["quote", "quote"]


def test_neighbouring_quoted_lines_are_one_span() -> None:
    text = "ok\n> a\n> b\n> c\n"

    split = split_quoted(text)

    assert [text[span.start : span.end] for span in split.spans] == ["> a\n> b\n> c\n"]


def test_forward_is_told_from_a_reply() -> None:
    assert split_quoted("FYI\n-----转发邮件-----\nhello").spans[0].kind == "forward"
    assert split_quoted("ok\n-----原始邮件-----\nhello").spans[0].kind == "quote"


def test_chat_quote_comes_before_the_answer() -> None:
    text = "「客服：您的案号 QM-4821-0937-10」\n- - - - - - - - - - - - - - -\n还是不行"

    split = split_quoted(text)

    assert split.own == "还是不行"
    assert not split.is_own(text.index("4821"))


def test_brackets_without_a_rule_are_no_chat_quote() -> None:
    text = "「错误：连接超时」\n怎么办"

    assert split_quoted(text).spans == ()


@pytest.mark.parametrize(
    "signature",
    ["-- \nKim\nShop Ltd", "Sent from my iPhone", "发自我的iPhone", "iPhoneから送信", "--\n小金"],
)
def test_signature_is_folded_and_quoting_after_it_is_seen(signature: str) -> None:
    text = f"It works now.\n\n{signature}\n\nOn 8 Nov, Support wrote:\n> hello\n"

    split = split_quoted(text)

    assert split.own == "It works now."
    assert {span.kind for span in split.spans} == {"signature", "quote"}


def test_words_of_a_mobile_client_inside_a_sentence_are_no_signature() -> None:
    text = "发自我的iPhone\n这行字怎么去掉？"

    assert split_quoted(text).own == text


def test_spans_and_own_text_cover_every_character() -> None:
    for text in REPLIES.values():
        split = split_quoted(text)
        outside = [c for i, c in enumerate(text) if split.is_own(i)]

        assert "".join(outside).strip() == split.own


@pytest.mark.parametrize(
    "hostile",
    [
        "> " * 100_000,
        ">\n" * 50_000,
        "On " * 70_000,
        "On 1\n" * 40_000,
        "From: a\n" * 30_000,
        "____________\n" * 20_000,
        "--\n" * 50_000,
        "--\na\n" * 30_000,
        "2026年" + "<a@" * 60_000 + ":",
        ("2026年" + "<a@" * 120 + ":\n") * 500,
        "在" * 150_000 + "写道",
        "Sent from my \n\n" * 15_000,
        "\n" * 150_000,
        "「a:" * 50_000,
    ],
    ids=lambda text: text[:8].strip() or "newlines",
)
def test_hostile_text_costs_linear_time(hostile: str) -> None:
    started = time.process_time()

    split_quoted(hostile)

    assert time.process_time() - started < 3
