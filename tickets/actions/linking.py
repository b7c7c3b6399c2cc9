"""Say that two accounts are one person's, and take it back exactly."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from ..actor import Actor
from ..locking import lock_identities
from ..models import (
    ClaimState,
    Contact,
    ContactNote,
    Conversation,
    History,
    Identity,
    IdentityStatus,
    Ticket,
)
from .changes import Change, changing
from .claims.deciding import How, claimed_case, verify_claim
from .conversations import unanswered_since
from .refusals import Refused
from .settling import settle_clocks

LINKED, VOUCHED, UNLINKED = "identity_linked", "identity_vouched", "identity_unlinked"
PROVED = "identity_proved"
LINKS = (LINKED, VOUCHED, PROVED)  # what tells of a link that may be taken back


def link_identity(
    *, identity: Identity, contact: Contact, by: Actor, now: datetime, on: Ticket | None = None
) -> Identity:
    """An agent says that this account is that contact's; its cases and claims follow.

    Recorded on every case concerned and on the case `on` from which it was done, and undone by
    `unlink_identity`. Raises Refused: same_contact or compromised.
    """
    with holding(identity, by, now, also=[on.pk] if on else ()) as (change, fresh):
        if fresh.is_compromised:
            raise Refused("compromised")
        if fresh.contact_id == contact.pk:
            raise Refused("same_contact")
        join(change, fresh, contact, code=LINKED, how="agent", on=on)
        return fresh


def unlink_identity(*, link: History, by: Actor, now: datetime) -> Identity:
    """Take a link back: the account, its cases and its claims stand as they did before.

    What the account has opened alone since then goes with it. Raises Refused("not_linked") if it
    was taken back already or the account has moved on.
    """
    identity = Identity.objects.get(pk=link.data["identity"])
    before = Contact.objects.get(pk=link.data["before"])
    with holding(identity, by, now, also=link.data["told"]) as (change, fresh):
        undone = History.objects.filter(ticket=link.ticket, code=UNLINKED)
        gone = undone.filter(data__link=link.data["link"]).exists()
        if gone or fresh.contact_id != link.data["after"]:
            raise Refused("not_linked")
        _part(change, fresh, before, link)
        return fresh


@contextmanager
def holding(
    identity: Identity, by: Actor, now: datetime, *, also: Iterable[int] = ()
) -> Iterator[tuple[Change, Identity]]:
    """Lock the account as intake does, then every case that a move could touch."""
    with transaction.atomic():
        lock_identities([(identity.channel_id, identity.external_id)])
        fresh = Identity.objects.select_related("contact", "channel").get(pk=identity.pk)
        tickets = Ticket.objects.filter(
            Q(contact=fresh.contact_id) | Q(conversations__identity=fresh) | Q(pk__in=list(also))
        ).distinct()
        with changing(*tickets, by=by, now=now) as change:
            locked = Identity.objects.select_for_update(of=("self",)).select_related("contact")
            yield change, locked.get(pk=fresh.pk)


def join(
    change: Change,
    identity: Identity,
    contact: Contact,
    *,
    code: str,
    how: How,
    on: Ticket | None = None,
) -> None:
    """Move a locked identity to a contact, with the cases that only it speaks in."""
    before = identity.contact
    moved = _own_tickets(change, identity)
    data: dict[str, Any] = {
        "link": uuid4().hex,
        "identity": identity.pk,
        "name": identity.display_name,
        "status": identity.status,
        "before": before.pk,
        "after": contact.pk,
        "tickets": [ticket.pk for ticket in moved],
        "claims": [],
        "notes": _bring_notes(before, contact, identity),
    }
    identity.contact, identity.status = contact, IdentityStatus.VERIFIED
    identity.save(update_fields=["contact", "status"])
    for ticket in moved:
        ticket.contact = contact
    data["claims"] = _verified_claims(change, identity, contact, how)
    _record(change, identity, code, data, set(data["tickets"]), [on.pk] if on else ())


def _part(change: Change, identity: Identity, before: Contact, link: History) -> None:
    alone = [ticket for ticket in _own_tickets(change, identity) if ticket.created_at >= link.at]
    returning = [
        ticket
        for ticket in change.tickets.values()
        if ticket.contact_id == link.data["after"]
        and (ticket.pk in link.data["tickets"] or ticket in alone)
    ]
    identity.contact = before
    if not identity.is_compromised:
        identity.status = link.data["status"]
    identity.save(update_fields=["contact", "status"])
    for ticket in returning:
        ticket.contact = before
    notes = ContactNote.objects.filter(pk__in=link.data.get("notes", ()))
    notes.filter(contact=link.data["after"]).update(contact=before)
    _doubt_again(change, link.data["claims"])
    data = {key: link.data[key] for key in ("link", "identity", "name")}
    _record(
        change, identity, UNLINKED, data, {ticket.pk for ticket in returning}, link.data["told"]
    )


def _bring_notes(before: Contact, contact: Contact, identity: Identity) -> list[int]:
    """With their only account what is noted about somebody comes along; return those notes."""
    if before.identities.exclude(pk=identity.pk).exists():
        return []
    notes = ContactNote.objects.filter(contact=before)
    brought = list(notes.values_list("pk", flat=True))
    notes.update(contact=contact)
    return brought


def _verified_claims(change: Change, identity: Identity, contact: Contact, how: How) -> list[int]:
    """Verify what this account claimed of the contact's cases; return those conversations."""
    claims = Conversation.objects.filter(identity=identity, claim=ClaimState.PENDING)
    verified = []
    for claim in claims.select_related("channel", "identity__contact").order_by("pk"):
        ticket = change.tickets.get(claim.ticket_id)
        if ticket is not None and claimed_case(claim, ticket).contact_id == contact.pk:
            verify_claim(change, claim, how)
            verified.append(claim.pk)
    return verified


