"""Who has which case before their eyes, and what they do there; kept in Redis for seconds only.

Each open page has an entry of its own that its heartbeat renews. Losing all of it costs nothing:
the next heartbeat of each page brings it back.
"""

import time
from collections.abc import Sequence
from typing import Literal, get_args

import redis
from django.conf import settings

Doing = Literal["view", "note", "reply"]
KNOWN: tuple[Doing, ...] = get_args(Doing)  # of several pages of one person the busiest counts
KEPT_SECONDS = 20
_TIMEOUT = 2

People = dict[int, Doing]


def note(ticket_id: int, page: str, doing: str) -> tuple[People, People]:
    """Note what somebody does on a page ("user id:page"), or with "" that they have left.

    Returns who was at the case before and who is now. One round trip to Redis.
    """
    key, now = _key(ticket_id), time.time()
    try:
        with _client() as client, client.pipeline(transaction=True) as pipe:
            pipe.hgetall(key)
            if doing in KNOWN:
                pipe.hset(key, page, f"{doing}:{now + KEPT_SECONDS:.0f}")
                pipe.expire(key, KEPT_SECONDS)
            else:
                pipe.hdel(key, page)
            pipe.hgetall(key)
            before, *_done, after = pipe.execute()
    except redis.RedisError:
        return {}, {}
    return _people(before, now), _people(after, now)


def at(ticket_ids: Sequence[int]) -> dict[int, People]:
    """Who is at each of the cases where anybody is; one round trip, however many they are."""
    if not ticket_ids:
        return {}
    try:
        with _client() as client, client.pipeline(transaction=False) as pipe:
            for pk in ticket_ids:
                pipe.hgetall(_key(pk))
            found = pipe.execute()
    except redis.RedisError:
        return {}
    now = time.time()
    present = {pk: _people(entries, now) for pk, entries in zip(ticket_ids, found, strict=True)}
    return {pk: people for pk, people in present.items() if people}


def for_helpers(people: People) -> People:
    """The same without a hint of notes, which helpers do not know of."""
    return {user: "view" if doing == "note" else doing for user, doing in people.items()}


def _people(entries: dict[bytes, bytes], now: float) -> People:
    people: People = {}
    for page, entry in entries.items():
        said, _colon, until = entry.decode().partition(":")
        user = int(page.decode().partition(":")[0])
        doing = next((each for each in KNOWN if each == said), None)
        if doing and float(until) > now:
            people[user] = max(people.get(user, doing), doing, key=KNOWN.index)
    return people


def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT
    )


def _key(ticket_id: int) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:presence:{ticket_id}"
