"""What workers are woken for. A task is only a nudge: safe to lose and safe to run twice."""

from celery import shared_task
from django.utils import timezone

from tickets.actions import answer_places, bulk, indexing, proofs, triage

from . import assistant, hiding, outbox, pipeline, polling, sweeping
from .waking import wake

MOST_AT_ONCE = 500  # envelopes of one task, so that none lives long
MOST_ROUNDS = 5  # of indexing, likewise


@shared_task(name="channels_ingest.tasks.pull_channel")
def pull_channel(*, channel_id: int, **_: object) -> None:
    """Ask one vendor for news, where that is due."""
    came = polling.pull(channel_id, now=timezone.now())
    if came or polling.due(now=timezone.now()).filter(pk=channel_id).exists():
        wake("channels_ingest.tasks.pull_channel", channel_id=channel_id)


@shared_task(name="channels_ingest.tasks.process_envelopes")
def process_envelopes(**_: object) -> None:
    """Turn stored envelopes into messages until none is left."""
    done = 0
    # A batch at a time, each with its own moment: what is written must not look older than it is.
    while done < MOST_AT_ONCE and (handled := pipeline.process(now=timezone.now(), limit=1)):
        done += handled
    if done >= MOST_AT_ONCE:
        wake("channels_ingest.tasks.process_envelopes")


@shared_task(name="channels_ingest.tasks.deliver")
def deliver(**_: object) -> None:
    """Send what is due; what waited behind it in its conversation may be due now."""
    if outbox.deliver():
        wake("channels_ingest.tasks.deliver")


@shared_task(name="channels_ingest.tasks.hide_posts")
def hide_posts(**_: object) -> None:
    """Take public posts out of sight that agents want hidden."""
    hiding.hide_due()


@shared_task(name="channels_ingest.tasks.send_codes")
def send_codes(**_: object) -> None:
    """Send the codes that were asked for on the case page or in a chat."""
    proofs.settle_due(now=timezone.now())
    answer_places.settle_due(now=timezone.now())


@shared_task(name="channels_ingest.tasks.triage_cases")
def triage_cases(**_: object) -> None:
    """Assess and route cases whose first burst is over."""
    looked_at = triage.triage_due(now=timezone.now(), model=assistant.assess)
    if looked_at >= triage.MOST_AT_ONCE:
        wake("channels_ingest.tasks.triage_cases")


@shared_task(name="channels_ingest.tasks.run_bulk")
def run_bulk(*, run_id: int, **_: object) -> None:
    """Do the next cases of a run; the rest waits its turn behind what others want done."""
    if bulk.work(run_id=run_id, now=timezone.now()):
        wake("channels_ingest.tasks.run_bulk", run_id=run_id)


@shared_task(name="channels_ingest.tasks.index_words")
def index_words(**_: object) -> None:
    """Let search know what has changed; a task lives as long as a few rounds at most."""
    if all(indexing.index_due() for _round in range(MOST_ROUNDS)):
        wake("channels_ingest.tasks.index_words")


@shared_task(name="channels_ingest.tasks.sweep")
def sweep(**_: object) -> None:
    """Find what no wake-up has brought to anybody's notice."""
    sweeping.sweep(now=timezone.now())
