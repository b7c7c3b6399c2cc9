"""Listen to the domain: a queued delivery wakes the outbox."""

from collections.abc import Sequence

from django.dispatch import receiver

from tickets.events import deliveries_queued

from .waking import wake


@receiver(deliveries_queued)
def wake_outbox(*, delivery_ids: Sequence[int], **_: object) -> None:
    wake("channels_ingest.tasks.deliver")
