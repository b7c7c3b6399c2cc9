"""Texts with variables, with marks, and texts that share sentences: all pure."""

import pytest

from tickets.formatting import formatted, without_marks
from tickets.macros import Actions, BadVariable, check, fill
from tickets.overlap import parted, sentences, shared


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dear {{customer.name}}", "Dear Kim"),
        ("{{ customer.name }}，您好", "Kim，您好"),
        ("{{case.subject|your case}}", "your case"),
        ("no variable { } at all", "no variable { } at all"),
        ("{{agent.name}}", "{{customer.name}}"),
    ],
)
def test_value_stands_for_its_variable_and_is_read_no_further(text: str, said: str) -> None:
    values = {"customer.name": "Kim", "agent.name": "{{customer.name}}"}

    assert fill(text, values) == said


@pytest.mark.parametrize(
    ("text", "bad"),
    [("{{customer.secret}}", "customer.secret"), ("{{}}", ""), ("{{customer.name", "{{")],
)
def test_what_is_no_variable_is_named(text: str, bad: str) -> None:
    with pytest.raises(BadVariable) as found:
        check(text)

    assert found.value.name == bad


def test_value_is_one_short_line() -> None:
    assert fill("{{customer.name}}", {"customer.name": "a\n\nb" + "x" * 500}) == "a b" + "x" * 197


def test_value_means_itself_among_marks() -> None:
    value = fill(
        "**{{customer.name}}**", {"customer.name": "*[x](http://a.b)*"}, escape=without_marks
    )

    assert formatted(value).html == "<p><strong>*[x](http://a.b)*</strong></p>"


@pytest.mark.parametrize(
    ("source", "text", "html"),
    [
        ("a\nb 2 * 3", "a\nb 2 * 3", ""),
        ("# no heading", "# no heading", ""),
        ("**b**", "b", "<p><strong>b</strong></p>"),
        ("1. a\n2. b", "1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("[a](https://b.c)", "a (https://b.c)",
         '<p><a href="https://b.c" rel="noopener nofollow">a</a></p>'),
        ("[a](javascript:b)", "[a](javascript:b)", ""),
        ("<b>x</b>", "<b>x</b>", ""),
    ],
)  # fmt: skip
def test_marks_become_harmless_html_and_plain_words(source: str, text: str, html: str) -> None:
    said = formatted(source)

    assert (said.text, said.html) == (text, html)


def test_actions_survive_being_stored_and_forget_what_is_not_known() -> None:
    actions = Actions(assign="me", tags=("a",), then="closed")

    assert Actions.read(actions.as_data()) == actions
    assert Actions.read({"then": "explode", "team": "x", "tags": "no"}) == Actions()


def test_what_two_answers_share_is_found_and_the_rest_is_left() -> None:
    first = "推送证书已经换好。请在手机客户端退出再登录一次。"
    second = "证书问题已修复，请在手机客户端重新登录。另外请打开提醒。"

    _theirs, mine = shared(first, second)

    assert [second[s.start : s.end] for s in mine] == ["请在手机客户端"]
    assert parted(second, mine) == ("另外请打开提醒。", "证书问题已修复，请在手机客户端重新登录。")


def test_sentences_are_all_of_the_text() -> None:
    text = "One a.b, two. 三。四\n五"

    assert "".join(text[s.start : s.end] for s in sentences(text)) == text
    assert len(sentences(text)) == 4
