"""The model that comes with the product: what it says, how fast, and that it is not stale."""

import io
import subprocess
import sys
import time

import numpy as np
import pytest

from tickets.models import Category, Priority
from tickets.triage import Assessment, Model, NotAModel, assess, starter_model
from tickets.triage.assessing import STARTER
from tickets.triage.labels import CATEGORIES, URGENCIES
from tickets.triage.material import FOLDER, fingerprint, read_rows, starter_rows
from tickets.triage.scoring import macro_f1
from tickets.triage.training import reader_fingerprint

HELD_OUT = read_rows(FOLDER.parent / "held_out.jsonl")


def test_labels_are_those_of_the_desk() -> None:
    assert set(CATEGORIES) == set(Category.values)
    assert set(URGENCIES) == set(Priority.values)


def test_starter_model_is_in_step_with_its_material_and_with_how_texts_are_read() -> None:
    """Else somebody changed either and forgot `manage.py train_triage --starter`."""
    about = starter_model().about

    assert about["material"] == fingerprint(starter_rows())
    assert about["reader"] == reader_fingerprint()
    assert STARTER.stat().st_size < 2_000_000


def test_texts_of_the_final_trial_were_never_learned() -> None:
    learned = {row.text for row in starter_rows()}

    assert [row.text for row in HELD_OUT if row.text in learned] == []


def test_unseen_texts_go_where_they_belong() -> None:
    said = [(row, assess(row.text)) for row in HELD_OUT]

    assert macro_f1((row.category, found.category) for row, found in said) > 0.85
    urgency = [row.urgency == found.urgency for row, found in said if row.urgency]
    assert sum(urgency) / len(urgency) > 0.85


def test_an_assessment_takes_less_than_20_ms() -> None:
    assess("warm up")
    began = time.process_time()

    for row in HELD_OUT:
        assess(row.text)

    assert (time.process_time() - began) / len(HELD_OUT) < 0.02


def test_a_very_long_text_is_read_in_bounded_time() -> None:
    began = time.process_time()

    assess("附件上传失败, the upload stops. " * 20_000)

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("帳號被盜了，請馬上凍結", "账号被盗了，请马上冻结"),
        ("ＳＭＴＰ　端口是多少", "smtp 端口是多少"),
        ("INVOICE please", "invoice please"),
    ],
)
def test_ways_of_writing_make_no_difference(text: str, same: str) -> None:
    assert assess(text) == assess(same)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00", "🙂", "https://example.org/a"])
def test_texts_without_words_are_assessed_too(text: str) -> None:
    assert assess(text).category in CATEGORIES


def test_unsure_model_abstains() -> None:
    unsure = [found for row in HELD_OUT if (found := assess(row.text)).abstains]

    assert 0 < len(unsure) < len(HELD_OUT) / 3
    assert all(found.confidence < starter_model().threshold for found in unsure)


def test_kept_model_says_the_same_as_the_trained_one() -> None:
    model = starter_model()

    again = Model.load(model.dump())

    assert again.assess("退信 550") == model.assess("退信 550")
    assert again.dump() == model.dump()


def test_assessing_needs_neither_the_learning_library_nor_the_desk() -> None:
    code = (
        "import sys; from tickets.triage import assess; assess('x');"
        "sys.exit(any(name in sys.modules for name in ('sklearn', 'scipy', 'django')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _archive(**arrays: object) -> bytes:
    target = io.BytesIO()
    np.savez(target, **arrays)  # type: ignore[arg-type]  # objects are the point of one test
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an archive",
        _archive(names=np.zeros(3, np.uint8)),
        _archive(about=np.array([{"a": 1}], dtype=object)),  # would run code if it were unpickled
        STARTER.read_bytes()[:-2000],
    ],
)
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(NotAModel):
        Model.load(data)


def test_given_model_decides_instead_of_the_starter() -> None:
    class Stubborn:
        def assess(self, text: str) -> Assessment:
            return Assessment("other", 1.0, "low", 1.0, False, "stubborn")

    found = assess("退信", model=Stubborn())  # type: ignore[arg-type]  # all that is asked of it

    assert found.model == "stubborn"
