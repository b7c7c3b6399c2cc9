"""Decide a claim: its author is the case's owner, or somebody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from django.db import transaction

from ...actor import Actor
from ...locking import lock_identities
from ...models import (
    ClaimState,
    Contact,
    Conversation,
    Identity,
    IdentityStatus,
    MoveKind,
    Ticket,
)
from ..chains import merged_tree
from ..changes import Change, changing
from ..conversations import standing_conversation
from ..refusals import Refused
from ..settling import open_again
from ..splitting import split_off

How = Literal["agent", "link", "code", "vendor"]


def verify(
    *, conversation: Conversation, by: Actor, now: datetime, how: How = "agent"
) -> Conversation:
    """The claimer is the case's contact: the identity joins the contact, the claim number stays
    as an alias of the case. Raises Refused: not_pending, moved or compromised."""
    with deciding(conversation, by=by, now=now) as (change, claim):
        verify_claim(change, claim, how)
        return claim


def reject(*, conversation: Conversation, by: Actor, now: datetime, how: How = "agent") -> Ticket:
    """The claimer is somebody else: the conversation becomes a case of its own, under the number
    that the claimer was given. Raises Refused: not_pending or moved."""
    with deciding(conversation, by=by, now=now, may_reject=True) as (change, claim):
        return reject_claim(change, claim, how)


@contextmanager
def deciding(
    conversation: Conversation, *, by: Actor, now: datetime, may_reject: bool = False
) -> Iterator[tuple[Change, Conversation]]:
    """Open a transaction with all locked that a decision changes. Raises Refused.

    The claimer's identity is locked as intake locks it, for intake writes whole identities back.
    """
    with transaction.atomic():
        lock_identities([(conversation.channel_id, conversation.identity.external_id)])
        tickets = _tickets_of(conversation, may_reject=may_reject)
        with changing(*tickets, by=by, now=now) as change:
            yield change, pending_claim(conversation, change)


def pending_claim(conversation: Conversation, change: Change) -> Conversation:
    """The claim as it stands under the locks. Raises Refused: not_pending or moved."""
    claim = standing_conversation(conversation, change)
    if not claim.is_pending_claim:
        raise Refused("not_pending")
    return claim


def verify_claim(change: Change, claim: Conversation, how: How) -> None:
    """Let the claim and its author join the locked case. Raises Refused("compromised")."""
    if claim.identity.is_compromised:
        raise Refused("compromised")
    ticket = change.tickets[claim.ticket_id]
    waiting = claim.claim_waiting_since
    claim.claim, claim.claim_waiting_since = ClaimState.VERIFIED, None
    claim.save()
    row = change.record(
        ticket,
        "claim_verified",
        how=how,
        conversation=claim.pk,
        before=claim.identity.contact_id,
        status=claim.identity.status,
    )
    contact = claimed_case(claim, ticket).contact
    moved = _join_contact(change, claim.identity, contact)
    row.data |= {"after": contact.pk, "tickets": [each.pk for each in moved]}
    ticket.last_activity_at = change.now
    if waiting:
        ticket.waiting_since = min(waiting, ticket.waiting_since or waiting)
        open_again(change, ticket, by=Actor.customer(claim.identity))


def reject_claim(change: Change, claim: Conversation, how: How) -> Ticket:
    """Give the locked claim a case of its own."""
    claim.claim, claim.claim_waiting_since = ClaimState.REJECTED, None
    ticket = split_off(change, claim, claim.claim_number, MoveKind.CLAIM)
    change.record(ticket, "claim_rejected", how=how, conversation=claim.pk)
    return ticket


def claimed_case(claim: Conversation, standing: Ticket) -> Ticket:
    """The case whose number was quoted: what was merged keeps the owner that it had."""
    quoted = Ticket.objects.filter(aliases__number=claim.via_number).first()
    return quoted if quoted and quoted.pk in merged_tree(standing.pk) else standing


def _tickets_of(conversation: Conversation, *, may_reject: bool) -> list[Ticket]:
    """The case and, for a rejection, the ticket that an earlier one made before it was undone."""
    fresh = Conversation.objects.select_related("ticket").get(pk=conversation.pk)
    earlier = Ticket.objects.filter(number=fresh.claim_number) if may_reject else ()
    return [fresh.ticket, *earlier]


def _join_contact(change: Change, identity: Identity, contact: Contact) -> list[Ticket]:
    """The identity is the contact's from now on, and so are the cases of who it was before, which
    are returned.

    They come along only if that contact has no other identity, and each says so in its history.
    Intake calls this with locks of its own, out of order, so a case that is being changed at this
    moment is not waited for: it keeps its contact, and the identity takes part in it all the same.
    """
    before = identity.contact
    identity.contact, identity.status = contact, IdentityStatus.VERIFIED
    identity.save(update_fields=["contact", "status"])
    if before == contact or before.identities.exists():
        return []
    theirs = Ticket.objects.filter(contact=before).order_by("pk")
    for free in theirs.exclude(pk__in=change.tickets).select_for_update(skip_locked=True):
        change.adopt(free)
    moved = [each for each in change.tickets.values() if each.contact_id == before.pk]
    for ticket in moved:
        ticket.contact = contact
        change.record(ticket, "contact_joined", identity=identity.pk, before=before.name)
    return moved
