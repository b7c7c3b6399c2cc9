"""How many cases stand in each list, right at any moment and cheap at any size.

Counts stop at a cap, because nobody reads the difference between 4,000 and 5,000. They are made
of parts that share no case, one for each team, because an index serves those and not the whole.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from tickets.access import teams_of, visible_parts, visible_tickets
from tickets.models import Channel, Conversation, Role, State, Team, Ticket, User

from .inbox import COUNT_CAP, View, claims_in, within

ROUNDED = timedelta(seconds=10)  # for how long the query of a filter that asks for time is kept
BIG = 2000  # open cases from which on counts of channels may be some seconds old
FRESH_SECONDS = 5
KEPT_SECONDS = 60  # for pages of a big desk, which do not wait for what a fragment brings
_WHOLE = frozenset({"claims", "closing", "escalated", "channel"})  # few, or by other indexes

SQL = tuple[str, tuple[Any, ...], tuple[int, ...]]


def counts(
    views: Sequence[View],
    user: User,
    teams: Sequence[Team] | None = None,
    *,
    now: datetime | None = None,
) -> dict[View, int]:
    """How many cases stand in each view, each at most one above the cap, in one query.

    `teams` are those of `teams_of(user)`, where they are known already. What filters ask of the
    time holds for `now`, or else for a moment up to ten seconds ago.
    """
    if not views:
        return {}
    known = tuple((t.pk, t.slug) for t in (teams_of(user) if teams is None else teams))
    # Django writes the query much slower than it runs; only filters may depend on the time.
    is_plain = not any(view.filter for view in views)
    at = None if is_plain else now or _rounded(timezone.now())
    zone = timezone.get_current_timezone_name()
    sql, params, owners = _counting(
        tuple(views), user.pk, user.role, user.is_active, known, at, zone
    )
    counted = [0] * len(views)
    if owners:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            for place, number in zip(owners, cursor.fetchone(), strict=True):
                counted[place] += number
    return {view: min(number, COUNT_CAP + 1) for view, number in zip(views, counted, strict=True)}


def filter_counts(
    views: Sequence[View], user: User, teams: Sequence[Team], *, is_big: bool, patiently: bool
) -> dict[View, int]:
    """How many cases stand in views that are filters. Of a big desk these may be a minute old,
    and are missing for who does not wait `patiently` where nobody has counted them.
    """
    if not is_big:
        return counts(views, user, teams)
    key = f"counts:{user.pk}:{sha256(repr(views).encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is None and patiently:
        kept = list(counts(views, user, teams).values())
        cache.set(key, kept, KEPT_SECONDS)
    return dict(zip(views, kept, strict=True)) if kept else {}


def channel_counts(
    user: User, channels: Sequence[Channel], teams: Sequence[Team], *, patiently: bool = True
) -> dict[str, int]:
    """How many open cases came through each channel, by slug. Exact; of a big desk it is some
    seconds old for who waits `patiently`, and at most a minute for others.

    A case that several conversations of one channel are about counts once.
    """
    if user.role == Role.HELPER:
        views = [View("channel", each.slug) for each in channels]
        return {view.slug: number for view, number in counts(views, user, teams).items()}
    own = None if user.role == Role.MANAGER else {each.pk for each in teams}
    counted: Counter[int] = Counter()
    for channel, team, assignee, number in _census(patiently=patiently):
        if own is None or team is None or team in own or assignee == user.pk:
            counted[channel] += number
    return {each.slug: min(counted[each.pk], COUNT_CAP + 1) for each in channels}


def _census(*, patiently: bool) -> list[tuple[int, int | None, int | None, int]]:
    """Channel, team, assignee, and how many open cases: the same for everybody who asks."""
    known = cache.get_many(["census", "census:fresh"])
    if "census" in known and ("census:fresh" in known or not patiently):
        return list(known["census"])
    standing = Conversation.objects.filter(
        ticket__state=State.OPEN, ticket__merged_into__isnull=True
    )
    groups = standing.values_list("channel_id", "ticket__team_id", "ticket__assignee_id")
    found = list(groups.order_by().annotate(number=Count("ticket", distinct=True)))
    if sum(row[-1] for row in found) >= BIG:
        cache.set("census", found, KEPT_SECONDS)
        cache.set("census:fresh", True, FRESH_SECONDS)
    return found


@lru_cache(maxsize=2048)
def _counting(
    views: tuple[View, ...],
    pk: int,
    role: str,
    is_active: bool,
    teams: tuple[tuple[int, str], ...],
    now: datetime | None,
    zone: str,
) -> SQL:
    """The query for a person, and to which view each of its numbers belongs.

    It may depend on nothing of the person but what is given here: whatever else decides what
    they see the query itself asks of the database.
    """
    user = User(pk=pk, role=role, is_active=is_active)
    parts = visible_parts(user, [team for team, _slug in teams])
    keys = {slug: team for team, slug in teams}
    sqls: list[str] = []
    params: list[Any] = []
    owners: list[int] = []
    for place, view in enumerate(views):
        for counted in _counted(view, user, parts, keys, now):
            capped = counted.order_by().values("pk")[: COUNT_CAP + 1]
            try:
                sql, sql_params = capped.query.sql_with_params()
            except EmptyResultSet:  # a list that is not for this person
                continue
            # Django itself wrote this SQL, and every value in it is a parameter.
            sqls.append(f"(SELECT count(*) FROM ({sql}) AS v{len(sqls)})")  # noqa: S608
            params.extend(sql_params)
            owners.append(place)
    return f"SELECT {', '.join(sqls)}", tuple(params), tuple(owners)


def _counted(
    view: View,
    user: User,
    parts: Sequence[tuple[int | None, QuerySet[Ticket]]],
    teams: Mapping[str, int],
    now: datetime | None,
) -> list[QuerySet[Any]]:
    """What has to be counted for a view: no case stands in two of them."""
    if view.name == "claims":
        return [claims_in(view, user)]
    if view.name in _WHOLE or len(parts) == 1:
        return [within(view, user, visible_tickets(user), now=now)]
    if view.name == "team" and view.slug in teams:
        opened = View("open", filter=view.filter)
        own = (part for team, part in parts if team == teams[view.slug])
        return [within(opened, user, part, now=now) for part in own]
    return [within(view, user, part, now=now) for _team, part in parts]


def _rounded(now: datetime) -> datetime:
    return now - timedelta(seconds=now.timestamp() % ROUNDED.total_seconds())
