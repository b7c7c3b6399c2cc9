"""A message that kills whoever reads it is given up, and everybody behind it is served."""

from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.utils import timezone

from channels_ingest import api
from channels_ingest.audit import audit
from channels_ingest.connectors.base import RawEnvelope
from channels_ingest.models import Envelope
from channels_ingest.store import store
from channels_ingest.trials import MOST_ATTEMPTS
from tests.faults import deadly
from tests.faults.processes import Process, worker_with_children
from tests.waiting import wait_for
from tickets.models import Message

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PATIENCE = 60  # seconds; a worker starts in two, or in twenty on a machine that is busy


def poison() -> Envelope:
    return Envelope.objects.get(key="poison")


def wait_for_death(desk: Process, *, tries: int, deaths: int) -> None:
    """Wait until a child has begun its try and the worker has noticed how that ended."""
    wait_for(lambda: poison().attempts == tries, f"try {tries}", within=PATIENCE)
    wait_for(lambda: desk.said().count("SIGKILL") >= deaths, f"death {deaths}", within=PATIENCE)


def let_time_pass() -> None:
    """Have the pauses after a death run out, and tell the worker."""
    past = timezone.now() - timedelta(seconds=1)
    Envelope.objects.filter(state="new", retry_at__isnull=False).update(retry_at=past)
    current_app.send_task("channels_ingest.tasks.process_envelopes")


def test_message_that_kills_every_worker_is_dead_and_its_lane_goes_on(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    current_app.control.purge()
    now = timezone.now()
    channel = api.create_channel(kind="deadly", slug="deadly", values={}, now=now).channel
    envelopes = [
        RawEnvelope("poison", "kim", deadly.POISON),
        RawEnvelope("behind", "kim", b"behind it"),
        RawEnvelope("other", "lou", b"in another lane"),
    ]
    store(channel=channel, envelopes=envelopes, now=now)

    log = tmp_path / "log"
    with worker_with_children(process_environment, log, deadly.__name__) as desk:
        wait_for_death(desk, tries=1, deaths=1)
        let_time_pass()
        wait_for_death(desk, tries=2, deaths=2)
        # The tries between would be like this one; tests/channels_ingest/test_trials.py counts all.
        Envelope.objects.filter(key="poison").update(attempts=MOST_ATTEMPTS - 1)
        let_time_pass()
        wait_for_death(desk, tries=MOST_ATTEMPTS, deaths=3)
        let_time_pass()
        unread = Envelope.objects.filter(state="new")
        wait_for(lambda: not unread.all().exists(), "all settled", within=PATIENCE)

    assert (poison().state, poison().error["code"]) == ("dead", "killed_worker")
    assert set(Message.objects.values_list("text", flat=True)) == {"behind it", "in another lane"}
    findings = audit(now=timezone.now(), patience=timedelta(0))
    assert [str(each) for each in findings if not each.holds] == []
