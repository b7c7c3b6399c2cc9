"""What the machine says first, as tables: answers, questions, and when a person must."""

from dataclasses import dataclass

import pytest

from tickets.triage import Assessment, Structure, names_nothing, structure_of
from tickets.triage.first_answer import Talk, first_answer, wishes

SURE = Assessment("attachments", 0.9, "normal", 0.9, False, "test")
UNSURE = Assessment("other", 0.1, "normal", 0.1, True, "test")
FULL = Structure(has_phenomenon=True, has_steps=True, has_error=True)
VAGUE = Structure(has_phenomenon=False, has_steps=False, has_error=False)


@dataclass(frozen=True)
class Found:
    slug: str


def test_case_for_which_a_lead_is_called_is_for_people() -> None:
    talk = Talk(words=("附件传不上去",), is_escalated=True)

    answer = first_answer(talk, SURE, FULL, [])

    assert (answer.kind, answer.reason) == ("hand_over", "escalation")


LIMIT, UPLOAD = Found("size-limit"), Found("upload-fails")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("转人工", "asked_for_human"),
        ("没解决，转人工", "asked_for_human"),
        ("人工", "asked_for_human"),
        ("我要人工客服！", "asked_for_human"),
        ("agent", "asked_for_human"),
        ("Not solved, I want to talk to a person", "asked_for_human"),
        ("can I speak with a human please", "asked_for_human"),
        ("オペレーターにつないでください", "asked_for_human"),
        ("担当者と話したいです", "asked_for_human"),
        ("解決しないので担当者と話したい", "asked_for_human"),
        ("我的邮箱被盗了，登不上", "account_theft"),
        ("有人昨天登录了我的邮箱", "account_theft"),
        ("密码被人改了", "account_theft"),
        ("My account was hacked last night", "account_theft"),
        ("Somebody logged in to my mailbox from abroad", "account_theft"),
        ("アカウントが乗っ取られました", "account_theft"),
        ("会员重复扣费，我要退款", "refund"),
        ("I was charged twice, money back please", "refund"),
        ("二重請求されたので返金してください", "refund"),
        ("再不处理我就打12315", "escalation"),
        ("我会在黑猫上曝光你们", "escalation"),
        ("You will hear from my lawyer", "escalation"),
    ],
)
def test_what_only_people_may_answer_goes_to_them_even_with_articles_at_hand(
    words: str, reason: str
) -> None:
    answer = first_answer(Talk((words,)), SURE, FULL, [LIMIT])

    assert (answer.kind, answer.reason, answer.articles) == ("hand_over", reason, ())


@pytest.mark.parametrize(
    "words",
    [
        "附件 25 MB 上传失败，提示超过限制",
        "不用转人工，告诉我附件怎么发",
        "The agent in Outlook shows error 0x800ccc0f",
        "添付ファイルが送れません",
    ],
)
def test_ordinary_problem_is_answered_by_the_best_article(words: str) -> None:
    answer = first_answer(Talk((words,)), SURE, FULL, [LIMIT, UPLOAD])

    assert (answer.kind, answer.articles, answer.category) == (
        "articles",
        ("size-limit",),
        "attachments",
    )


@pytest.mark.parametrize("slug", ["recover-hacked-account", "refund"])
def test_article_on_theft_or_money_is_never_offered(slug: str) -> None:
    answer = first_answer(Talk(("奇怪的说法",)), SURE, FULL, [Found(slug), LIMIT])

    assert answer.kind == "hand_over"


def test_theft_told_earlier_is_not_forgotten() -> None:
    answer = first_answer(Talk(("邮箱被盗了", "附件怎么发")), SURE, FULL, [LIMIT])

    assert answer.reason == "account_theft"


@pytest.mark.parametrize(
    "words", ["已解决", "可以了，谢谢", "Solved", "it works now", "解決しました"]
)
def test_visitor_who_says_that_it_works_is_done(words: str) -> None:
    answer = first_answer(Talk(("附件发不出", words), offered=("size-limit",)), SURE, FULL, [LIMIT])

    assert (answer.kind, answer.articles) == ("solved", ("size-limit",))


