"""Write once to addresses that were named, and begin a conversation at those that are proved."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Q

from ...actor import Actor
from ...locking import lock_identities, lock_name
from ...models import (
    AnswerPlace,
    ClaimState,
    Contact,
    Conversation,
    Identity,
    IdentityStatus,
    Ticket,
)
from .. import wording
from ..changes import Change, changing
from ..linking import PROVED, join
from ..replies import write_elsewhere
from .naming import CODE_FOR, LINK_FOR, code_digest, link_of

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=2)
MOST_MAILS_A_DAY = 3  # to one address; and one an hour


def settle_due(*, now: datetime, limit: int = 50) -> int:
    """Write to the addresses that were named, and open what is proved; return how many.

    What nobody will come back to is forgotten.
    """
    AnswerPlace.objects.filter(asked_at__lt=now - KEPT_FOR).delete()
    waiting = AnswerPlace.objects.filter(settled_at__isnull=True).order_by("asked_at")
    return sum(_settled(pk, now) for pk in waiting.values_list("pk", flat=True)[:limit])


def _settled(pk: UUID, now: datetime) -> bool:
    """Settle one; what breaks one of them must not keep the others waiting."""
    try:
        return _settle(pk, now)
    except DatabaseError:
        raise  # tried again with the next round
    except Exception:
        logger.exception("answer place %s could not be settled", pk)
        AnswerPlace.objects.filter(pk=pk).update(settled_at=now)
        return False


def _settle(pk: UUID, now: datetime) -> bool:
    with _holding(pk, now) as (change, place, chat):
        if place.settled_at is not None or chat.ticket_id not in change.tickets:
            return False  # done by another, or moved a moment ago: then the next round does it
        account = _account(place)
        may_go = not (
            chat.is_pending_claim
            or chat.identity.is_compromised
            or (account is not None and account.is_compromised)
        )
        done = may_go and (
            _open(change, place, chat, account)
            if place.proven_at
            else _write(change, place, chat, account)
        )
        place.settled_at = now
        place.save()
        return done


@contextmanager
def _holding(pk: UUID, now: datetime) -> Iterator[tuple[Change, AnswerPlace, Conversation]]:
    """Lock both accounts as intake does, then every case that joining them could touch."""
    known = AnswerPlace.objects.select_related("conversation__identity", "channel").get(pk=pk)
    chat = known.conversation
    with transaction.atomic():
        lock_name(f"answer place:{known.address}")  # two chats must not both be the first
        lock_identities(
            [(chat.channel_id, chat.identity.external_id), (known.channel_id, known.address)]
        )
        fresh = Conversation.objects.select_related("identity__contact", "ticket", "channel")
        chat = fresh.get(pk=chat.pk)
        account = _account(known)
        people = {chat.identity.contact_id} | ({account.contact_id} if account else set())
        speakers = {chat.identity_id} | ({account.pk} if account else set())
        tickets = Ticket.objects.filter(
            Q(pk=chat.ticket_id) | Q(contact__in=people) | Q(conversations__identity__in=speakers)
        ).distinct()
        by = Actor.customer(chat.identity)
        with changing(*tickets, by=by, now=now) as change:
            place = AnswerPlace.objects.select_related("channel").select_for_update(of=("self",))
            yield change, place.get(pk=pk), fresh.get(pk=chat.pk)


def _account(place: AnswerPlace) -> Identity | None:
    found = Identity.objects.filter(channel=place.channel_id, external_id=place.address)
    return found.select_related("contact").first()


def _write(
    change: Change, place: AnswerPlace, chat: Conversation, account: Identity | None
) -> bool:
    """The one mail to an address that nobody has proved: the number, a code and a link."""
    if _mailed_enough(place, change.now):
        return False
    account = account or _new_account(place, chat, change.now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    place.code = code_digest(place, code)
    place.mailed_at = change.now
    place.code_until, place.link_until = change.now + CODE_FOR, change.now + LINK_FOR
    subject, text = wording.answer_place(chat, code, link_of(place))
    write_elsewhere(change, chat, text, subject=subject, channel=place.channel, to=account)
    ticket = change.tickets[chat.ticket_id]
    change.record(ticket, "address_asked", address=place.address)
    return True


def _open(change: Change, place: AnswerPlace, chat: Conversation, account: Identity | None) -> bool:
    """Begin a conversation at the proved address, on the same case, and prefer it for answers."""
    account = account or _new_account(place, chat, change.now)
    account = _made_theirs(change, chat, account)
    ticket = change.tickets[chat.ticket_id]
    known = Conversation.objects.filter(ticket=ticket, identity=account, is_public=False)
    if not known.exclude(claim=ClaimState.PENDING).exists():
        # It is current from when its first message has left: only then the thread has a name.
        Conversation.objects.create(
            ticket=ticket,
            opened_on=ticket,
            channel=place.channel,
            identity=account,
            is_current=False,
            created_at=change.now,
        )
    ticket.answer_by = account
    change.record(ticket, "answer_by_set", name=account.display_name)
    return True


def _made_theirs(change: Change, chat: Conversation, account: Identity) -> Identity:
    """Both accounts are one person's from now on: who is new here joins who was known before."""
    account.address = account.address or account.external_id
    account.status = IdentityStatus.VERIFIED
    account.save(update_fields=["address", "status"])
    visitor = chat.identity
    if account.contact_id == visitor.contact_id:
        return account
    ticket = change.tickets[chat.ticket_id]
    alone = not visitor.contact.identities.exclude(pk=visitor.pk).exists()
    if alone and not visitor.contact.plan and account.conversations.exists():
        join(change, visitor, account.contact, code=PROVED, how="code", on=ticket)
    else:
        join(change, account, visitor.contact, code=PROVED, how="code", on=ticket)
    return account


def _new_account(place: AnswerPlace, chat: Conversation, now: datetime) -> Identity:
    """An account of nobody yet: whoever reads mail there may be a stranger to this customer."""
    contact = Contact.objects.create(language=chat.ticket.language, created_at=now)
    return Identity.objects.create(
        contact=contact, channel=place.channel, external_id=place.address, created_at=now
    )


def _mailed_enough(place: AnswerPlace, now: datetime) -> bool:
    mailed = AnswerPlace.objects.filter(address=place.address)
    return (
        mailed.filter(mailed_at__gt=now - timedelta(hours=1)).exists()
        or mailed.filter(mailed_at__gt=now - timedelta(days=1)).count() >= MOST_MAILS_A_DAY
    )