def _doubt_again(change: Change, verified: Iterable[int]) -> None:
    claims = Conversation.objects.filter(pk__in=list(verified), claim=ClaimState.VERIFIED)
    for claim in claims:
        claim.claim = ClaimState.PENDING
        claim.claim_waiting_since = unanswered_since(claim)
        claim.save(update_fields=["claim", "claim_waiting_since"])
        if claim.ticket_id in change.tickets:
            settle_clocks(change, change.tickets[claim.ticket_id])


def _own_tickets(change: Change, identity: Identity) -> list[Ticket]:
    """The contact's cases in which no other account of theirs speaks, of those that are locked.

    With their only account all of a contact's cases go, those without any conversation too.
    """
    theirs = {pk: t for pk, t in change.tickets.items() if t.contact_id == identity.contact_id}
    if not identity.contact.identities.exclude(pk=identity.pk).exists():
        return list(theirs.values())
    speakers: dict[int, set[int]] = {pk: set() for pk in theirs}
    spoken = Conversation.objects.filter(
        Q(ticket__in=theirs) | Q(opened_on__in=theirs), identity__contact=identity.contact_id
    ).exclude(claim=ClaimState.PENDING)
    for ticket, opened_on, speaker in spoken.values_list("ticket", "opened_on", "identity"):
        for pk in {ticket, opened_on} & speakers.keys():
            speakers[pk].add(speaker)
    return [theirs[pk] for pk, known in speakers.items() if known == {identity.pk}]


def _record(
    change: Change,
    identity: Identity,
    code: str,
    data: dict[str, Any],
    moved: set[int],
    also: Iterable[int],
) -> None:
    """Tell every case that moved, that the account speaks in, and that it was done from."""
    spoken = Conversation.objects.filter(identity=identity).values_list("ticket", flat=True)
    told = sorted((moved | set(spoken) | set(also)) & change.tickets.keys())
    for pk in told:
        change.record(change.tickets[pk], code, **data, told=told)
