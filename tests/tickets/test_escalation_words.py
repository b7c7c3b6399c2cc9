"""Words that call a lead, and the same words in harmless company."""

import pytest

from tickets.phrases import ESCALATION_EXCEPTIONS, ESCALATION_WORDS, words_said


def said(text: str) -> tuple[str, ...]:
    return words_said(text, ESCALATION_WORDS, ESCALATION_EXCEPTIONS)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("再不处理我就打12315了", "12315"),
        ("再不处理我就打１２３１５了", "12315"),
        ("明天投诉到工信部", "工信部"),
        ("黑猫上见", "黑猫"),
        ("我的律师会联系你们", "律师"),
        ("我的律師會聯繫你們", "律師"),
        ("截图都存好了，准备曝光你们", "曝光"),
        ("把聊天照片曝光到网上", "曝光"),
        ("消协那边我已经问过", "消协"),
        ("法院见", "法院见"),
        ("You will hear from my Lawyer.", "lawyer"),
        ("I am going to sue.", "going to sue"),
        ("We informed the regulator yesterday", "regulator"),
        ("消費者センターに相談します", "消費者センター"),
        ("弁護士に相談しました", "弁護士"),
    ],
)
def test_threat_is_heard(text: str, word: str) -> None:
    assert word in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "收不到邮件",
        "照片曝光过度，附件发不出去",
        "相机的曝光参数发在附件里了",
        "拍摄时曝光不对，这是光圈和快门",
        "我是律师，客户的邮件收不到",
        "律师事务所的企业邮箱收不到信",
        "昨天律师给我发来的附件打不开，律师发来的",
        "头像是一只黑猫",
        "黑猫警长那封邮件不见了",
        "订单号 9912315001",
        "Sue did not get my mail",
        "I am a lawyer and my mail is stuck",
        "the voltage regulator of the server",
        "弁護士事務所のメールが届かない",
    ],
)
def test_harmless_company_is_passed_over(text: str) -> None:
    assert said(text) == ()


def test_threat_beside_harmless_company_is_heard() -> None:
    assert said("我是律师，再不回我就曝光") == ("曝光",)


def test_words_are_told_as_the_list_writes_them() -> None:
    assert words_said("REFUND now", ["refund", "Geld"], []) == ("refund",)
    assert words_said("Geld zurück", ["refund", "Geld"], []) == ("Geld",)


def test_empty_entries_of_a_list_match_nothing() -> None:
    assert words_said("anything", ["", " "], [""]) == ()
    assert words_said("12315", ["12315", ""], ["", " "]) == ("12315",)


def test_hostile_length_costs_little() -> None:
    assert said("曝光度" * 100_000) == ()
