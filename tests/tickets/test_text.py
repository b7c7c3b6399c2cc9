"""Texts are normalised, taken apart, compared and shortened alike in every script."""

import pytest

from tickets.text import (
    MOST_READ,
    excerpt,
    language_of,
    normalise,
    similarity,
    tokens,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Hello\n\tWORLD ", "hello world"),
        ("ＱＭ－４８２１", "qm-4821"),
        ("ﾒｰﾙ", "メール"),
        ("", ""),
    ],
)
def test_normalising_folds_case_width_and_space(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("收件箱空", ["收件", "件箱", "箱空"]),
        ("卡", ["卡"]),
        ("IMAP连不上", ["imap", "连不", "不上"]),
        ("mail.example.com. ok", ["mail.example.com", "ok"]),
        ("！？", []),
    ],
)
def test_tokens_are_words_and_pairs_of_characters(text: str, found: list[str]) -> None:
    assert list(tokens(text)) == found


def test_tokens_of_an_endless_text_stop() -> None:
    assert sum(1 for _ in tokens("收" * (MOST_READ * 5))) == MOST_READ - 1


def test_same_words_are_fully_similar() -> None:
    assert similarity("附件 下载失败", "下载失败，附件！") == 1.0


@pytest.mark.parametrize("other", ["", "！", "完全不同的话"])
def test_nothing_shared_is_not_similar(other: str) -> None:
    assert similarity("upload failed", other) == 0.0


def test_half_the_words_shared_is_half_similar() -> None:
    assert similarity("red green", "green blue") == 0.5


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("a  b\nc", 10, "a b c"),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("ab cdefg", 4, "ab…"),
    ],
)
def test_excerpt_is_one_line_of_the_given_length(text: str, most: int, short: str) -> None:
    assert excerpt(text, most) == short


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("收不到邮件", "zh-hans"),
        ("我的 IMAP 连不上 Outlook 了", "zh-hans"),
        ("メールが届きません", "ja"),
        ("迷惑メール設定を変更する方法", "ja"),
        ("I cannot receive mail", "en"),
        ("Please translate 你好 into English for the whole mail", "en"),
        ("12345 !!", ""),
        ("", ""),
    ],
)
def test_language_is_guessed_by_script(text: str, language: str) -> None:
    assert language_of(text) == language
