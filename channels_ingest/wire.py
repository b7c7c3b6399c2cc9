"""What connectors over HTTP share: reading JSON safely and telling what a network error means.

No Django here: connectors import it.
"""

import json
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.exceptions import (
    ConnectTimeout,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
)
from urllib3.exceptions import NewConnectionError

from channels_ingest.connectors.base import (
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    SendFailure,
    TemporaryFailure,
)

TIMEOUT = (5.0, 15.0)  # seconds to connect, seconds between two bytes
LONGEST_WAIT = 24 * 3600.0


def json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises ValueError for anything else, however it is broken or nested."""
    try:
        value = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can keep the text: no NUL and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds that a Retry-After header asks for; a date counts where `now` is given."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    if now is None:
        return None
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def is_bad_address(error: requests.RequestException) -> bool:
    """Whether the address itself is unusable: no attempt will ever work."""
    return isinstance(error, InvalidURL | InvalidSchema | MissingSchema)


def never_left(error: requests.RequestException) -> bool:
    """Whether the request certainly did not reach the other side: no connection was made."""
    causes = (ConnectTimeout, NewConnectionError, ssl.SSLCertVerificationError)
    return any(isinstance(each, causes) for each in _causes(error))


def broken_send(error: requests.RequestException) -> SendFailure:
    """What a call that broke while sending means. Only the error's type is told: its text may
    hold an address with a key in it."""
    kind = type(error).__name__
    if is_bad_address(error):
        return Misconfigured("address", kind)
    if never_left(error):
        return TemporaryFailure("unreachable", kind)
    return OutcomeUnknown("no_answer", kind)


def broken_fetch(error: requests.RequestException) -> FetchFailure:
    """The same where nothing is sent by the call."""
    kind = type(error).__name__
    if is_bad_address(error):
        return FetchFailure("address", kind)
    return FetchFailure("unreachable" if never_left(error) else "no_answer", kind)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: requests and urllib3 nest by argument, `reason` and context."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if any(each is other for other in seen):
            continue
        seen.append(each)
        nested = (*each.args, getattr(each, "reason", None), each.__cause__, each.__context__)
        waiting += [value for value in nested if isinstance(value, BaseException)]
    yield from seen
