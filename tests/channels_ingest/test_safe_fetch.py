"""The guarded fetch against real sockets: what it refuses, what it limits, what it gives."""

import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from channels_ingest.safe_fetch import (
    AddressRefused,
    FetchError,
    Guard,
    any_address,
    guarded_session,
    is_public,
    safe_fetch,
)
from channels_ingest.wire import is_bad_address, never_left

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A small web site on loopback: one function for each path, and what was asked of it."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                self.close_connection = True
                site.answers[self.path](self)

            def do_POST(self) -> None:
                self.do_GET()

            def end_headers(self) -> None:
                self.send_header("Connection", "close")
                super().end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing: the test tells what matters."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: object) -> None:
                """A client that hangs up is what some of these tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def stop(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.stop()


def gives(
    body: bytes, status: int = 200, content_type: str = "image/png", **headers: str
) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def moves_to(url: str) -> Answer:
    return gives(b"", 302, Location=url)


def code_of(url: str, **options: object) -> str:
    with pytest.raises(FetchError) as caught:
        safe_fetch(url, **options)  # type: ignore[arg-type]  # each test names options that exist
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.1.2.3",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_address_inside_some_network_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "203.0.112.1", "2606:4700::1111"])
def test_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "localhost",
        "LOCALHOST.",
        "①②⑦.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0",
        "169.254.169.254",
    ],
)
def test_every_spelling_of_an_inner_address_is_refused_before_anything_is_sent(
    site: Site, host: str
) -> None:
    site.answers["/"] = gives(b"secret")

    code = code_of(site.url("/", host), allow_http=True)

    assert code in {"address", "network", "url"}  # a spelling may not even be a name
    assert site.asked == []


def test_name_with_one_inner_address_among_public_ones_is_refused() -> None:
    guard = Guard(resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])

    with pytest.raises(AddressRefused):
        guard.addresses("both.example", 443)


def test_name_is_resolved_once_and_the_connection_goes_to_the_judged_address(site: Site) -> None:
    site.answers["/a.png"] = gives(b"picture")
    answers = iter([["127.0.0.1"], ["127.0.0.99"]])
    guard = Guard(any_address, resolve=lambda host, port: next(answers))

    fetched = safe_fetch(site.url("/a.png", "files.example"), guard=guard, allow_http=True)

    assert fetched.data == b"picture"
    assert next(answers) == ["127.0.0.99"]  # the second answer was never asked for
    assert site.asked[0][1]["host"] == f"files.example:{site.port}"


def test_name_that_changes_its_mind_between_two_redirects_is_judged_again(site: Site) -> None:
    site.answers["/first"] = moves_to(site.url("/second", "rebind.example"))
    site.answers["/second"] = gives(b"secret")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    guard = Guard(
        lambda address: str(address) == "127.0.0.1", resolve=lambda host, port: next(answers)
    )

    code = code_of(site.url("/first", "rebind.example"), guard=guard, allow_http=True)

    assert code == "address"
    assert [path for path, _ in site.asked] == ["/first"]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://127.0.0.2/", "address"),
        ("http://[::1]/", "address"),
        ("file:///etc/passwd", "url"),
        ("ftp://127.0.0.1/x", "scheme"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme"),
        ("http://user@127.0.0.1/", "url"),
    ],
)
def test_redirect_to_where_we_may_not_go_is_refused(site: Site, target: str, code: str) -> None:
    site.answers["/"] = moves_to(target)
    guard = Guard(lambda address: str(address) == "127.0.0.1")

    assert code_of(site.url("/"), guard=guard, allow_http=True) == code


def test_three_redirects_are_followed_and_a_fourth_is_not(site: Site) -> None:
    for step in range(4):
        site.answers[f"/{step}"] = moves_to(f"/{step + 1}")
    site.answers["/4"] = gives(b"far")

    assert safe_fetch(site.url("/1"), allow_private=True).data == b"far"
    assert code_of(site.url("/0"), allow_private=True) == "redirects"


def test_headers_for_the_first_site_do_not_follow_a_redirect_to_another(site: Site) -> None:
    site.answers["/"] = moves_to(site.url("/there", "localhost"))
    site.answers["/there"] = gives(b"x")

    safe_fetch(site.url("/"), headers={"Authorization": "Bearer t"}, allow_private=True)

    assert [asked.get("authorization") for _, asked in site.asked] == ["Bearer t", None]


def test_plain_http_is_refused_unless_allowed() -> None:
    assert code_of("http://files.example/a.png") == "scheme"


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("cdn.example", "address"),
        ("img.cdn.example", "address"),
        ("evilcdn.example", "host"),
        ("cdn.example.evil.example", "host"),
    ],
)
def test_only_listed_hosts_and_their_subdomains_are_asked(host: str, code: str) -> None:
    guard = Guard(resolve=lambda host, port: ["127.0.0.1"])

    assert code_of(f"https://{host}/a.png", hosts=["cdn.example"], guard=guard) == code


def test_bytes_and_type_are_given(site: Site) -> None:
    site.answers["/a"] = gives(b"picture", content_type="Image/PNG; charset=x")

    fetched = safe_fetch(site.url("/a"), allow_private=True)

    assert (fetched.data, fetched.content_type) == (b"picture", "image/png")


def test_body_in_chunks_is_read_whole(site: Site) -> None:
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    site.answers["/"] = chunked

    assert safe_fetch(site.url("/"), allow_private=True).data == b"hello world"


def test_body_above_the_limit_is_refused_whether_announced_or_not(site: Site) -> None:
    site.answers["/told"] = gives(b"x" * 2001)

    def untold(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x" * 2001)

    site.answers["/untold"] = untold

    for path in ("/told", "/untold"):
        assert code_of(site.url(path), allow_private=True, largest=2000) == "too_large"


def test_body_cut_short_is_a_temporary_failure(site: Site) -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"only this")

    site.answers["/"] = short

    with pytest.raises(FetchError) as caught:
        safe_fetch(site.url("/"), allow_private=True)

    assert (caught.value.code, caught.value.is_temporary) == ("network", True)


def test_compressed_body_is_unpacked(site: Site) -> None:
    site.answers["/"] = gives(gzip.compress(b"log line\n" * 50), Content_Encoding="gzip")

    fetched = safe_fetch(site.url("/"), allow_private=True)

    assert fetched.data == b"log line\n" * 50
    assert site.asked[0][1]["accept-encoding"] == "identity"


def test_compression_bomb_is_refused_at_the_limit(site: Site) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    site.answers["/"] = gives(bomb, Content_Encoding="gzip")

    assert len(bomb) < 100_000
    assert code_of(site.url("/"), allow_private=True, largest=1_000_000) == "too_large"


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd"])
def test_encoding_that_we_did_not_ask_for_is_refused(site: Site, encoding: str) -> None:
    site.answers["/"] = gives(b"???", Content_Encoding=encoding)

    assert code_of(site.url("/"), allow_private=True) == "encoding"


def drips(site: Site, head: bytes) -> Answer:
    """An endless answer: a byte now and then, so that no single read ever times out."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while not site.closing.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    return answer


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
    ],
    ids=["headers", "body"],
)
def test_slow_drip_is_cut_off_when_time_is_up(site: Site, head: bytes) -> None:
    site.answers["/"] = drips(site, head)
    started = time.monotonic()

    with pytest.raises(FetchError) as caught:
        safe_fetch(site.url("/"), allow_private=True, seconds=0.4)

    assert (caught.value.code, caught.value.is_temporary) == ("too_slow", True)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("status", "is_temporary"),
    [(404, False), (403, False), (410, False), (204, False), (429, True), (408, True), (503, True)],
)
def test_refusal_of_the_site_tells_whether_to_try_again(
    site: Site, status: int, is_temporary: bool
) -> None:
    site.answers["/"] = gives(b"", status)

    with pytest.raises(FetchError) as caught:
        safe_fetch(site.url("/"), allow_private=True)

    assert (caught.value.code, caught.value.is_temporary) == (f"http_{status}", is_temporary)


