"""The API of a forum: one call, one read, and what its failures mean."""

from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    FetchFailure,
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
)

CODES = {401: "credentials", 403: "credentials", 404: "missing", 410: "missing", 429: "limited"}


class Forum:
    """One forum as one of its users sees it through `http`."""

    def __init__(self, base_url: str, api_key: str, username: str, http: requests.Session) -> None:
        self.base_url = base_url.rstrip("/")
        self.username = username
        self._key = api_key
        self._http = http

    def call(self, method: str, path: str, **content: Any) -> requests.Response:
        """Ask the forum whatever it may answer. Raises requests.RequestException."""
        return self._http.request(
            method,
            self.base_url + path,
            headers={
                "Api-Key": self._key,
                "Api-Username": self.username,
                "Accept": "application/json",
            },
            timeout=wire.TIMEOUT,
            allow_redirects=False,  # the key goes to this forum and nowhere else
            **content,
        )

    def read(self, path: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read a JSON object. Raises FetchFailure."""
        try:
            response = self.call("GET", path, params=query)
        except requests.RequestException as error:
            code = "address" if wire.is_bad_address(error) else "unreachable"
            raise FetchFailure(code, type(error).__name__) from None
        if response.status_code != 200:
            code = CODES.get(response.status_code, "unavailable")
            raise FetchFailure(code, self.said(response), retry_after=wait(response))
        try:
            return wire.json_object(response.content)
        except ValueError as error:
            raise FetchFailure("not_discourse", str(error)) from None

    def posts_in(self, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Read the posts of a topic. Raises FetchFailure."""
        stream = self.read(path, query).get("post_stream")
        posts = stream.get("posts") if isinstance(stream, dict) else None
        if not isinstance(posts, list):
            raise FetchFailure("not_discourse", "the answer has no posts")
        return [post for post in posts if isinstance(post, dict)]

    def said(self, response: requests.Response) -> str:
        """The forum's own words about a failure, short and without our key."""
        try:
            errors = wire.json_object(response.content).get("errors")
        except ValueError:
            errors = None
        words = "; ".join(map(str, errors)) if isinstance(errors, list) else response.text[:2000]
        words = wire.storable(words).replace(self._key, "…")
        return f"HTTP {response.status_code}: {words}"[:300]


def wait(response: requests.Response) -> float | None:
    """The seconds after which the forum wants to be asked again, where it says so."""
    try:
        extras = wire.json_object(response.content).get("extras")
    except ValueError:
        extras = None
    seconds = extras.get("wait_seconds") if isinstance(extras, dict) else None
    if isinstance(seconds, int | float) and 0 <= seconds <= wire.LONGEST_WAIT:
        return float(seconds)
    return wire.retry_after(response.headers)


def broken(error: requests.RequestException) -> SendFailure:
    """What a call that broke while posting means for the post."""
    kind = type(error).__name__
    if wire.is_bad_address(error):
        return PermanentFailure("address", kind)
    if wire.never_left(error):
        return TemporaryFailure("unreachable", kind)
    return OutcomeUnknown("no_answer", kind)
