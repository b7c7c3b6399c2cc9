"""Take back that a claim was verified: its author is as unproven as before."""

from datetime import datetime

from ..actor import Actor
from ..models import ClaimState, Conversation, History, Identity, IdentityStatus
from .changes import Change
from .conversations import unanswered_since
from .linking import holding
from .refusals import Refused
from .settling import settle_clocks

VERIFIED = "claim_verified"


def doubt(*, verified: History, by: Actor, now: datetime) -> Conversation:
    """Make a claim of a conversation again; account and cases go back to who they belonged to.

    Raises Refused: already_undone, or not_linked where the account has moved on since.
    """
    data = verified.data
    claim = Conversation.objects.select_related("identity").get(pk=data["conversation"])
    also = [claim.ticket_id, *data.get("tickets", ())]
    with holding(claim.identity, by, now, also=also) as (change, identity):
        claim = Conversation.objects.get(pk=claim.pk)
        if claim.claim != ClaimState.VERIFIED or claim.ticket_id not in change.tickets:
            raise Refused("already_undone")
        if "after" not in data or identity.contact_id != data["after"]:
            raise Refused("not_linked")
        claim.claim, claim.claim_waiting_since = ClaimState.PENDING, unanswered_since(claim)
        claim.save(update_fields=["claim", "claim_waiting_since"])
        _part(change, identity, verified)
        change.record(change.tickets[claim.ticket_id], "claim_doubted", conversation=claim.pk)
        settle_clocks(change, change.tickets[claim.ticket_id])
        return claim


def _part(change: Change, identity: Identity, verified: History) -> None:
    data = verified.data
    identity.contact_id = data["before"]
    if not identity.is_compromised:
        identity.status = IdentityStatus(data["status"])
    identity.save(update_fields=["contact", "status"])
    for pk in data["tickets"]:
        ticket = change.tickets.get(pk)
        if ticket is not None and ticket.contact_id == data["after"]:
            ticket.contact_id = data["before"]
            change.record(ticket, "contact_parted", identity=identity.pk)
