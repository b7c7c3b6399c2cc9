"""What a call that failed means, for somebody who was sending and for somebody who was asking."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
    WindowClosed,
)

BEIJING = timezone(timedelta(hours=8))  # in which the vendor's days begin
BUSY_FOR = 60.0  # seconds; the vendor counts calls by the minute and names no time itself

# later: the vendor is busy; stale: the token; day: the quota of the day; window: no reply now;
# never: this message as it stands; config: nothing goes until a person mends the channel.
Kind = Literal["later", "limited", "stale", "day", "window", "never", "config"]
Table = Mapping[int, tuple[Kind, str]]

COMMON: Table = {
    -1: ("later", "unavailable"),
    40014: ("stale", "bad_credentials"),
    42001: ("stale", "bad_credentials"),
    40013: ("config", "bad_credentials"),
    40004: ("never", "content_refused"),
    40006: ("never", "content_refused"),
    40007: ("never", "content_refused"),
    40008: ("never", "content_refused"),
    40009: ("never", "content_refused"),
    40033: ("never", "content_refused"),
    44004: ("never", "content_refused"),
    45002: ("never", "content_refused"),
}
MEDIA_GONE = 40007  # for somebody who fetches a file: it is older than three days


class Trouble(Exception):
    """A call brought no good answer. `nothing_sent`: it came before the message was handed over."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.nothing_sent = False


class Refusal(Trouble):
    """The vendor read the request and answers with one of its error codes."""

    def __init__(self, errcode: int, said: str) -> None:
        super().__init__(f"errcode {errcode}: {wire.storable(said)[:200]}")
        self.errcode = errcode


class BadAnswer(Trouble):
    """An HTTP error, or an answer in which nothing can be read."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"HTTP {response.status_code}")
        self.status = response.status_code
        self.retry_after = wire.retry_after(response.headers)


class NoAnswer(Trouble):
    """The network broke; requests puts addresses with tokens into its errors, so only the type."""

    def __init__(self, error: requests.RequestException) -> None:
        super().__init__(type(error).__name__)
        self.is_bad_address = wire.is_bad_address(error)
        self.nothing_sent = wire.never_left(error) or self.is_bad_address


def is_stale(refusal: Refusal, table: Table) -> bool:
    """Whether the vendor refuses the token, so that a new one may help."""
    return refusal.errcode in table and table[refusal.errcode][0] == "stale"


def send_failure(trouble: Trouble, table: Table, now: datetime) -> SendFailure:
    """What the trouble means for a message that was to be sent."""
    if isinstance(trouble, Refusal):
        return _refused(trouble, table, now)
    if isinstance(trouble, NoAnswer):
        if trouble.is_bad_address:
            return Misconfigured("bad_address", trouble.detail)
        if trouble.nothing_sent:
            return TemporaryFailure("unreachable", trouble.detail)
        return OutcomeUnknown("no_answer", trouble.detail)
    assert isinstance(trouble, BadAnswer)
    if trouble.status == 429:
        return TemporaryFailure("limited", trouble.detail, retry_after=trouble.retry_after)
    if 400 <= trouble.status < 500:
        return PermanentFailure("refused", trouble.detail)
    if trouble.nothing_sent:
        return TemporaryFailure("unavailable", trouble.detail, retry_after=trouble.retry_after)
    return OutcomeUnknown("unavailable", trouble.detail)


def _refused(refusal: Refusal, table: Table, now: datetime) -> SendFailure:
    kind, code = table.get(refusal.errcode, ("", "refused"))
    if kind in ("later", "limited", "day"):
        return TemporaryFailure(code, refusal.detail, retry_after=_wait(kind, now))
    if kind == "window":
        return WindowClosed(code, refusal.detail)
    if kind == "never":
        return PermanentFailure(code, refusal.detail)
    if kind in ("config", "stale"):  # stale once more, with a token just made
        return Misconfigured(code, refusal.detail)
    if refusal.nothing_sent:
        return PermanentFailure("refused", refusal.detail)
    return OutcomeUnknown("refused", refusal.detail)


def fetch_failure(trouble: Trouble, table: Table, now: datetime) -> FetchFailure:
    """What the trouble means for somebody who was asking."""
    if isinstance(trouble, Refusal):
        kind, code = table.get(trouble.errcode, ("", "refused"))
        if trouble.errcode == MEDIA_GONE:
            code = "gone"
        return FetchFailure(code, trouble.detail, retry_after=_wait(kind, now))
    if isinstance(trouble, NoAnswer):
        code = "bad_address" if trouble.is_bad_address else "unreachable"
        return FetchFailure(code if trouble.nothing_sent else "no_answer", trouble.detail)
    assert isinstance(trouble, BadAnswer)
    if trouble.status == 429:
        return FetchFailure("limited", trouble.detail, retry_after=trouble.retry_after)
    code = "refused" if 400 <= trouble.status < 500 else "unavailable"
    return FetchFailure(code, trouble.detail, retry_after=trouble.retry_after)


def _wait(kind: str, now: datetime) -> float | None:
    """The seconds after which to come again, where the code says anything about it."""
    if kind == "limited":
        return BUSY_FOR
    if kind == "day":
        today = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        return ((today + timedelta(days=1)).astimezone(UTC) - now).total_seconds()
    return None
