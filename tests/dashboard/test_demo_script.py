"""How the demo's stories are read: times, spans, doors, files and quoted numbers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.demo.letters import with_numbers
from dashboard.demo.pictures import file_named
from dashboard.demo.script import Step, moment, read_script, span
from tickets.case_numbers import read

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NUMBER = "4821093710"
STORY = """
[addresses]
"Kim" = "kim@mail.example"

[[case]]
key = "one"
at = "2h"
door = "mail"
subject = "No mail"
steps = [
  ["", "Kim", "It is empty. [[shot.png]] [[mail.log]]"],
  ["30m", "lin", "notes", "same as yesterday"],
  ["5m", "kim_on_forum@forum", "Case {number}"],
  ["3h", "lin", "never, it lies in the future"],
]
"""


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("", 0), ("6m", 6), ("2h", 120), ("1d3h20m", 1640), ("30s", 0.5)],
)
def test_span_is_read(text: str, minutes: float) -> None:
    assert span(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["soon", "6", "6m2h", "1d 3h"])
def test_span_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no span"):
        span(text)


def test_moment_is_a_time_of_day_some_days_ago() -> None:
    assert moment("2d 09:40", NOW) == datetime(2026, 11, 20, 9, 40, tzinfo=UTC)


def test_moment_is_some_time_ago() -> None:
    assert moment("1h30m", NOW) == NOW - timedelta(minutes=90)


def test_story_is_read_up_to_now(tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text(STORY, encoding="utf-8")

    script = read_script(now=NOW, zone="Asia/Shanghai", folder=tmp_path)

    (case,) = script.cases
    begun = NOW - timedelta(hours=2)
    assert script.addresses == {"Kim": "kim@mail.example"}
    assert case.steps == (
        Step(begun, "Kim", "says", "It is empty.", "", ("shot.png", "mail.log")),
        Step(begun + timedelta(minutes=30), "lin", "notes", "same as yesterday"),
        Step(begun + timedelta(minutes=35), "kim_on_forum", "says", "Case {number}", "forum"),
    )


@pytest.mark.parametrize("form", ["", ".fw", ".cn", ".digits"])
def test_number_is_read_back_from_every_way_in_which_a_story_writes_it(form: str) -> None:
    text = with_numbers(f"我的案号{{number:other{form}}}，谢谢", "", {"other": NUMBER}, "")

    assert [each.number for each in read(text, prefix="QM", long_form=False).found] == [NUMBER]


def test_slip_of_the_pen_is_no_valid_number() -> None:
    reading = read(with_numbers("案号 {number.typo}", NUMBER, {}, ""), prefix="QM", long_form=False)

    assert reading.found == ()
    assert len(reading.invalid) == 1


@pytest.mark.parametrize(
    ("name", "content_type", "begins"),
    [
        ("shot.png", "image/png", b"\x89PNG\r\n"),
        ("mail.zip", "application/zip", b"PK"),
        ("sent.csv", "text/csv", b"address,"),
        ("mail.log", "text/plain", b"10:"),
    ],
)
def test_file_is_what_its_name_says_and_always_the_same(
    name: str, content_type: str, begins: bytes
) -> None:
    file = file_named(name)

    assert file.content_type == content_type
    assert file.data is not None
    assert file.data.startswith(begins)
    assert file == file_named(name)
