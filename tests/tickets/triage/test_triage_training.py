"""Learning from labelled texts, and judging what was learned."""

import pytest

from tickets.triage import report
from tickets.triage.material import Row
from tickets.triage.scoring import (
    Guess,
    abstention_curve,
    by_kind,
    chosen_threshold,
    confusions,
    macro_f1,
)
from tickets.triage.training import Result, train

TOPICS = {
    "spam_blocking": ("垃圾邮件太多", "block this sender", "迷惑メールが多い", "怎么拉黑广告"),
    "attachments": ("附件上传失败", "the attachment won't open", "添付が開けない", "附件太大"),
    "api_integration": ("接口报错 401", "webhook is silent", "APIのエラー", "access token 失效"),
}
URGENCY = {"spam_blocking": "low", "attachments": "high", "api_integration": "normal"}
ROWS = [
    Row(f"{text} {ending}", category, URGENCY[category], source="ours", hard=("typo",))
    for category, texts in TOPICS.items()
    for text in texts
    for ending in ("", "求助", "please")
]


@pytest.fixture(scope="module")
def result() -> Result:
    return train(ROWS, version="tiny", folds=3)


def test_model_learns_what_it_is_shown(result: Result) -> None:
    found = result.model.assess("我的附件上传不了，失败")

    assert (found.category, found.urgency, found.model) == ("attachments", "high", "tiny")


def test_every_text_is_judged_once_by_models_that_have_not_seen_it(result: Result) -> None:
    assert [guess.row for guess in result.guesses] == ROWS
    assert macro_f1((guess.row.category, guess.category) for guess in result.guesses) > 0.8


def test_training_twice_gives_the_same_model(result: Result) -> None:
    again = train(ROWS, version="tiny", folds=3)

    assert again.model.dump() == result.model.dump()


def test_progress_is_told_to_its_end() -> None:
    told: list[tuple[int, int]] = []

    train(ROWS, version="tiny", folds=2, progress=lambda done, whole: told.append((done, whole)))

    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_too_few_texts_of_a_category_are_refused() -> None:
    with pytest.raises(ValueError, match="billing_enterprise"):
        train([*ROWS, Row("发票", "billing_enterprise", "normal")], version="tiny", folds=3)


def test_report_shows_scores_confusions_and_the_chosen_threshold_but_no_text(
    result: Result,
) -> None:
    words = report.in_words(result)

    assert "our material" in words
    assert "macro-F1" in words
    assert "<- chosen" in words
    assert "垃圾邮件" not in words


def test_macro_f1_counts_every_category_alike() -> None:
    pairs = [("a", "a")] * 8 + [("b", "a")] * 2

    assert macro_f1(pairs) == pytest.approx((16 / 18 + 0) / 2)
    assert macro_f1([]) == 0.0


def _guess(right: str, said: str, confidence: float) -> Guess:
    return Guess(Row("x", right, "low", hard=("typo",)), said, confidence, "low")


def test_threshold_is_the_lowest_at_which_the_model_is_right_often_enough() -> None:
    sure = [_guess("a", "a", 0.9)] * 19
    guesses = [*sure, _guess("a", "b", 0.62), _guess("a", "b", 0.3), _guess("a", "b", 0.4)]

    assert chosen_threshold(guesses) == 0.45
    point = next(point for point in abstention_curve(guesses) if point.threshold == 0.45)
    assert (point.coverage, point.accuracy) == (20 / 22, 0.95)
    assert confusions(guesses) == {"a": {"a": 19, "b": 3}}
    assert by_kind(guesses) == {"typo": 19 / 22}
