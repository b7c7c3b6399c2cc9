"""A channel as the list shows it: its state in words, what is wrong and what to do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from channels_ingest.api import Health, KindOnOffer, UnknownKind, described
from dashboard.durations import since
from dashboard.words import Fault, fault_in_words, kind_in_words
from tickets.models import Channel

SLOW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class KindOnScreen:
    """A kind of channel in words; it is drawn as its channels are."""

    kind: str
    label: str
    about: str
    takes_pushes: bool
    can_be_tested: bool


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What a template needs; `dot` is the class that shapes its state."""

    channel: Channel
    kind: str
    state: str
    dot: str
    last_received_at: datetime | None
    received_ago: str
    lag: str
    is_slow: bool
    queued: int
    unknown: int
    failed: int
    dead: int
    token_until: datetime | None
    is_token_over: bool
    quota: str
    fault: Fault | None
    failing_since: datetime | None
    next_pull_at: datetime | None


def kind_on_screen(kind: KindOnOffer) -> KindOnScreen:
    """Put into words what a kind of channel is."""
    return KindOnScreen(
        kind=kind.name,
        label=_(kind.label),
        about=kind_in_words(kind.name, kind.about),
        takes_pushes=kind.takes_pushes,
        can_be_tested=kind.can_be_tested,
    )


def channel_row(health: Health, now: datetime) -> ChannelRow:
    """Put how a channel fares into words."""
    lag = now - health.oldest_unread_at if health.oldest_unread_at else timedelta()
    is_slow = lag > SLOW
    state, dot = _state(health, is_slow=is_slow)
    return ChannelRow(
        channel=health.channel,
        kind=_kind_label(health.channel.kind),
        state=state,
        dot=dot,
        last_received_at=health.last_received_at,
        received_ago=_ago(health.last_received_at, now),
        lag=_lag(lag, health.oldest_unread_at, now),
        is_slow=is_slow,
        queued=health.queued + health.waiting,
        unknown=health.unknown,
        failed=health.failed,
        dead=health.dead,
        token_until=health.token_until,
        is_token_over=health.token_until is not None and health.token_until <= now,
        quota=_quota(health),
        fault=fault_in_words(health.error) if health.condition != "ok" else None,
        failing_since=health.failing_since,
        next_pull_at=health.next_pull_at,
    )


def needs_somebody(row: ChannelRow) -> bool:
    """Whether a channel will not mend itself, or has something that nobody decided yet."""
    return bool(row.fault or row.dead or row.unknown)


def _kind_label(kind: str) -> str:
    try:
        return _(described(kind).label)
    except UnknownKind:
        return kind


def _state(health: Health, *, is_slow: bool) -> tuple[str, str]:
    if health.condition == "paused":
        return _("Paused"), "dot--off"
    if health.condition == "failing":
        return _("Failing"), "dot--bad"
    if is_slow:
        return _("Slow"), "dot--warn"
    return _("Connected"), "dot--ok"


def _quota(health: Health) -> str:
    """How much of the vendor's rate is used, where it has one."""
    if health.quota is None:
        return ""
    used = {"sent": health.sent_lately, "most": health.quota}
    return _("%(sent)d of %(most)d messages in the last minute") % used


def _ago(at: datetime | None, now: datetime) -> str:
    """How long ago; arrivals are noted to the minute, so nothing finer is claimed."""
    if at is None:
        return ""
    if now - at < timedelta(minutes=1):
        return _("just now")
    return _("%(span)s ago") % {"span": since(at, now)}


def _lag(lag: timedelta, start: datetime | None, now: datetime) -> str:
    if start is None:
        return ""
    if lag < timedelta(minutes=1):
        return _("%(n)d s") % {"n": lag.seconds if lag > timedelta() else 0}
    return since(start, now)
