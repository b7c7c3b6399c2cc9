"""How long people wait for a first answer at present, from the desk's own figures."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import redis
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q

from ..clocks import Calendar, Hours
from ..models import Channel, Priority, Team, Ticket
from ..waits import Asked, Waiting, waiting
from .service import read_book

LOOKS_BACK = timedelta(days=28)
MOST_READ = 1500  # cases looked at, newest first
KEPT_FOR = 60  # seconds
_ALWAYS = ((Hours(0, 24 * 60),),) * 7


def expected_wait(*, now: datetime, team: Team | None = None) -> timedelta | None:
    """What half of those who write now wait at most; None where too little is known to say."""
    return waiting_now(now=now, team=team).typical


def waiting_now(
    *, now: datetime, team: Team | None = None, channel: Channel | None = None, plan: str = ""
) -> Waiting:
    """What can honestly be said about waiting now, at most a minute old.

    `team` counts that team's cases alone; the hours are those of the terms that hold for the
    channel and the plan.
    """
    parts = ("waiting", team.pk if team else "", channel.pk if channel else "", plan)
    key = ":".join(map(str, parts))
    try:
        kept: Waiting | None = cache.get(key)
    except (redis.RedisError, OSError):
        return read_waiting(now=now, team=team, channel=channel, plan=plan)
    if kept is None or not timedelta() <= now - kept.at < timedelta(seconds=KEPT_FOR):
        kept = read_waiting(now=now, team=team, channel=channel, plan=plan)
        _keep(key, kept)
    return kept


def read_waiting(
    *, now: datetime, team: Team | None = None, channel: Channel | None = None, plan: str = ""
) -> Waiting:
    """The same from the database: one query for the cases and two for the hours."""
    terms = read_book().terms_for(
        plan=plan, channel=channel.pk if channel else None, priority=Priority.NORMAL
    )
    calendar = terms.calendar if terms else _always()
    return waiting(_asked(now, team), calendar, now=now)


def _asked(now: datetime, team: Team | None) -> list[Asked]:
    """The cases of late. Who asked for a later answer waits by choice and tells nothing."""
    found = Ticket.objects.filter(
        Q(first_replied_at__isnull=False) | Q(closed_at__isnull=True, waiting_since__isnull=False),
        created_at__gte=now - LOOKS_BACK,
        created_at__lte=now,
        merged_into__isnull=True,
        answer_after__isnull=True,
    )
    if team is not None:
        found = found.filter(team=team)
    rows = found.order_by("-created_at").values_list("created_at", "first_replied_at")
    return [Asked(*row) for row in rows[:MOST_READ]]


def _always() -> Calendar:
    """Where nothing is promised nobody keeps hours either: every moment counts."""
    return Calendar(ZoneInfo(settings.TIME_ZONE), _ALWAYS)


def _keep(key: str, found: Waiting) -> None:
    try:
        cache.set(key, found, KEPT_FOR)
    except (redis.RedisError, OSError):
        return
