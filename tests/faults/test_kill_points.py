"""A worker dies at a named point: what it held is neither lost nor done twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.utils import timezone

from channels_ingest import api
from channels_ingest.audit import audit
from channels_ingest.models import ChannelAccount, Envelope
from channels_ingest.sandbox.discourse import DEMO_KEY, Forum
from channels_ingest.sandbox.http import CallbackReceiver
from tests.channels_ingest.doors import SECRET, Door, drain, http_door
from tests.faults.processes import Process, worker
from tests.waiting import wait_for
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import Channel, Conversation, Delivery, Message, Role, User

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

KILLED = -9
PATIENCE = 60  # seconds; a worker starts in two, or in twenty on a machine that is busy


@pytest.fixture
def environment(process_environment: dict[str, str]) -> dict[str, str]:
    """The environment of workers; nudges of earlier tests are thrown away first."""
    current_app.control.purge()
    return process_environment


@pytest.fixture
def receiver() -> Iterator[CallbackReceiver]:
    with CallbackReceiver(SECRET) as listening:
        yield listening


@pytest.fixture
def door(receiver: CallbackReceiver) -> Door:
    return http_door(callback_url=receiver.address)


def die_at(point: str, task: str, environment: dict[str, str], log: Path, **what: int) -> None:
    """Have a worker take up `task` and die at `point`."""
    with worker(environment, log, fault=point) as doomed:
        nudge(task, **what)
        assert doomed.wait(PATIENCE) == KILLED, doomed.said()


def healthy(environment: dict[str, str], log: Path) -> Process:
    return worker(environment, log)


def nudge(task: str, **what: int) -> None:
    current_app.send_task(f"channels_ingest.tasks.{task}", kwargs=what)


def wrong() -> list[str]:
    findings = audit(now=timezone.now(), patience=timedelta(0))
    return [str(finding) for finding in findings if not finding.holds]


@pytest.mark.parametrize("point", ["after_claim", "before_commit", "after_commit"])
def test_worker_killed_mid_batch_loses_and_doubles_no_message(
    point: str, door: Door, environment: dict[str, str], tmp_path: Path
) -> None:
    written = [f"{sender} {n}" for n in range(4) for sender in ("kim", "lou", "max")]
    for text in written:
        door.says(text, key=text, sender=text.split()[0])
    die_at(point, "process_envelopes", environment, tmp_path / "log")
    at_death = Message.objects.count()

    let_time_pass()

    with healthy(environment, tmp_path / "log"):
        nudge("sweep")
        wait_for(
            lambda: not Envelope.objects.filter(state="new").exists(),
            "all processed",
            within=PATIENCE,
        )

    assert at_death == (len(written) if point == "after_commit" else 0)
    assert sorted(Message.objects.values_list("text", flat=True)) == sorted(written)
    for conversation in Conversation.objects.all():
        texts = list(conversation.messages.order_by("pk").values_list("text", flat=True))
        assert texts == sorted(texts)
    assert wrong() == []


def ada() -> Actor:
    user = User.objects.create_user("ada@example.test", name="Ada", role=Role.MANAGER)
    return Actor.of(user)


def answered(door: Door) -> Delivery:
    """A reply of an agent that waits to be sent."""
    door.says("help me", key="m-1")
    drain()
    conversation = Conversation.objects.get()
    written = reply(conversation=conversation, text="Good day", by=ada(), now=timezone.now())
    return written.deliveries.get()


def let_time_pass() -> None:
    """Have leases and waits run out, as they would in minutes."""
    past = timezone.now() - timedelta(seconds=1)
    Envelope.objects.filter(retry_at__isnull=False).update(retry_at=past)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Delivery.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=past)


def state(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


@pytest.mark.parametrize(("point", "arrived"), [("before_send", 0), ("after_send", 1)])
def test_worker_killed_while_sending_leaves_the_reply_in_doubt(
    point: str,
    arrived: int,
    door: Door,
    receiver: CallbackReceiver,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    door.channel.capabilities["resend"] = "never"
    door.channel.save()
    delivery = answered(door)
    die_at(point, "deliver", environment, tmp_path / "log")
    at_death = state(delivery)
    let_time_pass()

    with healthy(environment, tmp_path / "log"):
        nudge("sweep")
        wait_for(lambda: state(delivery) == "unknown", "in doubt", within=PATIENCE)

    assert at_death == "started"
    assert len(receiver.calls) == arrived
    assert wrong() == []


@pytest.mark.parametrize("point", ["before_send", "after_send"])
def test_worker_killed_while_sending_repeats_where_the_key_makes_that_harmless(
    point: str,
    door: Door,
    receiver: CallbackReceiver,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    delivery = answered(door)
    die_at(point, "deliver", environment, tmp_path / "log")
    let_time_pass()

    with healthy(environment, tmp_path / "log"):
        nudge("sweep")
        wait_for(lambda: state(delivery) == "queued", "to be repeated", within=PATIENCE)
        let_time_pass()
        nudge("deliver")
        wait_for(lambda: state(delivery) == "sent", "sent", within=PATIENCE)

    assert [each["text"] for each in receiver.messages] == ["Good day"]
    assert receiver.repeats == (1 if point == "after_send" else 0)
    assert wrong() == []


def test_poller_killed_before_its_cursor_moved_reads_the_page_again(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with Forum() as forum:
        channel = forum_channel(forum)
        posts = [forum.open_topic(f"kim{n}", f"No sign-in {n}", "Help me") for n in range(3)]
        log = tmp_path / "log"
        die_at("before_cursor", "pull_channel", environment, log, channel_id=channel.pk)
        at_death = Envelope.objects.count()
        ChannelAccount.objects.update(pull_lease_until=None)

        with healthy(environment, log):
            nudge("sweep")
            wait_for(lambda: Message.objects.count() >= len(posts), "the posts", within=PATIENCE)

    assert at_death == 0
    assert Message.objects.count() == len(posts)
    assert wrong() == []


def forum_channel(forum: Forum) -> Channel:
    values = {
        "base_url": forum.url,
        "api_key": DEMO_KEY,
        "api_username": "desk",
        "since_post": "1",
    }
    return api.create_channel(
        kind="discourse", slug="forum", values=values, now=timezone.now()
    ).channel
