"""Hide public posts at their vendors, as the domain has asked for."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from tickets.actions import hiding
from tickets.models import History, Message

from . import accounts
from .connectors.base import OutcomeUnknown, SendFailure, TemporaryFailure

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)


def hide_due(*, clock: Clock = timezone.now, limit: int = 20) -> int:
    """Carry out the requests that are due, one after the other; return how many were tried."""
    tried = 0
    while tried < limit and (taken := hiding.take(now=clock())):
        tried += 1
        _hide(*taken, clock)
    return tried


def _hide(request: History, message: Message, clock: Clock) -> None:
    """Call the vendor. Hiding what is hidden does no harm, so any doubt is another try."""
    channel = message.channel
    if channel is None or channel.is_paused:
        hiding.put_off(request=request, error="paused", at=_next(request, clock()), now=clock())
        return
    try:
        with accounts.connected(channel.account) as connector:
            connector.hide(message.external_id)
    except Exception as error:  # noqa: BLE001 - a connector's own fault must not stop the others
        _note(request, error, clock())
    else:
        hiding.record_hidden(request=request, now=clock())


def _note(request: History, failure: Exception, now: datetime) -> None:
    if isinstance(failure, TemporaryFailure | OutcomeUnknown):
        wait = getattr(failure, "retry_after", None) or 0.0
        at = max(_next(request, now), now + timedelta(seconds=wait))
        hiding.put_off(request=request, error=failure.code, at=at, now=now)
    elif isinstance(failure, SendFailure):
        hiding.record_failed(request=request, error=failure.code, now=now)
    else:
        # Its text may hold addresses and keys; where it came from is enough to find the fault.
        logger.error("hiding message %s: %s", request.data["message"], type(failure).__name__)
        hiding.record_failed(request=request, error="internal", now=now)


def _next(request: History, now: datetime) -> datetime:
    attempts: int = request.data["attempts"]
    return now + min(FIRST_PAUSE * float(2 ** (attempts - 1)), LONGEST_PAUSE)
