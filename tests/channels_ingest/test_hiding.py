"""A post that shows too much is hidden where it stands, once, however often the vendor stumbles."""

from datetime import timedelta

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from channels_ingest import hiding as calling
from channels_ingest import tasks
from channels_ingest.connectors.base import OutcomeUnknown, PermanentFailure, TemporaryFailure
from tests.channels_ingest.doors import NOON
from tests.channels_ingest.forum_with_rights import Moderated, moderated_channel
from tests.tickets.arriving import message_of
from tests.tickets.cast import ada, bea, codes, door, later, says
from tickets.actions import hiding
from tickets.actions.refusals import Refused
from tickets.models import History, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> Message:
    """A post of Kim's that shows a phone number."""
    moderated_channel()
    landing = says("kim", "请打 13812340192", by="board", external_id="post:7", at=NOON)
    return message_of(landing)


def ask(post: Message, **span: float) -> None:
    hiding.ask_to_hide(message=post, by=ada(), now=NOON + timedelta(**span))


def work(**span: float) -> int:
    return calling.hide_due(clock=lambda: NOON + timedelta(**span))


def told(post: Message) -> list[str]:
    assert post.conversation is not None
    return [code for code in codes(post.conversation.ticket) if "hid" in code]


def test_post_is_hidden_at_the_vendor_and_that_is_recorded(post: Message) -> None:
    ask(post)

    assert work(seconds=1) == 1

    post.refresh_from_db()
    assert Moderated.hidden == ["post:7"]
    assert post.hidden_at == NOON + timedelta(seconds=1)
    assert told(post) == ["hide_asked", "post_hidden"]


def test_asked_twice_it_is_hidden_once(post: Message) -> None:
    ask(post)
    ask(post, seconds=1)
    work(seconds=2)
    ask(post, minutes=5)

    assert work(minutes=6) == 0
    assert Moderated.hidden == ["post:7"]


@pytest.mark.parametrize(
    "failure",
    [
        TemporaryFailure("busy"),
        OutcomeUnknown("no_answer"),
        TemporaryFailure("busy", retry_after=5),
    ],
)
def test_stumbling_vendor_is_asked_again_after_a_pause(post: Message, failure: Exception) -> None:
    Moderated.failures.append(failure)
    ask(post)
    work(seconds=1)
    request = History.objects.get(code="hide_asked")
    assert request.data["error"] in {"busy", "no_answer"}
    assert work(seconds=30) == 0

    assert work(minutes=2) == 1

    post.refresh_from_db()
    assert post.hidden_at is not None


def test_refusal_of_the_vendor_is_recorded_with_its_code(post: Message) -> None:
    Moderated.failures.append(PermanentFailure("refused"))
    ask(post)
    work(seconds=1)

    post.refresh_from_db()
    assert post.hidden_at is None
    assert told(post) == ["hide_asked", "hide_failed"]
    assert History.objects.get(code="hide_failed").data["error"] == "refused"
    assert work(hours=3) == 0


def test_fault_of_a_connector_is_recorded_and_stops_no_other(post: Message) -> None:
    other = says("lin", "请打 13812340193", by="board", external_id="post:8", at=NOON)
    Moderated.failures.append(KeyError("nonsense"))
    ask(post)
    ask(message_of(other))

    assert work(seconds=1) == 2

    assert Moderated.hidden == ["post:8"]
    assert told(post)[-1] == "hide_failed"


def test_vendor_that_never_answers_is_given_up_after_a_day(post: Message) -> None:
    Moderated.failures.extend(TemporaryFailure("busy") for _ in range(100))
    ask(post)

    for hours in range(30):
        work(hours=hours, minutes=1)

    assert told(post) == ["hide_asked", "hide_failed"]


def test_worker_that_dies_leaves_the_request_to_the_next(post: Message) -> None:
    ask(post)
    assert hiding.take(now=NOON) is not None

    assert work(seconds=30) == 0
    assert work(minutes=2) == 1


def test_after_a_failure_an_agent_may_ask_again(post: Message) -> None:
    Moderated.failures.append(PermanentFailure("refused"))
    ask(post)
    work(seconds=1)

    ask(post, minutes=1)

    assert work(minutes=2) == 1
    assert Moderated.hidden == ["post:7"]


def test_post_that_moved_to_another_case_is_recorded_there(post: Message) -> None:
    ask(post)
    other = says("lin", "附件上传失败，错误 12", by="board", external_id="post:9", at=NOON).ticket
    assert other is not None
    assert post.conversation is not None
    post.conversation.ticket = other
    post.conversation.save()

    work(seconds=1)

    assert "post_hidden" in codes(other)


def test_channel_without_the_right_cannot_hide() -> None:
    door("forum", is_public=True)
    landing = says("kim", "请打 13812340192", by="forum")

    with pytest.raises(Refused, match="cannot_hide"):
        hiding.ask_to_hide(message=message_of(landing), by=bea(), now=later(minutes=1))


def test_private_message_cannot_be_hidden() -> None:
    door("chat", capabilities={"moderates": True})
    landing = says("kim", "请打 13812340192")

    assert not hiding.can_hide(message_of(landing))


def test_request_wakes_who_hides(
    post: Message,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    woken: list[str] = []
    # What leaves for the broker is asked here, not whether Redis carries it.
    monkeypatch.setattr("channels_ingest.receivers.wake", woken.append)

    with django_capture_on_commit_callbacks(execute=True):
        ask(post)

    assert tasks.hide_posts.name in woken
