"""Store what a visitor writes and reads, as envelopes: what follows is the workers' part."""

from collections.abc import Sequence
from datetime import datetime

from tickets.models import Channel, Delivery

from ...connectors.chat import Guest, message_envelope
from ...own_page import PageFile, read_envelope
from ...store import store


def store_message(
    *,
    channel: Channel,
    guest: Guest,
    client_id: str,
    text: str,
    files: Sequence[PageFile],
    language: str,
    category: str = "",
    now: datetime,
) -> None:
    """Store a message; the same `client_id` again changes nothing, whatever it holds."""
    envelope = message_envelope(
        guest=guest,
        client_id=client_id,
        text=text,
        files=files,
        language=language,
        category=category,
    )
    store(channel=channel, envelopes=[envelope], now=now)


def note_read(*, channel: Channel, thread: str, replies: Sequence[str], now: datetime) -> None:
    """Store which of our replies (external ids) to this very visitor were on the screen."""
    ours = Delivery.objects.filter(
        channel=channel, recipient__external_id=thread, external_id__in=[r for r in replies if r]
    )
    known = ours.values_list("external_id", flat=True)
    envelopes = [read_envelope(thread=thread, reply=each) for each in known]
    if envelopes:
        store(channel=channel, envelopes=envelopes, now=now)
