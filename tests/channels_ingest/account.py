"""A plain account for connector tests: settings, an obedient clock, a vendor from a script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from channels_ingest.connectors.base import Token
from tickets.interchange import IncomingFile

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the scripted vendor; `echo` appends the request's headers to the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    echo: bool = False


class Script(BaseAdapter):
    """Answer requests in order from a script and remember them; an exception is raised instead.

    A request beyond the script fails the test: nothing may be asked that was not foreseen.
    """

    def __init__(self, *replies: Reply | Exception) -> None:
        super().__init__()
        self.replies = list(replies)
        self.requests: list[requests.PreparedRequest] = []

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        self.requests.append(request)
        timeout = kwargs.get("timeout")
        assert timeout is not None, f"{request.method} {request.url} has no timeout"
        assert self.replies, f"nobody foresaw {request.method} {request.url}"
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return _response(request, reply)

    def close(self) -> None:
        self.replies.clear()


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    body = reply.body
    if reply.echo:
        body += "\n".join(f"{k}: {v!s}" for k, v in request.headers.items()).encode()
    response = requests.Response()
    response.status_code = reply.status
    response.headers.update(reply.headers)
    response.url = request.url or ""
    response.request = request
    response.raw = HTTPResponse(BytesIO(body), headers=dict(reply.headers), preload_content=False)
    return response


def session(adapter: BaseAdapter | None = None) -> requests.Session:
    """A session that ignores this machine's proxies; with `adapter` it never leaves the process."""
    made = requests.Session()
    made.trust_env = False
    if adapter is not None:
        made.mount("http://", adapter)
        made.mount("https://", adapter)
    return made


@dataclass
class LocalAccount:
    """What a connector is given in tests; without a session of its own it may ask nobody."""

    settings: Any
    http: requests.Session = field(default_factory=lambda: session(Script()))
    clock: datetime = NOON
    media: dict[str, IncomingFile] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    token_until: datetime = NOON

    def now(self) -> datetime:
        return self.clock

    def advance(self, **span: float) -> None:
        """Move the clock: `advance(minutes=5)`."""
        self.clock += timedelta(**span)

    @property
    def hidden(self) -> list[str]:
        return [token.value for token in self.tokens]

    def token(self, renew: Callable[[], Token], *, refused: str = "") -> str:
        """The newest token; a new one where there is none, it has run out or was refused."""
        last = self.tokens[-1].value if self.tokens else ""
        if not last or self.clock >= self.token_until or (refused and refused == last):
            self.tokens.append(renew())
            self.token_until = self.clock + timedelta(seconds=self.tokens[-1].seconds)
        return self.tokens[-1].value

    def fetch_media(self, url: str) -> IncomingFile:
        return self.media[url]