def test_nothing_is_solved_before_anything_was_offered() -> None:
    assert first_answer(Talk(("已解决",)), UNSURE, VAGUE, []).kind != "solved"


@pytest.mark.parametrize(
    "words", ["没解决", "还是不行", "试过了，没用", "still not working", "解決しません"]
)
def test_failed_answer_brings_another_article_and_two_bring_a_person(words: str) -> None:
    once = Talk(("附件发不出", words), offered=("size-limit",))
    twice = Talk(("附件发不出", words), offered=("size-limit", "upload-fails"), failures=1)

    second = first_answer(once, SURE, FULL, [LIMIT, UPLOAD])
    third = first_answer(twice, SURE, FULL, [LIMIT, UPLOAD, Found("preview-blank")])

    assert (second.kind, second.articles, second.failed) == ("articles", ("upload-fails",), True)
    assert (third.kind, third.reason, third.failed) == ("hand_over", "two_failures", True)


def test_greeting_is_answered_by_the_question_what_is_wrong() -> None:
    answer = first_answer(Talk(("在吗",)), UNSURE, VAGUE, [LIMIT])

    assert (answer.kind, answer.missing[0]) == ("ask", "phenomenon")


def test_vague_words_are_asked_about_twice_and_then_a_person_takes_over() -> None:
    first = first_answer(Talk(("邮箱不好用",)), UNSURE, VAGUE, [])
    last = first_answer(Talk(("邮箱不好用", "就是不好"), questions=2), UNSURE, VAGUE, [])

    assert (first.kind, first.missing) == ("ask", ("phenomenon", "steps", "error"))
    assert (last.kind, last.reason) == ("hand_over", "low_confidence")


def test_complete_report_without_an_article_goes_to_a_person() -> None:
    answer = first_answer(Talk(("一个完整但没人写过的问题",)), UNSURE, FULL, [])

    assert (answer.kind, answer.reason, answer.category) == ("hand_over", "low_confidence", "")


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("发到 kim@mail.example 吧", ("email", "kim@mail.example")),
        ("Call me: +86 138 0013 8000", ("phone", "+8613800138000")),
        ("13800138000", ("phone", "13800138000")),
        ("在这里就行", ("", "")),
        ("order 12", ("", "")),
    ],
)
def test_wish_is_read_out_of_the_words(words: str, wish: tuple[str, str]) -> None:
    assert wishes(words) == wish


def test_words_of_hostile_length_cost_no_more() -> None:
    hostile = "a@" * 200_000 + "人" * 200_000

    assert first_answer(Talk((hostile,)), UNSURE, FULL, []).kind == "hand_over"
    assert wishes(hostile) == ("", "")


@pytest.mark.parametrize(
    "words",
    [
        "邮箱不好用",
        "邮件有问题",
        "我的邮箱坏了怎么办",
        "你们的邮箱太烂了",
        "mail does not work",
        "My mailbox is broken",
        "メールが使えません",
    ],
)
def test_complaint_that_names_nothing_is_asked_about_and_offered_no_article(words: str) -> None:
    talk = Talk((words,), names_nothing=names_nothing(words))

    answer = first_answer(talk, SURE, structure_of(words), [LIMIT])

    assert (answer.kind, answer.missing) == ("ask", ("phenomenon", "steps", "error"))
    assert answer.category == ""


@pytest.mark.parametrize(
    "words",
    ["如何开启IMAP", "邮箱怎么收费", "邮箱好慢", "收不到邮件", "怎么注册邮箱", "附件发不出，坏了"],
)
def test_words_that_name_something_are_answered(words: str) -> None:
    assert not names_nothing(words)


def test_what_is_told_after_the_question_counts_with_what_was_vague() -> None:
    assert not names_nothing("邮箱不好用\n附件上传到一半就停了")
