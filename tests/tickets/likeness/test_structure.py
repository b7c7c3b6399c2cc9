"""What a report holds and lacks, by rule and by figure."""

import pytest

from tests.tickets.likeness.rows import f1, structures
from tickets.triage import missing, questions_for, structure_of

FLAGS = ("has_phenomenon", "has_steps", "has_error", "vague")


def test_reports_kept_out_of_tuning_are_read_right() -> None:
    held = [(row, structure_of(row["text"], language=row["lang"])) for row in structures("held")]

    scores = {flag: f1((getattr(found, flag), row[flag]) for row, found in held) for flag in FLAGS}

    assert len(held) >= 90
    assert all(score >= 0.9 for score in scores.values()), scores
    assert sum(scores.values()) / len(scores) >= 0.95


def test_reports_that_the_rules_were_written_by_are_read_right() -> None:
    seen = [(row, structure_of(row["text"], language=row["lang"])) for row in structures("tune")]

    for flag in FLAGS:
        assert f1((getattr(found, flag), row[flag]) for row, found in seen) >= 0.93, flag


@pytest.mark.parametrize(
    "text",
    [
        "554 5.7.1",
        "0x800CCC0E",
        "535 Login Fail",
        "提示“该手机号未绑定”",
        "报错：未知错误(-1)",
        "「サーバーエラー502」と表示されます",
        'It says "Service unavailable".',
        "errcode 45009",
        "45009",
        "ERR_SSL_PROTOCOL_ERROR",
    ],
)
def test_message_or_code_is_an_error(text: str) -> None:
    assert structure_of(text).has_error


@pytest.mark.parametrize(
    "text",
    [
        "端口改成了587",
        "群发给500人",
        "附件有450MB",
        "误删了“项目”文件夹",
        "点了“这不是垃圾邮件”也没用",
        "老邮件的日期都变成1970年",
        "总是报错",
        "我按提示验证了手机",
    ],
)
def test_number_or_name_in_quotes_is_no_error(text: str) -> None:
    assert not structure_of(text).has_error


@pytest.mark.parametrize(
    ("text", "has_steps"),
    [
        ("重启了电脑，清了缓存，还是不行", True),
        ("先导出通讯录，然后在新账号里导入", True),
        ("I cleared the cache and tried another browser", True),
        ("再起動しても直りません", True),
        ("登录后两分钟就自动退出", False),
        ("规则点保存没有任何反应", False),
        ("スマホで送信すると失敗します", False),
        ("Charged twice for the annual plan.", False),
    ],
)
def test_bare_trigger_is_no_step(text: str, has_steps: bool) -> None:
    assert structure_of(text).has_steps is has_steps


@pytest.mark.parametrize(
    "text", ["用不了", "功能异常", "It doesn't work.", "使えません。", "help", "", "  "]
)
def test_complaint_without_anything_to_see_is_vague(text: str) -> None:
    assert structure_of(text).vague


def test_vague_complaint_is_asked_for_place_acts_and_message() -> None:
    for text in ("邮箱不好用", "my mail is broken", "メールの具合が変です"):
        assert questions_for(text) == ("which_page", "what_did_you_do", "what_did_it_say")


def test_only_what_is_lacking_is_asked() -> None:
    assert questions_for("重启过，换了浏览器，还是不行") == ("which_page", "what_did_it_say")
    assert questions_for("收不到邮件")[:2] == ("which_address", "one_or_all")
    assert questions_for("Outlook 报 0x800CCC0E，收不了信") == ()
    assert len(questions_for("网页上图片不显示")) <= 3


def test_what_is_missing_comes_as_codes() -> None:
    assert missing(structure_of("554 5.7.1")) == ("which_page", "what_did_you_do")
    assert missing(structure_of("点保存没反应")) == ("what_did_you_do", "what_did_it_say")
