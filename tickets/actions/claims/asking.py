"""Ask a case's owner whether it was they who quoted its number elsewhere."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.db.models import F, QuerySet

from ...actor import Actor
from ...models import (
    ClaimQuestion,
    ClaimState,
    Conversation,
    History,
    IdentityStatus,
    Ticket,
)
from .. import wording
from ..chains import merged_tree
from ..changes import changing
from ..conversations import ticket_of
from ..refusals import Refused
from ..replies import write_automatic
from .deciding import claimed_case, pending_claim

CODE_FOR = timedelta(minutes=15)
LINK_FOR = timedelta(hours=24)
MOST_AN_HOUR = 1
MOST_A_DAY = 3
SALT = "tickets.claim"


def ask_owner(*, conversation: Conversation, by: Actor, now: datetime) -> ClaimQuestion:
    """Ask the case's owner, on a channel of theirs, whether they wrote this.

    Sends links (24 hours) and, for a private claim, a code (15 minutes, 5 tries). Raises Refused:
    not_pending, moved, compromised (the claimer), nobody_to_ask, asked_enough (one an hour, three
    a day per case) or what forbids the message itself.
    """
    with changing(ticket_of(conversation), by=by, now=now) as change:
        claim = pending_claim(conversation, change)
        ticket = change.tickets[claim.ticket_id]
        if claim.identity.is_compromised:
            raise Refused("compromised")
        if _asked_enough(ticket, now):
            raise Refused("asked_enough")
        asked = owners_conversation(claimed_case(claim, ticket), now=now)
        if asked is None:
            raise Refused("nobody_to_ask")
        code = f"{secrets.randbelow(1_000_000):06d}"
        question = ClaimQuestion.objects.create(
            conversation=claim,
            asked=asked.identity,
            code=code_digest(claim, code),
            asked_at=now,
            code_until=now + CODE_FOR,
            link_until=now + LINK_FOR,
        )
        shown = "" if claim.is_public else code
        text = wording.question(asked, claim, question_link(question), shown)
        change.record(ticket, "owner_asked", conversation=claim.pk, channel=asked.channel.slug)
        write_automatic(change, asked, text, kind="question")
        return question


def owners_conversation(
    case: Ticket, *, now: datetime, leaves_us: bool = False
) -> Conversation | None:
    """Where the owner of a case can be asked: in a private conversation of its contact that takes
    a reply now, on an identity that is not compromised and is verified or opened the case.

    Of several, the one that the owner used last; with `leaves_us` none of a page of our own.
    """
    own = _own_conversations(case)
    opener = own.order_by("created_at", "pk").values_list("identity", flat=True).first()
    private = own.filter(is_public=False).exclude(identity__status=IdentityStatus.COMPROMISED)
    latest = private.order_by(F("last_inbound_at").desc(nulls_last=True), "-pk")
    usable = [
        each
        for each in latest
        if each.takes_replies(now) and not (leaves_us and each.channel.on_our_page)
    ]
    verified = (each for each in usable if each.identity.is_verified)
    opening = (each for each in usable if each.identity_id == opener)
    return next(verified, None) or next(opening, None)


def question_link(question: ClaimQuestion) -> str:
    """The page on which the owner answers; the token holds for 24 hours."""
    token = signing.TimestampSigner(salt=SALT).sign(str(question.pk))
    return f"{settings.PUBLIC_URL}/support/claims/{token}/"


def code_digest(claim: Conversation, code: str) -> bytes:
    """What is kept of a code; only the message that was sent holds its digits."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{SALT}:{claim.pk}:{code}".encode(), sha256).digest()


def _own_conversations(case: Ticket) -> QuerySet[Conversation]:
    """The contact's own, wherever a merge has taken them."""
    survivor = case
    while survivor.merged_into is not None:
        survivor = survivor.merged_into
    own = Conversation.objects.filter(ticket=survivor, identity__contact=case.contact_id)
    return own.exclude(claim=ClaimState.PENDING).select_related(
        "ticket", "channel", "identity__contact"
    )


def _asked_enough(ticket: Ticket, now: datetime) -> bool:
    """Counted by history: a rejected claim leaves the case, but its owner was asked."""
    asked = History.objects.filter(code="owner_asked", ticket__in=merged_tree(ticket.pk))
    return (
        asked.filter(at__gt=now - timedelta(hours=1)).count() >= MOST_AN_HOUR
        or asked.filter(at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY
    )
