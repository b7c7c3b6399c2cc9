"""What a customer took back is deleted for good when the policy says so."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.tickets.arriving import message_of
from tests.tickets.cast import ada, case, codes, later, says
from tickets import files
from tickets.actions.recalls import open_recalled, remove_expired
from tickets.actions.refusals import Refused
from tickets.interchange import IncomingFile
from tickets.models import Attachment, Message, Revision

pytestmark = pytest.mark.django_db

LOG = b"the content of a log"


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    """Content has one file, which tests of other processes may remove."""
    settings.MEDIA_ROOT = tmp_path


def recalled(text: str = "我的密码是……", data: bytes = LOG, **fields: Any) -> Message:
    """A message with a file, edited once and then recalled."""
    file = IncomingFile("log.txt", "text/plain", data)
    says("kim", text, external_id="m-r", files=(file,), html=f"<p>{text}</p>", **fields)
    says("kim", "改过了", external_id="e-r", action="edit", target_id="m-r")
    says("kim", "", external_id="r-r", action="recall", target_id="m-r")
    return Message.objects.get(external_id="m-r")


def remove(capture: DjangoCaptureOnCommitCallbacks, **span: float) -> int:
    with capture(execute=True):
        return remove_expired(now=later(**span))


def test_content_goes_after_the_days_of_the_policy(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    message = recalled(transcript="听到的")
    digest = Attachment.objects.get().sha256
    assert remove(django_capture_on_commit_callbacks, days=29) == 0

    assert remove(django_capture_on_commit_callbacks, days=30, minutes=1) == 1

    message.refresh_from_db()
    assert (message.text, message.html, message.transcript) == ("", "", "")
    assert not Revision.objects.filter(message=message).exists()
    assert not Attachment.objects.exists()
    with pytest.raises(FileNotFoundError):
        files.read(digest)
    assert message.conversation is not None
    assert "recalled_removed" in codes(message.conversation.ticket)


def test_zero_days_delete_at_once(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.RECALLED_KEPT_DAYS = 0
    recalled()

    assert remove(django_capture_on_commit_callbacks, seconds=1) == 1


def test_what_is_gone_is_not_deleted_again(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    recalled()
    remove(django_capture_on_commit_callbacks, days=31)

    assert remove(django_capture_on_commit_callbacks, days=32) == 0


def test_message_that_stands_keeps_everything(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    case("kim")

    assert remove(django_capture_on_commit_callbacks, days=400) == 0


def test_file_that_stands_elsewhere_too_stays(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    recalled()
    says("kim", "再发一次", files=(IncomingFile("same.txt", "text/plain", LOG),))

    remove(django_capture_on_commit_callbacks, days=31)

    assert files.read(Attachment.objects.get().sha256) == LOG


def test_repeat_of_a_deleted_message_brings_nothing_back(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    message = recalled()
    remove(django_capture_on_commit_callbacks, days=31)

    again = says(
        "kim",
        "我的密码是……",
        external_id="m-r",
        files=(IncomingFile("log.txt", "text/plain", LOG),),
        html="<p>我的密码是……</p>",
        at=later(days=32),
    )

    message.refresh_from_db()
    assert again.outcome == "duplicate"
    assert message.text == ""


def test_message_that_stands_cannot_be_opened() -> None:
    message = message_of(says("kim", "你好"))

    with pytest.raises(Refused, match="not_recalled"):
        open_recalled(message=message, by=ada(), now=later(minutes=1))
