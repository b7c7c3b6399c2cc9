"""What QQ's error codes mean for a message that we wanted to send."""

from datetime import datetime, timedelta, timezone

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

ALREADY_SENT = 40054005  # this msg_seq was used for this msg_id
PART_NOT_READY = 40093001  # an uploaded part is not seen yet: tell it again
NOT_THERE_YET = "not_there_yet"
UPLOADS_USED_UP = 40093002  # for today
ADDRESS_NOT_LISTED = 11298
STALE_TOKEN = {11241, 11243, 11244}
IN_REVIEW = {304023, 304024}  # accepted, a reviewer lets it through
LIMITED = {22009, 40034100, 1100100, 1100308}
BUSY = {
    304082, 304083, 40034004, 50055001, 50055002, 340067, 40054006, 11242, 11252, 11263, 11281,
}  # fmt: skip
WINDOW_CLOSED = {
    304027, 304103, 40034005, 40034026, 40034031, 40034128,  # too late, or answered too often
    40034024, 40034025, 304026,  # the message that we answer is unknown there
    40034102, 40034105,  # nothing to answer, and proactive messages are not allowed
}  # fmt: skip
RECIPIENT_GONE = {40054004, 40054013, 40054002, 40034101, 40054003, 1100104}
ACCOUNT_DEAD = {11265, 40054016, 11251, 11254}
CONTENT = {
    40034006: "QQ calls a word in it sensitive",
    1100101: "QQ calls a word in it sensitive",
    50006: "it is empty",
    40054007: "it is too long for one message",
    40054018: "it is too long for one message",
    304003: "it links to an address that is not registered with QQ",
    40054010: "it links to an address that is not registered with QQ",
    22006: "QQ does not take such content",
}
BEIJING = timezone(timedelta(hours=8))  # where QQ's days begin
REMEDIES = {"bad_credentials", "address_not_listed", "not_allowed", "address"}


def code_of(response: requests.Response) -> int:
    """The vendor's own error code, 0 where there is none: a gateway may answer in HTML."""
    try:
        body = wire.json_object(response.content)
    except ValueError:
        return 0
    code = body.get("code") or body.get("err_code") or 0
    return code if isinstance(code, int) else 0


def said(response: requests.Response) -> str:
    """The vendor's words about a failure, short. Only its own field: a page may echo our token."""
    try:
        message = wire.json_object(response.content).get("message")
    except ValueError:
        message = None
    code, trace = code_of(response), response.headers.get("X-Tps-Trace-Id", "")
    parts = (
        f"HTTP {response.status_code}",
        f"code {code}" if code else "",
        wire.storable(message)[:200] if isinstance(message, str) else "",
        f"trace {wire.storable(trace)[:64]}" if trace else "",
    )
    return ", ".join(filter(None, parts))


def is_unlisted(response: requests.Response) -> bool:
    """Whether QQ refuses this server's address: it says so with the status of a bad token."""
    words = "白名单" in response.content.decode("utf-8", "replace")
    return code_of(response) == ADDRESS_NOT_LISTED or (response.status_code == 401 and words)


def is_stale(response: requests.Response) -> bool:
    """Whether the call was refused for its token alone."""
    is_refused = response.status_code == 401 or code_of(response) in STALE_TOKEN
    return is_refused and not is_unlisted(response)


def failure_of(response: requests.Response, words: str, now: datetime) -> SendFailure | None:
    """What an answer means for the message that it answers; None if QQ took it."""
    status, code = response.status_code, code_of(response)
    if is_unlisted(response):
        return Misconfigured("address_not_listed", words)
    if is_stale(response):
        return Misconfigured("bad_credentials", words)
    if (known := _known(code, words, now)) is not None:
        return known
    if status in (408, 425, 429):
        return TemporaryFailure("limited", words, retry_after=wire.retry_after(response.headers))
    if status == 413:
        return PermanentFailure("content_refused", f"it is too large ({words})")
    if 200 <= status < 300 and (not code or code in IN_REVIEW):
        return None
    if status >= 500 or status < 300:
        return OutcomeUnknown("unavailable", words)
    return PermanentFailure("refused", words)


def _known(code: int, words: str, now: datetime) -> SendFailure | None:
    if code in LIMITED:
        return TemporaryFailure("limited", words)
    if code == PART_NOT_READY:
        return TemporaryFailure(NOT_THERE_YET, words)
    if code in BUSY:
        return TemporaryFailure("unavailable", words)
    if code == UPLOADS_USED_UP:
        return TemporaryFailure("quota_used", words, retry_after=_until_tomorrow(now))
    if code in WINDOW_CLOSED:
        return WindowClosed("window_closed", words)
    if code in RECIPIENT_GONE:
        return PermanentFailure("recipient_gone", words)
    if code in ACCOUNT_DEAD:
        return Misconfigured("not_allowed", words)
    if code in CONTENT:
        return PermanentFailure("content_refused", f"{CONTENT[code]} ({words})")
    return None


def while_sending(failure: FetchFailure) -> SendFailure:
    """The same trouble for somebody who wanted to send: nothing has left."""
    if failure.code in REMEDIES:
        return Misconfigured(failure.code, failure.detail)
    return TemporaryFailure(failure.code, failure.detail, retry_after=failure.retry_after)


def while_asking(failure: SendFailure) -> FetchFailure:
    """The same trouble for somebody who only asked."""
    wait = failure.retry_after if isinstance(failure, TemporaryFailure) else None
    return FetchFailure(failure.code, failure.detail, retry_after=wait)


def _until_tomorrow(now: datetime) -> float:
    here = now.astimezone(BEIJING)
    tomorrow = (here + timedelta(days=1)).replace(hour=0, minute=5, second=0, microsecond=0)
    return (tomorrow - here).total_seconds()
