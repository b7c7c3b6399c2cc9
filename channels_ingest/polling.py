"""Ask the vendors that must be asked: store each page and move the cursor in one transaction."""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from . import accounts, faults, store
from .connectors.base import Connector, Fetched, FetchFailure
from .models import ChannelAccount

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)  # longer than any task may live, so its holder is surely gone
BUDGET = 25.0  # seconds in which pages are taken; the rest follows in the next pull
LONGEST_BACK_OFF = timedelta(minutes=30)


class LostLease(Exception):
    """Another pull of this channel has begun; what this one holds must not be written."""


def due(*, now: datetime) -> QuerySet[ChannelAccount]:
    """Accounts whose vendor should be asked now and is not being asked already."""
    free = Q(pull_lease_until__isnull=True) | Q(pull_lease_until__lt=now)
    return ChannelAccount.objects.filter(free, channel__is_paused=False, next_pull_at__lte=now)


def pull(channel_id: int, *, now: datetime) -> int:
    """Take in what the vendor has for one channel; return how many envelopes came.

    Safe to call at any time by anybody: where it is not due, or another pull is at work, nothing
    happens. No transaction is open while the vendor is asked; a lease keeps others away.
    """
    account = _claim(channel_id, now)
    if account is None:
        return 0
    try:
        with accounts.connected(account) as connector:
            return _ask(account, connector, now)
    except Exception as error:
        logger.exception("channel %s cannot be asked", account.channel.slug)
        _note_failure(account, "internal", type(error).__name__, None, now)
        return 0


def _ask(account: ChannelAccount, connector: Connector, now: datetime) -> int:
    """Take in what there is and note how the channel fares; return how many envelopes came."""
    try:
        came, is_done = _take_pages(account, connector, now)
    except LostLease:
        return 0
    except FetchFailure as failure:
        detail = connector.without_secrets(failure.detail)
        _note_failure(account, failure.code, detail, failure.retry_after, now)
        return 0
    except Exception as error:  # noqa: BLE001 - a connector's own fault is logged and noted
        fault = accounts.traceback_of(error, connector)
        logger.error("pull of channel %s failed\n%s", account.channel.slug, fault)
        _note_failure(account, "internal", type(error).__name__, None, now)
        return 0
    pause = accounts.poll_every(connector) if is_done else 0
    _note_success(account, now + timedelta(seconds=pause or 0), now)
    return came


def _claim(channel_id: int, now: datetime) -> ChannelAccount | None:
    claimed = due(now=now).filter(pk=channel_id)
    if not claimed.update(pulls=F("pulls") + 1, pull_lease_until=now + LEASE):
        return None
    return ChannelAccount.objects.select_related("channel").get(pk=channel_id)


def _take_pages(account: ChannelAccount, connector: Connector, now: datetime) -> tuple[int, bool]:
    """Store page after page while time lasts; return how many envelopes and whether all came."""
    came, until = 0, time.monotonic() + BUDGET
    for page in connector.fetch({**account.cursor, **account.hint}):
        _keep(account, page, now)
        came += len(page.envelopes)
        if time.monotonic() > until:
            return came, False
    return came, True


def _keep(account: ChannelAccount, page: Fetched, now: datetime) -> None:
    """Commit the envelopes of a page and the cursor behind it together. Raises LostLease."""
    with transaction.atomic():
        store.store(channel=account.channel, envelopes=page.envelopes, now=now)
        faults.point("before_cursor")
        changes = {"cursor": page.cursor, "pull_lease_until": now + LEASE}
        if page.envelopes:
            changes["last_received_at"] = now
        if not _own(account).update(**changes):
            raise LostLease


def _own(account: ChannelAccount) -> QuerySet[ChannelAccount]:
    return ChannelAccount.objects.filter(pk=account.pk, pulls=account.pulls)


def _note_success(account: ChannelAccount, next_pull_at: datetime, now: datetime) -> None:
    """Say when to ask again; a push that came during this pull wants it sooner."""
    called_meanwhile = When(next_pull_at__gt=now, then=F("next_pull_at"))
    _own(account).update(
        next_pull_at=Case(called_meanwhile, default=Value(next_pull_at)),
        pull_lease_until=None,
        last_pull_at=now,
        last_error={},
        failing_since=None,
        failures=0,
    )


def _note_failure(
    account: ChannelAccount, code: str, detail: str, retry_after: float | None, now: datetime
) -> None:
    """Say in the channel's health what is wrong, and come back later each time."""
    failures = account.failures + 1
    back_off = timedelta(seconds=30) * 2 ** min(failures - 1, 10)
    wait = max(min(back_off, LONGEST_BACK_OFF), timedelta(seconds=retry_after or 0))
    _own(account).update(
        next_pull_at=now + wait,
        pull_lease_until=None,
        last_pull_at=now,
        last_error={"code": code, "detail": detail[:500]},
        failing_since=account.failing_since or now,
        failures=failures,
    )
