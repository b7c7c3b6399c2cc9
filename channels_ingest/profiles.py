"""Ask vendors who has written, where a push leaves that out: a name, the key of a person."""

import logging
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import F, Q, QuerySet

from tickets.actions.vouching import vouch
from tickets.interchange import Sender
from tickets.models import Identity, IdentityStatus

from . import accounts
from .connectors import kinds
from .connectors.base import Connector

logger = logging.getLogger(__name__)

GOOD_FOR = timedelta(days=7)
WROTE_WITHIN = timedelta(days=1)  # who has been silent longer is asked about when they write
PAUSE = timedelta(minutes=10)  # after a failure, before the same account is asked about again
MOST_AT_ONCE = 5
LOOKED_AT = 50  # accounts among which those are sought whose pause is over


def ask_due(*, now: datetime, limit: int = MOST_AT_ONCE) -> int:
    """Ask about up to `limit` accounts that wrote and are unknown, or known for a week.

    Return about how many. A vendor that fails is asked no more in this round.
    """
    asked, failed = 0, set()
    for identity in due(now=now).select_related("channel__account")[:LOOKED_AT]:
        if asked >= limit:
            break
        if identity.channel_id in failed or not _is_its_turn(identity):
            continue
        asked += 1
        if not _ask(identity, now):
            failed.add(identity.channel_id)
    return asked


def due(*, now: datetime) -> QuerySet[Identity]:
    """The accounts to ask about; nobody is asked about twice without having written since."""
    stale = Q(profiled_at__lt=now - GOOD_FOR, last_inbound_at__gt=F("profiled_at"))
    return (
        Identity.objects.filter(
            Q(profiled_at__isnull=True) | stale,
            channel__kind__in=_kinds(),
            channel__is_paused=False,
            last_inbound_at__gt=now - WROTE_WITHIN,
        )
        .exclude(status=IdentityStatus.COMPROMISED)
        .order_by("-last_inbound_at")
    )


def _kinds() -> list[str]:
    """The kinds of channel whose vendor can be asked."""
    return [kind for kind, each in kinds().items() if each.profile is not Connector.profile]


def _is_its_turn(identity: Identity) -> bool:
    """Only the pause is kept in the cache: lost, the vendor is asked early."""
    return bool(cache.add(f"profile:{identity.pk}", 1, timeout=PAUSE.total_seconds()))


def _ask(identity: Identity, now: datetime) -> bool:
    """Ask and note the answer; False if the vendor could not be asked."""
    try:
        with accounts.connected(identity.channel.account) as connector:
            said = connector.profile(identity.external_id) or Sender(identity.external_id)
    except Exception as error:  # noqa: BLE001 - whatever it is, the next account may go well
        # Its text may hold addresses and keys.
        logger.info("profile of identity %s: %s", identity.pk, type(error).__name__)
        return False
    vouch(
        identity=identity,
        vouched=said.vouched,
        name=said.name,
        address=said.address if said.address_verified else "",
        phone=said.phone,
        now=now,
    )
    return True
