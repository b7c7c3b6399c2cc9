"""Cutting replies: by paragraph, sentence or word, never inside a number or a character."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tickets.pieces import cut, pieces, whole

ONE, TWO = UUID(int=1), UUID(int=2)


def texts(text: str, limit: int, *, in_bytes: bool = False) -> list[str]:
    return [text[start:end] for start, end in cut(text, limit, in_bytes=in_bytes)]


def test_short_reply_is_one_whole_piece() -> None:
    assert pieces("您好", [], limit=10) == [whole()]
    assert pieces("您好" * 100, [ONE], limit=None) == [whole()]


def test_long_reply_ends_its_pieces_where_a_sentence_ends() -> None:
    assert texts("请先重启客户端。然后重新登录邮箱。", 10) == [
        "请先重启客户端。",
        "然后重新登录邮箱。",
    ]


def test_paragraph_is_a_better_end_than_a_sentence() -> None:
    assert texts("First. Second.\n\nThird one. Fourth.", 26) == [
        "First. Second.",
        "Third one. Fourth.",
    ]


def test_case_number_is_never_cut() -> None:
    text = "x" * 15 + "QM-4821-0937-10" + "y" * 15

    assert any("QM-4821-0937-10" in each for each in texts(text, 20))


def test_limit_in_bytes_counts_chinese_characters_threefold() -> None:
    assert [len(each.encode()) for each in texts("邮" * 10, 9, in_bytes=True)] == [9, 9, 9, 3]


def test_character_keeps_the_marks_that_belong_to_it() -> None:
    family = "👩\u200d👩\u200d👧"

    assert texts("a" * 8 + family, 10) == ["a" * 8, family]


def test_files_that_travel_alone_are_pieces_of_their_own() -> None:
    made = pieces("See below", [ONE, TWO], limit=None, files_apart=True)

    assert made == [{"text": [0, 9]}, {"file": str(ONE)}, {"file": str(TWO)}]


def test_file_without_words_is_one_piece() -> None:
    assert pieces("", [ONE], limit=100, files_apart=True) == [{"file": str(ONE)}]


def test_files_otherwise_go_with_the_last_words() -> None:
    made = pieces("one two", [ONE], limit=4)

    assert made == [{"text": [0, 3]}, {"text": [4, 7], "files": True}]


@given(st.text(max_size=300), st.integers(4, 40), st.booleans())
def test_nothing_but_blanks_is_lost_and_no_piece_is_too_long(
    text: str, limit: int, in_bytes: bool
) -> None:
    made = texts(text, limit, in_bytes=in_bytes)

    assert "".join("".join(made).split()) == "".join(text.split())
    for each in made:
        length = len(each.encode("utf-8", "replace")) if in_bytes else len(each)
        assert length <= limit
