"""The starter articles are whole in three languages, and the weights are of the material here."""

from collections import Counter
from pathlib import Path

import pytest

from tickets.knowledge import Article, starter_articles
from tickets.knowledge.questions import written_questions
from tickets.knowledge.training import digest_of_material, train
from tickets.knowledge.weights import LEARNT, NONE, Weights, learnt

ENOUGH = {"zh": 24, "en": 15, "ja": 15}
MOST_BYTES = 1_500_000


@pytest.mark.parametrize("article", starter_articles(), ids=lambda each: each.slug)
def test_starter_article_says_the_same_in_each_language(article: Article) -> None:
    for told in (article.symptoms, article.steps):
        assert len({len(told[code]) for code in ("zh", "en", "ja")}) == 1
        assert all(text.strip() for texts in told.values() for text in texts)
    assert set(article.titles) == {"zh", "en", "ja"}


def test_every_article_has_questions_in_each_language() -> None:
    written = Counter(
        (slug, each.language) for each in written_questions() for slug in each.relevant
    )

    lacking = [
        (article.slug, code)
        for article in starter_articles()
        for code, enough in ENOUGH.items()
        if written[article.slug, code] < enough
    ]

    assert lacking == []


def test_questions_are_for_articles_that_exist_and_told_once() -> None:
    questions = written_questions()
    known = {each.slug for each in starter_articles()}

    assert {slug for each in questions for slug in each.relevant} == known
    assert len({each.text for each in questions}) == len(questions)


def test_weights_are_in_step_with_the_material() -> None:
    """If this fails: `manage.py train_knowledge`."""
    assert learnt().material == digest_of_material()


def test_weights_are_small() -> None:
    assert LEARNT.stat().st_size < MOST_BYTES


def test_weights_survive_being_written(tmp_path: Path) -> None:
    # A dozen articles are enough to learn from in a second.
    few = [each for each in written_questions() if not each.relevant or "re" in each.relevant[0]]
    weights = train(few[::6])

    weights.save(tmp_path / "weights.npz")
    again = Weights.load(tmp_path / "weights.npz")

    pieces = ["忘", "记", "c:forget"]
    assert NONE in again.slugs
    assert again.chances(pieces) == pytest.approx(weights.chances(pieces))
