"""Fetch a feed as a polite reader does: only when it changed, and never more than is sane."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import FetchFailure

TIMEOUT = (10.0, 20.0)  # seconds to connect, seconds between two bytes
LONGEST = 60.0  # seconds for the whole feed
LARGEST = 5 * 1024 * 1024  # bytes, unpacked
REDIRECTS = 5
CODES = {401: "not_allowed", 403: "not_allowed", 404: "missing", 410: "gone", 429: "limited"}
ASK_AGAIN = {404: 3600.0, 410: 24 * 3600.0}  # seconds; a feed that is gone is asked once a day


@dataclass(frozen=True, slots=True)
class Page:
    """A feed as it was served; `body` None: it has not changed. `moved_to`: for good, or ""."""

    url: str
    body: bytes | None
    headers: Mapping[str, str]
    moved_to: str = ""


def get(
    http: requests.Session, url: str, *, now: datetime, validators: Mapping[str, str] | None = None
) -> Page:
    """Fetch a feed; `validators` are the headers of the last answer, byte for byte.

    Raises FetchFailure, which names no address: it may hold somebody's key.
    """
    asked = {
        "User-Agent": "Anhao (help desk, reads feeds)",
        "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.8, */*;q=0.1",
        "Accept-Encoding": "gzip",
        **(validators or {}),
    }
    is_for_good, until = True, time.monotonic() + LONGEST
    for step in range(REDIRECTS + 1):
        try:
            response = http.get(
                url, headers=asked, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
            with response:
                target = _redirected(response, url)
                if not target:
                    moved_to = url if step and is_for_good else ""
                    return _page(response, url, moved_to, now, until)
        except (requests.RequestException, ValueError) as error:
            raise _not_reached(error) from None
        is_for_good = is_for_good and response.status_code in (301, 308)
        url = target
    raise FetchFailure("redirects", f"more than {REDIRECTS}")


def _redirected(response: requests.Response, url: str) -> str:
    """Where the answer sends us, "" if it is the feed itself. Raises FetchFailure."""
    if response.status_code not in (301, 302, 303, 307, 308):
        return ""
    try:
        target = urljoin(url, response.headers.get("Location", ""))
        is_web = urlsplit(target).scheme in ("http", "https")
    except ValueError:
        is_web = False
    if not is_web:
        raise FetchFailure("address", "sent to something that is no web address")
    return target


def _page(
    response: requests.Response, url: str, moved_to: str, now: datetime, until: float
) -> Page:
    status = response.status_code
    if status == 304:
        return Page(url, None, response.headers, moved_to)
    if status != 200:
        code = CODES.get(status) or ("unavailable" if status >= 500 else "refused")
        asked_for = wire.retry_after(response.headers, now)
        wait = ASK_AGAIN.get(status) if asked_for is None else asked_for
        raise FetchFailure(code, f"HTTP {status}", retry_after=wait)
    body = bytearray()
    for part in response.iter_content(16 * 1024):
        body += part
        if len(body) > LARGEST:
            raise FetchFailure("too_large", f"more than {LARGEST} bytes")
        if time.monotonic() > until:
            raise FetchFailure("no_answer", "too slow")
    return Page(url, bytes(body), response.headers, moved_to)


def _not_reached(error: requests.RequestException | ValueError) -> FetchFailure:
    if not isinstance(error, requests.RequestException) or wire.is_bad_address(error):
        return FetchFailure("address", type(error).__name__)
    code = "unreachable" if wire.never_left(error) else "no_answer"
    return FetchFailure(code, type(error).__name__)
