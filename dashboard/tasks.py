"""What Celery does for the desk."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from channels_ingest.api import take_round
from tickets.actions.notifying import forget_old

from . import digests

TIDYING = timedelta(hours=6)
EVERY = timedelta(seconds=55)  # a little under the beat, which is never on the dot


@shared_task(name="dashboard.tasks.sweep_digests")
def sweep_digests(**_: object) -> None:
    """Send the e-mail digests that are due, tidy up; of two beats one does it."""
    now = timezone.now()
    if take_round("digests", every=EVERY, now=now):
        digests.send_due(now=now)
    if take_round("old notifications", every=TIDYING, now=now):
        forget_old(now=now)
