"""What a customer does to their own case: close it, take it up again, rate it, say where to answer.

Each raises Refused("not_theirs") unless the case is that of the account's contact.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings

from ..access import conversations_of_customer
from ..actor import Actor
from ..models import Conversation, Identity, IdentityStatus, Rating, Ticket
from . import lifecycle
from .chains import merged_tree
from .changes import Change, changing, standing
from .refusals import Refused
from .settling import open_again

LONGEST_WORD = 500
SCORES = range(1, 6)


def close(*, ticket: Ticket, identity: Identity, now: datetime) -> Ticket:
    """The customer says that it is solved. A closed case stays as it is."""
    with _own(ticket, identity, now) as (change, locked):
        return lifecycle.resolve(ticket=locked, by=change.by, now=now)


def take_up(*, ticket: Ticket, identity: Identity, now: datetime) -> Ticket:
    """The customer says that it is not solved. Raises Refused("too_late") after the window."""
    with _own(ticket, identity, now) as (change, locked):
        if not locked.is_closed:
            return locked
        if not may_take_up(locked, now):
            raise Refused("too_late")
        locked.waiting_since = locked.last_activity_at = now
        open_again(change, locked)
        return locked


def may_take_up(ticket: Ticket, now: datetime) -> bool:
    """Whether a closed case may still be opened again by its customer."""
    closed_at = ticket.closed_at
    return closed_at is not None and now - closed_at <= timedelta(days=settings.REOPEN_DAYS)


def rate(
    *, ticket: Ticket, identity: Identity, score: int, word: str = "", now: datetime
) -> Rating:
    """Rate a closed case; a second rating replaces the first. Raises Refused: not_closed,
    unknown_value or too_long."""
    word = " ".join(word.split())
    if score not in SCORES:
        raise Refused("unknown_value", value=score)
    if len(word) > LONGEST_WORD:
        raise Refused("too_long", limit=LONGEST_WORD)
    with _own(ticket, identity, now) as (change, locked):
        if not locked.is_closed:
            raise Refused("not_closed")
        values = {"score": score, "word": word, "identity": identity, "rated_at": now}
        rating, _made = Rating.objects.update_or_create(ticket=locked, defaults=values)
        change.record(locked, "rated", score=score)
        return rating


def standing_rating(ticket: Ticket) -> Rating | None:
    """The rating of a case, or the newest of those that were merged into it."""
    ratings = Rating.objects.filter(ticket__in=merged_tree(ticket.pk)).select_related("ticket")
    ranked = sorted(ratings, key=lambda each: (each.ticket_id == ticket.pk, each.rated_at))
    return ranked[-1] if ranked else None


def answer_by(
    *, ticket: Ticket, identity: Identity, place: Identity | None, now: datetime
) -> Ticket:
    """Have answers go to one of the customer's accounts, or with None wherever they wrote last.

    Raises Refused("not_their_place") for an account that is not their own, proven, private and
    known in this case.
    """
    with _own(ticket, identity, now) as (change, locked):
        if place is not None and place not in [c.identity for c in places(locked, identity)]:
            raise Refused("not_their_place")
        if locked.answer_by_id != (place.pk if place else None):
            locked.answer_by = place
            change.record(locked, "answer_by_set", name=place.display_name if place else "")
        return locked


def places(ticket: Ticket, identity: Identity) -> list[Conversation]:
    """Where the customer may want to be answered: one conversation for each account that is theirs,
    proven and private, the one used last first."""
    own = conversations_of_customer(identity, ticket).filter(
        is_public=False, identity__status=IdentityStatus.VERIFIED
    )
    latest = own.select_related("identity__contact", "channel").order_by("-last_message_at", "-pk")
    found: dict[int, Conversation] = {}
    for each in latest:
        if each.channel.writes:
            found.setdefault(each.identity_id, each)
    return list(found.values())


@contextmanager
def _own(ticket: Ticket, identity: Identity, now: datetime) -> Iterator[tuple[Change, Ticket]]:
    with changing(ticket, by=Actor.customer(identity), now=now) as change:
        locked = standing(change, ticket)
        fresh = Identity.objects.get(pk=identity.pk)
        if fresh.is_compromised or fresh.contact_id != locked.contact_id:
            raise Refused("not_theirs")
        yield change, locked
