"""Who opens a case page: the holder of its private link, or a browser that has shown a code."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tickets import case_numbers
from tickets.access import case_of_customer
from tickets.actions import proofs
from tickets.models import CaseProof, Channel, Conversation, Identity, Ticket

from . import tokens
from .pages import door
from .signed import BadToken
from .tokens import CaseKey

COOKIE_SALT = "channels_ingest.web.browser"
COOKIE_LIVES = timedelta(days=2)
# Cases of people who quoted a number that was not theirs. Were their pages to show more than that
# of a claim, it would tell them whether the number exists.
LIKE_A_CLAIM = frozenset({"unknown", "stranger"})


class Gone(Exception):
    """The link is dead, or its holder may see nothing any more."""


class NeedsProof(Exception):
    """Nothing of this number is open to this browser; that says nothing of the number."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody before a case page. `word` is the part of its address that lets them in.

    `identity` is their account, once a worker has read what they wrote, and `case` the whole case,
    where it is theirs; otherwise they see only the thread of `key`. `proof` opened it, if a code
    did.
    """

    word: str
    channel: Channel
    key: CaseKey
    identity: Identity | None
    case: Ticket | None
    proof: CaseProof | None = None


def find(request: HttpRequest, word: str, *, now: datetime) -> Viewer:
    """Who comes by this address: a signed token, or a case number. Raises Gone or NeedsProof."""
    number = case_numbers.parse_one(word, prefix=settings.CASE_NUMBER_PREFIX)
    if number is not None and printed(number) == word:
        return _by_code(request, word, number, now)
    return by_link(word, now=now)


def printed(number: str) -> str:
    """A case number as people write it."""
    return case_numbers.format_number(number, prefix=settings.CASE_NUMBER_PREFIX)


def browser_of(request: HttpRequest) -> str:
    """The word by which we know this browser again; "" for one that has none."""
    lives = int(COOKIE_LIVES.total_seconds())
    kept = request.get_signed_cookie(_cookie(), default="", salt=COOKIE_SALT, max_age=lives)
    return kept or ""


def new_browser() -> str:
    return secrets.token_urlsafe(32)


def remember(response: HttpResponse, browser: str) -> None:
    """Give a browser its word, which no script and no other site can read."""
    response.set_signed_cookie(
        _cookie(),
        browser,
        salt=COOKIE_SALT,
        max_age=int(COOKIE_LIVES.total_seconds()),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _by_code(request: HttpRequest, word: str, number: str, now: datetime) -> Viewer:
    proof = proofs.granted(browser=browser_of(request), number=number, now=now)
    if proof is None or proof.identity is None or proof.ticket is None:
        raise NeedsProof(number)
    case = case_of_customer(proof.identity, proof.ticket)
    if case is None:
        raise NeedsProof(number)
    channel, owner = door(), proof.identity
    thread = f"proved:{owner.pk}.{owner.contact_id}:{case.number}"
    key = CaseKey(
        channel.pk, thread, case.number, "", proved=owner.pk, proved_contact=owner.contact_id
    )
    return Viewer(word, channel, key, owner, case, proof)


def by_link(word: str, *, now: datetime) -> Viewer:
    """Who holds this private link. Raises Gone."""
    try:
        key = tokens.read_case(word, now=now)
        channel = Channel.objects.select_related("account").get(pk=key.channel_id)
    except (BadToken, Channel.DoesNotExist):
        raise Gone from None
    own = Conversation.objects.filter(
        channel=channel, thread=key.thread, identity__external_id=key.sender
    )
    related = own.select_related("ticket__merged_into", "opened_on", "identity__contact")
    conversation = related.order_by("-created_at", "-pk").first()
    if conversation is None:
        return Viewer(word, channel, key, None, None)
    identity = conversation.identity
    if identity.is_compromised:
        raise Gone
    if conversation.is_pending_claim or conversation.opened_on.review in LIKE_A_CLAIM:
        return Viewer(word, channel, key, identity, None)
    return Viewer(word, channel, key, identity, case_of_customer(identity, conversation.ticket))


def _cookie() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-case"
