"""Judge an identity: verified, or taken over by somebody else."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ..actor import Actor
from ..locking import lock_identities
from ..models import Delivery, DeliveryState, Identity, IdentityStatus, Ticket
from .changes import changing
from .refusals import Refused

_UNSENT = (DeliveryState.QUEUED, DeliveryState.WAITING)
_TRUSTWORTHY = (IdentityStatus.UNVERIFIED, IdentityStatus.VERIFIED)


def verify_identity(*, identity: Identity, by: Actor, now: datetime) -> Identity:
    """An agent vouches that this account is its contact's. Raises Refused("compromised")."""
    judged = _judge(
        identity, _TRUSTWORTHY, IdentityStatus.VERIFIED, "identity_verified", by=by, now=now
    )
    if judged.is_compromised:
        raise Refused("compromised")
    return judged


def mark_compromised(*, identity: Identity, by: Actor, now: datetime) -> Identity:
    """The account is in a stranger's hands: nothing is sent to it, not even what is on its way,
    and it verifies nothing."""
    with transaction.atomic():
        judged = _judge(
            identity,
            _TRUSTWORTHY,
            IdentityStatus.COMPROMISED,
            "identity_compromised",
            by=by,
            now=now,
        )
        Delivery.objects.filter(recipient=judged, state__in=_UNSENT).update(
            state=DeliveryState.CANCELLED,
            error={"code": "compromised"},
            next_attempt_at=None,
            changed_at=now,
        )
        return judged


def clear_compromised(*, identity: Identity, by: Actor, now: datetime) -> Identity:
    """The owner has the account back; it must be verified anew. Any other stays as it is."""
    stolen = (IdentityStatus.COMPROMISED,)
    return _judge(identity, stolen, IdentityStatus.UNVERIFIED, "identity_cleared", by=by, now=now)


def _judge(
    identity: Identity,
    expected: Sequence[str],
    status: IdentityStatus,
    code: str,
    *,
    by: Actor,
    now: datetime,
) -> Identity:
    """Give an identity in an expected status another, and tell every case that it speaks in.

    It is locked as intake locks it, for intake writes whole identities back.
    """
    tickets = Ticket.objects.filter(conversations__identity=identity).distinct()
    with transaction.atomic():
        lock_identities([(identity.channel_id, identity.external_id)])
        with changing(*tickets, by=by, now=now) as change:
            fresh = Identity.objects.select_for_update().get(pk=identity.pk)
            if fresh.status == status or fresh.status not in expected:
                return fresh
            fresh.status = status
            fresh.save(update_fields=["status"])
            for ticket in change.tickets.values():
                change.record(ticket, code, identity=fresh.pk, name=fresh.display_name)
            return fresh
