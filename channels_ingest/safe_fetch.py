"""Ask addresses that somebody else gave us, without ever reaching into our own network.

Every name is resolved once, all its addresses are judged, and the connection goes to a judged
address: what the name says a moment later does not matter. No proxy, cookie or credential of
this machine is used.
"""

import ipaddress
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util import Timeout

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

LARGEST = 20 * 1024 * 1024
SECONDS = 10.0
REDIRECTS = 3
CHUNK = 64 * 1024
LASTING_CLIENT_ERRORS = frozenset(range(400, 500)) - {408, 425, 429}
# Networks that carry an IPv4 address inside an IPv6 one: 6to4 and the two of NAT64.
WRAPPING_NETWORKS = tuple(
    ipaddress.IPv6Network(each) for each in ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48")
)


class FetchError(Exception):
    """Nothing was fetched; `code` says why, `is_temporary` whether a later try may succeed."""

    def __init__(self, code: str, *, is_temporary: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_temporary = is_temporary


class AddressRefused(Exception):
    """The host is, or may be, inside a network that we must not reach into."""


@dataclass(frozen=True, slots=True)
class Fetched:
    data: bytes
    content_type: str
    url: str


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open Internet, by itself and not inside another one."""
    if isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped
        or address.is_site_local
        or any(address in network for network in WRAPPING_NETWORKS)
    ):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def any_address(address: Address) -> bool:
    return True


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system's resolver gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(slots=True)
class Guard:
    """Open sockets to permitted addresses only, and cut them all when time is up."""

    permits: Callable[[Address], bool] = is_public
    resolve: Resolve = resolve
    _limit: Literal["none", "running", "over"] = "none"
    _open: list[socket.socket] = field(default_factory=list)

    def addresses(self, host: str, port: int) -> list[Address]:
        """The addresses of a host. Raises AddressRefused if a single one is not permitted."""
        found = [ipaddress.ip_address(each.partition("%")[0]) for each in self.resolve(host, port)]
        if not found or not all(self.permits(address) for address in found):
            raise AddressRefused(host)
        return found

    def connect(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """A socket to the first address that answers. Raises AddressRefused or OSError."""
        trouble: OSError | None = None
        for address in self.addresses(host, port):
            if self._limit == "over":
                raise TimeoutError
            try:
                connected = socket.create_connection((str(address), port), timeout)
            except OSError as error:
                trouble = error
                continue
            if self._limit == "running":
                # TLS takes the socket itself over; the duplicate still lets us hang up.
                self._open.append(connected.dup())
            return connected
        raise trouble or OSError("no address")

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Hang up every connection after `seconds`: a drip of bytes defeats mere read timeouts."""
        timer = threading.Timer(seconds, self.hang_up)
        timer.daemon = True
        self._limit = "running"
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self.hang_up()

    def hang_up(self) -> None:
        self._limit = "over"
        connections, self._open = self._open, []
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other side was faster
            finally:
                connection.close()


class GuardedSession(requests.Session):
    """A session whose connections all pass a Guard; redirects are handed back, not followed."""

    def __init__(self, guard: Guard, *, allow_http: bool = False) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapters.clear()
        for scheme in ("https", "http") if allow_http else ("https",):
            self.mount(f"{scheme}://", _GuardedAdapter(guard))

    def get_redirect_target(self, resp: requests.Response) -> None:
        # Following would carry a connector's own key headers to a host that nobody chose.
        return None


def guarded_session(*, allow_private: bool = False, allow_http: bool = False) -> GuardedSession:
    """A session for addresses that a person typed, such as a callback address.

    A private address raises `requests.exceptions.InvalidURL` before anything is sent.
    `allow_private` is for the sandbox and tests only; it also allows plain http.
    """
    permits = any_address if allow_private else is_public
    return GuardedSession(Guard(permits), allow_http=allow_http or allow_private)


def safe_fetch(
    url: str,
    *,
    hosts: Collection[str] = (),
    allow_http: bool = False,
    allow_private: bool = False,
    headers: Mapping[str, str] | None = None,
    largest: int = LARGEST,
    seconds: float = SECONDS,
    guard: Guard | None = None,
) -> Fetched:
    """Get `url` within all limits and return its bytes. Raises FetchError.

    With `hosts` only these and their subdomains are asked, redirects included. `headers` go to
    the first origin only. `allow_private` is for the sandbox and tests; it also allows plain http.
    """
    guard = guard or Guard(any_address if allow_private else is_public)
    session = GuardedSession(guard, allow_http=allow_http or allow_private)
    deadline = time.monotonic() + seconds
    try:
        with guard.time_limit(seconds), session:
            fetched = _follow(session, url, hosts, dict(headers or {}), largest, seconds)
    except FetchError:
        raise
    except requests.exceptions.InvalidURL as error:
        is_refused = isinstance(error.__cause__, AddressRefused)
        raise FetchError("address" if is_refused else "url") from None
    except (requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
        raise FetchError("scheme") from None
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        is_late = time.monotonic() >= deadline
        raise FetchError("too_slow" if is_late else "network", is_temporary=True) from error
    if time.monotonic() >= deadline:  # what was cut off may look complete
        raise FetchError("too_slow", is_temporary=True)
    return fetched


def _follow(
    session: GuardedSession,
    url: str,
    hosts: Collection[str],
    headers: dict[str, str],
    largest: int,
    seconds: float,
) -> Fetched:
    first = urlsplit(url)
    for _ in range(REDIRECTS + 1):
        _check(url, hosts)
        own = headers if urlsplit(url)[:2] == first[:2] else {}
        asked = {"Accept-Encoding": "identity", **own}
        with session.get(url, headers=asked, stream=True, timeout=seconds) as response:
            if response.is_redirect:
                url = urljoin(url, response.headers["Location"])
                continue
            return _read(response, largest)
    raise FetchError("redirects")


def _check(url: str, hosts: Collection[str]) -> None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise FetchError("url") from None
    if parts.username is not None or not host:
        raise FetchError("url")
    if hosts and not any(host == each or host.endswith(f".{each}") for each in hosts):
        raise FetchError("host")


def _read(response: requests.Response, largest: int) -> Fetched:
    status = response.status_code
    if status != 200:
        gone = status in LASTING_CLIENT_ERRORS or status < 400
        raise FetchError(f"http_{status}", is_temporary=not gone)
    data = bytearray()
    for part in _decoded(response, largest):
        data += part
        if len(data) > largest:
            raise FetchError("too_large")
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Fetched(bytes(data), content_type, response.url)


def _decoded(response: requests.Response, largest: int) -> Iterator[bytes]:
    """The body in parts, unpacked in bounded steps so that a small bomb stays small."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower() or "identity"
    if encoding == "identity":
        yield from _parts(response)
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError("encoding")
    unpacker = zlib.decompressobj(wbits=47 if encoding != "deflate" else 15)
    try:
        for part in _parts(response):
            yield unpacker.decompress(part, largest + 1)  # as much as proves it too large
    except zlib.error:
        raise FetchError("encoding") from None
    if not unpacker.eof:
        raise FetchError("network", is_temporary=True)


def _parts(response: requests.Response) -> Iterator[bytes]:
    """The raw body as it arrives; a body cut short of its Content-Length raises FetchError."""
    arrived = 0
    while part := response.raw.read1(CHUNK, decode_content=False):
        arrived += len(part)
        yield part
    promised = response.headers.get("Content-Length", "")
    if promised.isdigit() and arrived < int(promised):
        raise FetchError("network", is_temporary=True)


class _GuardedAdapter(HTTPAdapter):
    """requests' own adapter over pools whose connections ask the Guard for their socket."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._guard)

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        options["proxies"] = None
        try:
            return super().send(request, *args, **options)
        except AddressRefused as refusal:
            raise requests.exceptions.InvalidURL("address refused", request=request) from refusal


def _pool_classes(guard: Guard) -> dict[str, type[HTTPConnectionPool]]:
    # `_new_conn` is where urllib3 resolves and connects. Replacing that one step, and not the
    # host, leaves the Host header, SNI and the certificate check with the original name.
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _guarded_socket(guard, self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _guarded_socket(guard, self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _guarded_socket(guard: Guard, connection: HTTPConnection) -> socket.socket:
    timeout = Timeout.resolve_default_timeout(connection.timeout)
    sys.audit("http.client.connect", connection, connection.host, connection.port)
    try:
        return guard.connect(connection.host, connection.port, timeout)
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "connecting took too long") from error
    except OSError as error:
        raise NewConnectionError(connection, f"no connection: {error}") from error
