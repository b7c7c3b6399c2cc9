"""The words of texts and of questions: cut alike, found alike, marked where they stand."""

import pytest

from tickets.searching import Lexemes, ask, marked, parted, snippet, vector


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("附件上传", "我的附件上传失败"),
        ("件", "附件"),
        ("郵箱", "邮箱登不上"),
        ("邮箱", "郵箱登不上"),
        ("ファイル", "添付ﾌｧｲﾙが開けません"),
        ("がらす", "ガラス"),
        ("cafe", "Café"),
        ("QQ邮箱", "用ＱＱ 邮箱发不出"),
        ("invoice_2026", "Invoice-2026.pdf"),
        ("attach", "Attachments arrive empty"),
        ("“do not send”", "Please do not send it"),
        ("「返信 なし」", "まだ返信なしです"),
        ("kim@post.exam", "kim@post.example"),
        ("4821", "QM-4821-0937-10"),
    ],
)
def test_asked_words_are_marked(asked: str, text: str) -> None:
    pieces = marked(text, ask(asked))

    assert any(piece.is_hit for piece in pieces)
    assert "".join(piece.text for piece in pieces) == text


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("tach", "Attachments"),
        ("“send it not”", "do not send it"),
        ("“sen”", "send"),
        ("上附", "附件上传"),
        ("a", "an apple"),
    ],
)
def test_other_words_are_not_marked(asked: str, text: str) -> None:
    assert not any(piece.is_hit for piece in marked(text, ask(asked)))


def test_index_keeps_words_and_pairs_at_their_places() -> None:
    assert vector([Lexemes("QQ邮箱", "A"), Lexemes("554 qq")]) == (
        "'qq':1A,6 '邮箱':2A '箱':3A '554':5"
    )


def test_question_is_folded_cut_and_escaped_by_nature() -> None:
    told = [term.asked for term in ask("附件上传 \"it's\" inv' | & !x").terms]

    assert told == ["'it' <1> 's'", "'附件' <1> '件上' <1> '上传'", "'inv':*", "'x'"]


def test_nothing_is_asked_by_signs_alone() -> None:
    assert ask("!? “” ，。").terms == ()


def test_snippet_stands_around_the_place_with_most_words() -> None:
    text = "printer " + "x " * 300 + "the printer is on fire " + "y " * 300

    pieces = snippet(text, ask("printer fire"))

    assert [piece.text for piece in pieces if piece.is_hit] == ["printer", "fire"]
    assert pieces[0].text == pieces[-1].text == "…"


def test_very_long_and_odd_texts_stay_within_what_an_index_takes() -> None:
    told = vector([Lexemes("ﷺ" * 50_000), Lexemes("a1 " * 50_000), Lexemes("𠮷" * 50_000)])

    assert len(told.encode()) < 1_000_000


def test_conditions_are_parted_from_words_and_phrases_stay_phrases() -> None:
    words, narrowing = parted('printer "on fire" state:closed http://x.example DT:SPM')

    assert [(term.key, term.value) for term in narrowing.terms] == [("state", "closed")]
    assert [term.is_phrase for term in ask(words).terms].count(True) == 1
    assert {"printer", "on fire", "dt:spm"} <= {term.text for term in ask(words).terms}
