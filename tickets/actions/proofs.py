"""Let a customer see their case by its number: send a code to an account that is known as theirs.

Whoever asks is told the same, whatever the number leads to. So asking and trying a code do the
same for every number, and what differs is done later by a worker: see `settle_due`.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ..access import case_of_customer
from ..actor import SYSTEM, Actor
from ..locking import lock_name
from ..models import Alias, CaseProof, ClaimState, Conversation, Identity, Ticket
from . import wording
from .changes import changing
from .claims import CODE_FOR, owners_conversation
from .refusals import Refused
from .replies import write_automatic

GRANT_FOR = timedelta(hours=24)
MOST_AN_HOUR = 3  # of one number by one asker: a network, or a browser where that is not known
MOST_A_DAY = 6
# Sent to one account, whoever asks: more than one asker can use up, so that its owner gets theirs.
MOST_SENT_AN_HOUR = 8
MOST_SENT_A_DAY = 20
KEPT_FOR = timedelta(days=2)
SALT = "tickets.proof"
SENT, OPENED = "proof_sent", "proof_opened"


def ask(*, number: str, browser: str, network: str = "", now: datetime) -> CaseProof:
    """Note that a browser wants to see the case of a number, which may not exist.

    Raises Refused("asked_enough"); that counts what this asker asked, never what was sent, and
    nobody's asking keeps another from it.
    """
    asker = _hashed(f"network:{network}" if network else browser)
    with transaction.atomic():
        lock_name(f"proof:{number}:{asker.hex()}")
        asked = CaseProof.objects.filter(number=number, asker=asker)
        if (
            asked.filter(asked_at__gt=now - timedelta(hours=1)).count() >= MOST_AN_HOUR
            or asked.filter(asked_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY
        ):
            raise Refused("asked_enough")
        return CaseProof.objects.create(
            number=number,
            browser=_hashed(browser),
            asker=asker,
            code=_no_code(),
            asked_at=now,
            code_until=now + CODE_FOR,
        )


def settle_due(*, now: datetime, limit: int = 100) -> int:
    """Send the codes that were asked for, where there is somebody to send one to; return how many.

    What nobody will ask about any more is forgotten.
    """
    CaseProof.objects.filter(asked_at__lt=now - KEPT_FOR).delete()
    waiting = CaseProof.objects.filter(settled_at__isnull=True).order_by("asked_at")
    return sum(_settle(pk, now) for pk in waiting.values_list("pk", flat=True)[:limit])


def proof_of(pk: UUID, *, browser: str) -> CaseProof:
    """What this very browser asked for. Raises CaseProof.DoesNotExist."""
    return CaseProof.objects.get(pk=pk, browser=_hashed(browser))


def open_case(*, proof: CaseProof, code: str, now: datetime) -> CaseProof:
    """Open the case to the browser that asked, by the code that its owner was sent.

    Raises Refused: code_dead (used, too late or tried too often) or wrong_code, which costs a try.
    """
    with transaction.atomic():
        locked = CaseProof.objects.select_for_update().get(pk=proof.pk)
        if locked.granted_until or not locked.tries_left or now >= locked.code_until:
            raise Refused("code_dead")
        is_right = hmac.compare_digest(bytes(locked.code), _digest(locked, code))
        case = _standing(locked) if is_right else None
        if case is None:
            locked.tries_left -= 1
        else:
            locked.granted_until = now + GRANT_FOR
            locked.code = _no_code()
            assert locked.identity is not None, "a code was sent to it"
            with changing(case, by=Actor.customer(locked.identity), now=now) as change:
                change.record(change[case], OPENED)
        locked.save()
    # Outside of the transaction, or the try would not count.
    if case is None:
        raise Refused("wrong_code", left=locked.tries_left)
    return locked


def granted(*, browser: str, number: str, now: datetime) -> CaseProof | None:
    """The proof by which a browser may see the case of a number, or None."""
    open_now = CaseProof.objects.filter(browser=_hashed(browser), granted_until__gt=now)
    found = open_now.filter(number=number).select_related("identity__contact", "ticket")
    return found.order_by("asked_at").last()


def leave(*, browser: str, now: datetime) -> None:
    """Close every case that is open to a browser."""
    CaseProof.objects.filter(browser=_hashed(browser), granted_until__gt=now).update(
        granted_until=now
    )


def _settle(pk: UUID, now: datetime) -> bool:
    with transaction.atomic():
        unsettled = CaseProof.objects.filter(pk=pk, settled_at__isnull=True)
        proof = unsettled.select_for_update(skip_locked=True).first()
        if proof is None:
            return False
        is_sent = now < proof.code_until and _send(proof, now)
        proof.settled_at = now
        proof.save()
        return is_sent


def _send(proof: CaseProof, now: datetime) -> bool:
    ticket = _ticket_of(proof.number)
    if ticket is None:
        return False
    with changing(_survivor(ticket), by=SYSTEM, now=now) as change:
        (case,) = change.tickets.values()
        asked = owners_conversation(ticket, now=now, leaves_us=True)
        if asked is None or case_of_customer(asked.identity, ticket) != case:
            return False
        if _sent_enough(asked.identity, proof, now):
            return False
        code = f"{secrets.randbelow(1_000_000):06d}"
        text = wording.proof(asked, proof.number, code, wording.page_of(proof.number))
        try:
            write_automatic(change, asked, text, kind="proof")
        except Refused:
            return False  # a channel that cannot carry it; nobody is told
        proof.identity, proof.ticket = asked.identity, ticket
        proof.code = _digest(proof, code)
        change.record(case, SENT, channel=asked.channel.slug)
        return True


def _ticket_of(number: str) -> Ticket | None:
    """The ticket of a number; one that was given to a claim is nobody's until that is decided."""
    pending = Conversation.objects.filter(claim=ClaimState.PENDING, claim_number=number)
    alias = Alias.objects.filter(number=number).select_related("ticket").first()
    return alias.ticket if alias and not pending.exists() else None


def _standing(proof: CaseProof) -> Ticket | None:
    """The case that a right code opens, unless the account was taken over meanwhile."""
    if proof.identity is None or proof.ticket is None:
        return None
    return case_of_customer(proof.identity, proof.ticket)


def _survivor(ticket: Ticket) -> Ticket:
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    return ticket


def _sent_enough(identity: Identity, proof: CaseProof, now: datetime) -> bool:
    """Whether an account has had its share of codes; a browser that has proved to be its owner's
    is held up by nobody else's asking."""
    sent = CaseProof.objects.filter(identity=identity)
    if sent.filter(browser=bytes(proof.browser), granted_until__isnull=False).exists():
        return False
    return (
        sent.filter(asked_at__gt=now - timedelta(hours=1)).count() >= MOST_SENT_AN_HOUR
        or sent.filter(asked_at__gt=now - timedelta(days=1)).count() >= MOST_SENT_A_DAY
    )


def _digest(proof: CaseProof, code: str) -> bytes:
    """What is kept of a code; only the message that was sent holds its digits."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{SALT}:{proof.pk}:{code}".encode(), sha256).digest()


def _no_code() -> bytes:
    """What no code fits: the hash of nothing that anybody was sent."""
    return secrets.token_bytes(32)


def _hashed(browser: str) -> bytes:
    return sha256(f"{SALT}:{browser}".encode()).digest()
