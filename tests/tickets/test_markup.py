"""What people write in articles becomes steps and harmless HTML."""

import pytest

from tickets.markup import lines_of, plain, shown_steps, steps_of, to_html


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("打开设置\n点保存", ("打开设置", "点保存")),
        ("1. Open it\r\n2) Close it\r\n", ("Open it", "Close it")),
        ("- one\n* two\n• three", ("one", "two", "three")),
        ("1、甲\n2、乙", ("甲", "乙")),
        ("Open it\nIt takes a while.\n\nClose it", ("Open it\nIt takes a while.", "Close it")),
        ("465 is the port", ("465 is the port",)),
    ],
)
def test_steps_stand_on_lines_or_between_empty_lines(text: str, steps: tuple[str, ...]) -> None:
    assert steps_of(text) == steps


def test_first_line_of_a_step_is_its_title() -> None:
    (step,) = shown_steps("Set `ssl` on")

    assert step.title == "Set <code>ssl</code> on"
    assert step.more == ""


def test_more_of_a_step_keeps_its_lists() -> None:
    first, second = shown_steps("Do this\n- a\n- b\n\nDo that")

    assert first.more.split() == ["<ul>", "<li>a</li>", "<li>b</li>", "</ul>"]
    assert second.title == "Do that"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://elsewhere.example/pixel.png)",
        '<a href="https://x.example" onclick="y()">z</a>',
        "<style>*{}</style>",
    ],
)
def test_nothing_that_can_act_gets_through(text: str) -> None:
    html = to_html(text)

    assert not any(sign in html for sign in ("<script", "<img", '<a href="https', "<style"))
    assert 'href="javascript' not in html


def test_headings_stand_below_those_of_the_page() -> None:
    assert to_html("# A\n\n### B").replace("\n", "") == "<h3>A</h3><h3>B</h3>"


def test_links_leave_without_a_word_of_where_from() -> None:
    assert 'rel="noopener nofollow"' in to_html("[x](https://x.example/)")


def test_plain_words_are_what_a_machine_reads() -> None:
    assert plain("Use **ssl** & `465` <b>") == "Use ssl & 465 <b>"


def test_lines_lose_the_signs_of_a_list() -> None:
    assert lines_of("- a\n\n 2. b ") == ("a", "b")
