"""The lexicon behind both: one concept for many wordings, and no text takes long."""

import time

import pytest

from tickets.concepts import happenings_in, things_in, words_in
from tickets.concepts.evidence import evidence_in
from tickets.duplicates import Report, compare
from tickets.triage import questions_for, structure_of


@pytest.mark.parametrize(
    ("thing", "texts"),
    [
        ("bulk", ("群发到一半", "给家长的信", "Bulk mail stopped", "一斉送信が止まる")),
        ("greylist", ("退信451灰名单", "对方让我稍后再来", "greylisted", "451で待たされます")),
        ("charge_twice", ("重复扣了年费", "收了我两回钱", "Charged twice", "二重に請求された")),
        ("auto_reply", ("自动回复还在发", "仍替我回人家", "out-of-office", "自動返信")),
    ],
)
def test_thing_is_known_by_wordings_of_three_languages(thing: str, texts: tuple[str, ...]) -> None:
    assert all(thing in things_in(text) for text in texts)


def test_traditional_and_full_width_writing_is_folded() -> None:
    assert "sms_code" in things_in("收不到驗證碼")
    assert "not_received" in happenings_in("收不到驗證碼")
    assert evidence_in("退信５５４").codes == {"554"}


def test_latin_words_match_from_their_beginning_only() -> None:
    assert "nas" in words_in("my NAS")
    assert "nas" not in words_in("a nasty trick")
    assert "star" in words_in("starred mails")


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("手机尾号8021", {"tail:8021"}),
        ("my phone ends in 8021", {"tail:8021"}),
        ("QQ 812345678", {"number:812345678"}),
        ("Anna@Example.com 收不到", {"address:anna@example.com"}),
        ("报价单.XLSX 打不开", {"file:报价单.xlsx"}),
        ("example.org 验证不过", {"domain:example.org"}),
        ("order A-558812", {"number:a-558812"}),
    ],
)
def test_marks_say_their_kind(text: str, marks: set[str]) -> None:
    assert evidence_in(text).marks == marks


def test_spelt_code_is_the_code_and_a_count_is_none() -> None:
    assert evidence_in("四五一").codes == evidence_in("451").codes == {"451"}
    assert not evidence_in("群发500人，端口587").codes


@pytest.mark.parametrize(
    "piece",
    ["1", "“", "a@a.", "err_", "0x800", "(1", "收不到 ", "提示", "x.pdf ", "ﷺ", "tried ", "a-1"],
)
def test_megabyte_of_anything_is_read_in_an_instant(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()

    structure_of(text)
    questions_for(text)
    compare(Report("kim", text, 0), Report("kim", text[1:], 1))

    assert time.process_time() - started < 2
