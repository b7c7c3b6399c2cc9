"""The API of a forum: one call, one read, and what its failures mean."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    FetchFailure,
)
from tickets.interchange import IncomingFile

MOST_REDIRECTS = 3
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

    def download(self, address: str, *, most: int) -> IncomingFile | str:
        """A file of the forum, or the address elsewhere to which it leads. Raises FetchFailure."""
        for _hop in range(MOST_REDIRECTS):
            path = address.removeprefix(self.base_url)
            try:
                with self.call("GET", path, stream=True) as response:
                    data = b"".join(_up_to(most, response))
            except requests.RequestException as error:
                raise FetchFailure("unreachable", type(error).__name__) from None
            if response.is_redirect:
                address = urljoin(address, response.headers["Location"])
                if not address.startswith(f"{self.base_url}/"):
                    return address
                continue
            if response.status_code != 200:
                code = CODES.get(response.status_code, "unavailable")
                raise FetchFailure("gone" if code == "missing" else code, address)
            if len(data) > most:
                raise FetchFailure("too_large", f"more than {most} bytes")
            content_type = response.headers.get("Content-Type", "application/octet-stream")
            return IncomingFile(path.rpartition("/")[2], content_type, data)
        raise FetchFailure("refused", "it leads round and round")

    def said(self, response: requests.Response) -> str:
        """The forum's own words about a failure, short and without our key."""
        try:
            errors = wire.json_object(response.content).get("errors")
        except ValueError:
            errors = None
        words = "; ".join(map(str, errors)) if isinstance(errors, list) else response.text[:2000]
        words = wire.storable(words).replace(self._key, "…")
        return f"HTTP {response.status_code}: {words}"[:300]


def _up_to(most: int, response: requests.Response) -> Iterator[bytes]:
    """The body in pieces, until it is longer than `most`."""
    length = 0
    for piece in response.iter_content(64 * 1024):
        yield piece
        length += len(piece)
        if length > most:
            return


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
