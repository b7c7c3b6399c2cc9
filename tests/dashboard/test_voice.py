"""A voice message plays in the page where browsers can, with what a machine heard below it."""

from html import unescape
from typing import Any

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tickets import files
from tickets.case_numbers import format_number
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db

SOUND = bytes(range(100))


def voice(content_type: str = "audio/mpeg", transcript: str = "") -> tuple[Ticket, Attachment]:
    case = factories.ticket(text="")
    Message.objects.update(transcript=transcript)
    file = factories.attachment(
        Message.objects.get(),
        "voice",
        content_type=content_type,
        sha256=files.store(SOUND),
        size=len(SOUND),
        problem="",
    )
    return case, file


def page(desk: Desk, case: Ticket) -> str:
    return unescape(desk.get(f"/tickets/{format_number(case.number)}/").content.decode())


def fetch(desk: Desk, file: Attachment, asked: str = "") -> Any:
    return desk.get(f"/attachments/{file.pk}/", headers={"range": asked} if asked else {})


@pytest.mark.parametrize("content_type", ["audio/mpeg", "audio/ogg", "audio/mp4", "audio/wav"])
def test_sound_plays_in_the_page(desk: Desk, content_type: str) -> None:
    case, file = voice(content_type)

    assert f'<audio controls preload="none" src="/attachments/{file.pk}/"' in page(desk, case)
    answer = fetch(desk, file)
    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize("content_type", ["audio/amr", "audio/silk", "audio/x-caf"])
def test_sound_that_browsers_cannot_play_is_downloaded_and_that_is_said(
    desk: Desk, content_type: str
) -> None:
    case, file = voice(content_type)

    shown = page(desk, case)

    assert "<audio" not in shown
    assert "browsers cannot play this format" in shown
    answer = fetch(desk, file)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_sound_has_the_safe_headers_of_every_file(desk: Desk) -> None:
    _case, file = voice()

    answer = fetch(desk, file)

    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-1", 206, SOUND[:2], "bytes 0-1/100"),
        ("bytes=90-", 206, SOUND[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, SOUND[95:], "bytes 95-99/100"),
        ("bytes=50-500", 206, SOUND[50:], "bytes 50-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=5-2", 416, b"", "bytes */100"),
        ("bytes=-", 200, SOUND, None),
        ("bytes=0-1,5-6", 200, SOUND, None),
        ("lines=0-1", 200, SOUND, None),
    ],
)
def test_player_gets_the_part_that_it_asks_for(
    desk: Desk, asked: str, status: int, content: bytes, told: str | None
) -> None:
    _case, file = voice()

    answer = fetch(desk, file, asked)

    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers.get("Content-Range") == told
    assert answer["Accept-Ranges"] == "bytes"


def test_transcript_stands_below_the_player(desk: Desk) -> None:
    case, _file = voice(transcript="my mail is <b>gone</b>")

    shown = page(desk, case)

    assert "Transcript by a machine" in shown
    assert shown.index("<audio") < shown.index("Transcript by a machine")
    assert "my mail is <b>gone</b>" in shown


def test_why_tells_that_a_number_was_spoken(desk: Desk) -> None:
    case, _file = voice(transcript="case 4821 please")
    evidence = {"text": "4821", "start": 5, "end": 9, "source": "transcript"}
    Message.objects.update(decision={"rule": "weak_number", "evidence": [evidence]})

    shown = page(desk, case)

    assert "<q>case <mark>4821</mark> please</q>" in shown
    assert "from transcript" in shown
