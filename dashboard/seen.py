"""Which version of a case somebody last had before their eyes.

It lives in the cache: forgetting it makes a waiting case bold once more and does no other harm.
"""

from collections.abc import Iterable

from django.core.cache import cache

from tickets.models import Ticket, User

KEPT_SECONDS = 30 * 24 * 3600


def mark_seen(user: User, ticket: Ticket) -> None:
    cache.set(_key(user, ticket.pk), ticket.version, KEPT_SECONDS)


def seen_versions(user: User, ticket_ids: Iterable[int]) -> dict[int, int]:
    """The versions last seen, by ticket id, where any was."""
    keys = {_key(user, pk): pk for pk in ticket_ids}
    return {keys[key]: version for key, version in cache.get_many(keys).items()}


def _key(user: User, ticket_id: int) -> str:
    return f"seen:{user.pk}:{ticket_id}"