def test_unknown_name_is_a_temporary_failure() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(FetchError) as caught:
        safe_fetch("https://nowhere.example/", guard=Guard(resolve=unknown))

    assert (caught.value.code, caught.value.is_temporary) == ("network", True)


def test_proxies_of_the_environment_are_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers["/a"] = gives(b"direct")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")

    assert safe_fetch(site.url("/a"), allow_private=True).data == b"direct"


def test_credentials_of_this_machine_are_not_sent(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site.answers["/a"] = gives(b"x")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login us password ours\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    safe_fetch(site.url("/a"), allow_private=True)

    assert "authorization" not in site.asked[0][1]


def test_guarded_session_posts_nothing_to_an_inner_address(site: Site) -> None:
    site.answers["/"] = gives(b"")

    with guarded_session(allow_http=True) as session, pytest.raises(requests.RequestException) as e:
        session.post(site.url("/"), json={"id": 1}, timeout=5)

    assert is_bad_address(e.value)
    assert site.asked == []


def test_guarded_session_hands_redirects_back_and_keeps_no_cookies(site: Site) -> None:
    site.answers["/"] = gives(b"", 302, Location=site.url("/other"), Set_Cookie="a=b; Path=/")

    with guarded_session(allow_private=True) as session:
        answers = [session.post(site.url("/"), timeout=5) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert [(path, asked.get("cookie")) for path, asked in site.asked] == [("/", None)] * 2


def test_guarded_session_tells_that_nothing_left_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]

    with (
        guarded_session(allow_private=True) as session,
        pytest.raises(requests.RequestException) as caught,
    ):
        session.post(f"http://127.0.0.1:{port}/", timeout=5)

    assert never_left(caught.value)
