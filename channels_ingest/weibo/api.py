"""The web API of Weibo: one read, one write, one file, and what its refusals mean."""

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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

LARGEST = 20 * 1024 * 1024  # bytes of a file
LONGEST = 60.0  # seconds for a whole file

# Which number of the vendor asks for which remedy.
WORDS: dict[str, Collection[int]] = {
    "bad_credentials": {10006, *range(21314, 21320), 21327, 21332},
    "not_allowed": {10005, 10014},
    "address_not_listed": {10004},
    "used_up": {10022, 10023, 10024},  # of this hour
    "limited": {20016},
    "unavailable": {10002, 10009},
    "in_doubt": {10001, 10003, 10010, 10011},  # something inside broke, perhaps behind the deed
    "recipient_gone": {20101, 20201, 20206, 20207},
    "too_long": {20012, 20013},
    "content_refused": {20008, 20017, 20019, 20031, 20111},
}
TO_MEND = {"bad_credentials", "not_allowed", "address_not_listed"}
FOR_GOOD = {"recipient_gone", "too_long", "content_refused", "refused"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the vendor said instead of doing what it was asked."""

    word: str
    said: str
    retry_after: float | None = None


class Api:
    """Calls with one access token; it travels in addresses, so no error may carry one."""

    def __init__(self, http: requests.Session, token: str, now: datetime) -> None:
        self._http = http
        self._token = token
        self._now = now

    def read(self, url: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Read a JSON object. Raises FetchFailure."""
        with self._get(url, query or {}) as response:
            refusal = refusal_in(response, self._now)
            if refusal:
                raise _as_fetch_failure(refusal)
            try:
                return wire.json_object(response.content)
            except ValueError as error:
                raise FetchFailure("refused", f"no JSON object: {error}") from None

    def file(self, url: str, query: Mapping[str, Any]) -> tuple[bytes, str]:
        """Fetch a file: its bytes and its type. Raises FetchFailure."""
        with self._get(url, query, stream=True) as response:
            content_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
            if response.status_code != 200 or content_type == "application/json":
                refusal = refusal_in(response, self._now)
                raise _as_fetch_failure(refusal or Refusal("refused", "no file"))
            return _bounded(response), content_type

    def _get(self, url: str, query: Mapping[str, Any], **how: Any) -> requests.Response:
        params = {"access_token": self._token, **query}
        try:
            return self._http.get(
                url, params=params, timeout=wire.TIMEOUT, allow_redirects=False, **how
            )
        except requests.RequestException as error:
            raise wire.broken_fetch(error) from None

    def write(
        self, url: str, form: Mapping[str, Any], *, window_codes: Collection[int] = ()
    ) -> dict[str, Any]:
        """Post a form once and return the answer. Raises a SendFailure."""
        data = {"access_token": self._token, **form}
        try:
            response = self._http.post(url, data=data, timeout=wire.TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise wire.broken_send(error) from None
        refusal = refusal_in(response, self._now, window_codes)
        if refusal:
            raise _as_send_failure(refusal)
        try:
            return wire.json_object(response.content)
        except ValueError:
            raise OutcomeUnknown("no_answer", "the answer is no JSON object") from None


def refusal_in(
    response: requests.Response, now: datetime, window_codes: Collection[int] = ()
) -> Refusal | None:
    """The refusal that an answer is, or None: errors come with status 200, 400 and 403 alike."""
    status, number, said = response.status_code, *_error_in(response)
    word = _word_for(number, window_codes) or _word_of_status(status)
    if status == 200 and number is None and not said:
        return None
    wait = wire.retry_after(response.headers, now)
    if word == "used_up":
        into_the_hour = now.minute * 60 + now.second
        word, wait = "limited", wait if wait is not None else 3600.0 - into_the_hour
    told = f"error_code {number}: {said}" if number is not None else f"HTTP {status} {said}"
    return Refusal(word, told.strip()[:300], wait)


def _error_in(response: requests.Response) -> tuple[int | None, str]:
    """The number and words of an error; its number is written as a number or as a text."""
    if response.headers.get("Content-Type", "").startswith(("image/", "audio/")):
        return None, ""
    try:
        body = wire.json_object(response.content)
    except ValueError:
        return None, ""
    said = wire.storable(str(body.get("error", "")))[:200]
    number = str(body.get("error_code", "")).strip()
    if number.isascii() and number.isdigit() and len(number) < 10:
        return int(number), said
    return None, said or ("result false" if body.get("result") is False else "")


def _word_for(number: int | None, window_codes: Collection[int]) -> str:
    if number in window_codes:
        return "window_closed"
    return next((word for word, numbers in WORDS.items() if number in numbers), "")


def _word_of_status(status: int) -> str:
    if status >= 500:
        return "unavailable" if status == 503 else "in_doubt"
    return {401: "bad_credentials", 429: "limited"}.get(status, "refused")


def _as_fetch_failure(refusal: Refusal) -> FetchFailure:
    word = "unavailable" if refusal.word == "in_doubt" else refusal.word
    return FetchFailure(word, refusal.said, retry_after=refusal.retry_after)


def _as_send_failure(refusal: Refusal) -> SendFailure:
    if refusal.word in ("limited", "unavailable"):
        return TemporaryFailure(refusal.word, refusal.said, retry_after=refusal.retry_after)
    if refusal.word in TO_MEND:
        return Misconfigured(refusal.word, refusal.said)
    if refusal.word == "window_closed":
        return WindowClosed(refusal.word, refusal.said)
    if refusal.word in FOR_GOOD:
        return PermanentFailure(refusal.word, refusal.said)
    return OutcomeUnknown("unavailable", refusal.said)


def _bounded(response: requests.Response) -> bytes:
    data, until = bytearray(), time.monotonic() + LONGEST
    try:
        for part in _parts(response):
            data += part
            if len(data) > LARGEST:
                raise FetchFailure("too_large", f"more than {LARGEST} bytes")
            if time.monotonic() > until:
                raise FetchFailure("no_answer", "too slow")
    except requests.RequestException as error:
        raise FetchFailure("no_answer", type(error).__name__) from None
    return bytes(data)


def _parts(response: requests.Response) -> Iterator[bytes]:
    yield from response.iter_content(64 * 1024)
