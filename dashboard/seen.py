"""Which version of a case somebody last had before their eyes.

It lives in the cache: forgetting it makes a waiting case bold once more and does no other harm.
"""

from collections.abc import Iterable

from django.core.cache import cache

from tickets.models import Ticket, User

KEPT_SECONDS = 30 * 24 * 3600
MOST_RECENT = 8


def mark_seen(user: User, ticket: Ticket) -> None:
    latest = [ticket.pk, *(pk for pk in recent(user) if pk != ticket.pk)][:MOST_RECENT]
    told = {_key(user, ticket.pk): ticket.version, _recent_key(user): latest}
    cache.set_many(told, KEPT_SECONDS)


def recent(user: User) -> list[int]:
    """The cases that somebody opened last, by their keys, the latest first."""
    kept: list[int] = cache.get(_recent_key(user), [])
    return kept


def mark_all_seen(user: User, tickets: Iterable[Ticket]) -> None:
    cache.set_many({_key(user, each.pk): each.version for each in tickets}, KEPT_SECONDS)


def forget(user: User, ticket_ids: Iterable[int]) -> None:
    """Have cases count as never looked at; those who wait are bold again."""
    cache.delete_many(_key(user, pk) for pk in ticket_ids)


def seen_versions(user: User, ticket_ids: Iterable[int]) -> dict[int, int]:
    """The versions last seen, by ticket id, where any was."""
    keys = {_key(user, pk): pk for pk in ticket_ids}
    return {keys[key]: version for key, version in cache.get_many(keys).items()}


def _key(user: User, ticket_id: int) -> str:
    return f"seen:{user.pk}:{ticket_id}"


def _recent_key(user: User) -> str:
    return f"recent:{user.pk}"
