"""Find in the database whatever is due, so that losing every wake-up costs only seconds."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from tickets.actions import (
    abandoned_talks,
    acknowledgements,
    answer_places,
    bulk,
    composing,
    deliveries,
    following,
    hiding,
    indexing,
    later,
    lifecycle,
    promises,
    proofs,
    recalls,
    reviews,
    seeding,
)
from tickets.actions import triage as assessing
from tickets.actions.clocks import renewing, running_out
from tickets.models import Ticket

from . import media, outbox, polling, profiles, receiving, rounds, screenshots
from .models import Envelope, EnvelopeState
from .waking import wake

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=4)  # a little under the beat, which is never on the dot
MOST_FILES = 5  # fetched in one round; each may take seconds


def sweep(*, now: datetime) -> None:
    """Take up every periodic duty whose turn it is; one that fails does not stop the others."""
    for name, duty in DUTIES.items():
        try:
            if rounds.take(name, every=SELDOM.get(name, EVERY), now=now):
                duty(now)
        except Exception:
            logger.exception("sweep: %s failed", name)


def _wake_for_envelopes(now: datetime) -> None:
    unread = Envelope.objects.filter(state=EnvelopeState.NEW)
    if unread.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now)).exists():
        wake("channels_ingest.tasks.process_envelopes")


def _wake_for_deliveries(now: datetime) -> None:
    due = deliveries.due(channels=outbox.sending_channels(), now=now)
    if due.exists() or deliveries.expired(now=now).exists():
        wake("channels_ingest.tasks.deliver")


def _wake_for_pulls(now: datetime) -> None:
    for channel_id in polling.due(now=now).values_list("pk", flat=True):
        wake("channels_ingest.tasks.pull_channel", channel_id=channel_id)


def _send_acknowledgements(now: datetime) -> None:
    acknowledgements.send_due(now=now)


def _wake_for_triage(now: datetime) -> None:
    if Ticket.objects.filter(assessing.due(now=now)).exists():
        wake("channels_ingest.tasks.triage_cases")


def _wake_for_search(now: datetime) -> None:
    if indexing.is_due():
        wake("channels_ingest.tasks.index_words")


def _wake_snoozed(now: datetime) -> None:
    lifecycle.wake_due(now=now)


def _close_abandoned_talks(now: datetime) -> None:
    abandoned_talks.close_abandoned(now=now)


def _wake_for_bulk(now: datetime) -> None:
    for run_id in bulk.neglected(now=now):
        wake("channels_ingest.tasks.run_bulk", run_id=run_id)


def _forget_bulk(now: datetime) -> None:
    bulk.forget_old(now=now)


def _renew_clocks(now: datetime) -> None:
    renewing.renew_stale(now=now)


def _tell_due(now: datetime) -> None:
    running_out.tell_due(now=now)


def _tell_promises(now: datetime) -> None:
    promises.tell_due(now=now)


def _tell_followers(now: datetime) -> None:
    following.tell_followers(now=now)


def _seed_calendars(now: datetime) -> None:
    seeding.seed_due(today=now.date())


def _wake_for_hiding(now: datetime) -> None:
    if hiding.due(now=now).exists():
        wake("channels_ingest.tasks.hide_posts")


def _ask_for_profiles(now: datetime) -> None:
    profiles.ask_due(now=now)


def _send_later(now: datetime) -> None:
    later.stop_answered(now=now)
    later.send_due(now=now)


def _forget_holds(now: datetime) -> None:
    composing.forget_holds(now=now)


def _remove_recalled(now: datetime) -> None:
    recalls.remove_expired(now=now)


def _fetch_files(now: datetime) -> None:
    media.fetch_due(limit=MOST_FILES, now=now)


def _forget_uploads(now: datetime) -> None:
    receiving.forget_old(now=now)


def _search_pictures(now: datetime) -> None:
    screenshots.search_due(now=now)


def _send_codes(now: datetime) -> None:
    proofs.settle_due(now=now)


def _settle_answer_places(now: datetime) -> None:
    answer_places.settle_due(now=now)


def _watch_reviews(now: datetime) -> None:
    reviews.remind_due(now=now)
    reviews.delete_due(now=now)


DUTIES: dict[str, Callable[[datetime], None]] = {
    "envelopes": _wake_for_envelopes,
    "deliveries": _wake_for_deliveries,
    "pulls": _wake_for_pulls,
    "later": _send_later,
    "acknowledgements": _send_acknowledgements,
    "triage": _wake_for_triage,
    "search": _wake_for_search,
    "snoozes": _wake_snoozed,
    "talks": _close_abandoned_talks,
    "terms": _renew_clocks,
    "clocks": _tell_due,
    "promises": _tell_promises,
    "followers": _tell_followers,
    "files": _fetch_files,
    "pictures": _search_pictures,
    "codes": _send_codes,
    "answer_places": _settle_answer_places,
    "reviews": _watch_reviews,
    "hiding": _wake_for_hiding,
    "bulk": _wake_for_bulk,
    "old bulk": _forget_bulk,
    "profiles": _ask_for_profiles,
    "recalled": _remove_recalled,
    "uploads": _forget_uploads,
    "calendars": _seed_calendars,
    "holds": _forget_holds,
}
# What has to look far to find anything.
SELDOM = {
    "hiding": timedelta(minutes=1),
    "profiles": timedelta(seconds=20),
    "recalled": timedelta(minutes=10),
    "uploads": timedelta(minutes=10),
    "reviews": timedelta(minutes=1),
    "holds": timedelta(minutes=10),
    "talks": timedelta(minutes=10),
    "old bulk": timedelta(minutes=10),
    "calendars": timedelta(hours=12),
}
