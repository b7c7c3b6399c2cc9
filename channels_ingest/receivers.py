"""Listen to the domain: what it has to be done outside wakes who does it."""

from collections.abc import Sequence

from django.dispatch import receiver

from tickets.events import deliveries_queued, posts_to_hide

from .waking import wake


@receiver(deliveries_queued)
def wake_outbox(*, delivery_ids: Sequence[int], **_: object) -> None:
    wake("channels_ingest.tasks.deliver")


@receiver(posts_to_hide)
def wake_hiding(*, message_ids: Sequence[int], **_: object) -> None:
    wake("channels_ingest.tasks.hide_posts")
