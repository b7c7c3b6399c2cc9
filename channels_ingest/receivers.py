"""Listen to the domain: what it has to be done outside wakes who does it."""

from collections.abc import Sequence

from django.dispatch import receiver

from tickets.events import bulk_runs_waiting, deliveries_queued, posts_to_hide, tickets_changed

from .waking import wake


@receiver(deliveries_queued)
def wake_outbox(*, delivery_ids: Sequence[int], **_: object) -> None:
    wake("channels_ingest.tasks.deliver")


@receiver(posts_to_hide)
def wake_hiding(*, message_ids: Sequence[int], **_: object) -> None:
    wake("channels_ingest.tasks.hide_posts")


@receiver(bulk_runs_waiting)
def wake_bulk(*, run_ids: Sequence[int], **_: object) -> None:
    for run_id in run_ids:
        wake("channels_ingest.tasks.run_bulk", run_id=run_id)


@receiver(tickets_changed)
def wake_search(*, changes: Sequence[tuple[str, int, int]], **_: object) -> None:
    wake("channels_ingest.tasks.index_words")
