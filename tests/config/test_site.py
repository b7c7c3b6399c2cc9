"""What every page of the site carries, and who may open a socket."""

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from config.asgi import application
from config.csp import HEADER, ContentSecurityPolicyMiddleware, policy
from config.production import hosts


def test_every_answer_carries_the_policy(client: Client) -> None:
    header = client.get("/no-such-page/").headers[HEADER]

    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in header
    assert "unsafe" not in header


def test_every_answer_refuses_frames_sniffing_and_referrers(client: Client) -> None:
    headers = client.get("/no-such-page/").headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_page_may_bring_a_policy_of_its_own(rf: RequestFactory) -> None:
    def framed(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={HEADER: "frame-ancestors https://shop.example"})

    answer = ContentSecurityPolicyMiddleware(framed)(rf.get("/"))

    assert isinstance(answer, HttpResponse)
    assert answer.headers[HEADER] == "frame-ancestors https://shop.example"


def test_policy_is_written_as_browsers_read_it() -> None:
    assert policy({"default-src": ["'self'"], "img-src": ["'self'", "data:"]}) == (
        "default-src 'self'; img-src 'self' data:"
    )


@pytest.mark.django_db(transaction=True)
@override_settings(ALLOWED_HOSTS=["desk.example"])
@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b""])
def test_socket_of_another_site_is_refused(origin: bytes) -> None:
    assert async_to_sync(first_answer)(origin) == "websocket.close"


async def first_answer(origin: bytes) -> str:
    """Knock at the desk's socket and return the type of what comes back."""
    headers = [(b"origin", origin), (b"host", b"desk.example")]
    scope = {"type": "websocket", "path": "/ws/desk/", "headers": headers, "subprotocols": []}
    socket = ApplicationCommunicator(application, scope)

    await socket.send_input({"type": "websocket.connect"})

    answer: dict[str, str] = await socket.receive_output(5)
    return answer["type"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "public_url", "asked_for", "origin"),
    [
        ("0.0.0.0", "http://localhost:8000", "box.lan:9000", "http://box.lan:9000"),
        ("127.0.0.1", "http://127.0.0.1:8000", "localhost:9000", "http://localhost:9000"),
        ("127.0.0.1", "https://x.tunnel.example", "localhost:8000", "https://x.tunnel.example"),
    ],
)
def test_demo_behind_a_forwarded_port_takes_what_its_own_pages_send(
    host: str, public_url: str, asked_for: str, origin: str
) -> None:
    allowed = hosts(public_url, [], demo_host=host)
    with override_settings(ALLOWED_HOSTS=allowed, CSRF_TRUSTED_ORIGINS=[public_url]):
        browser = Client(enforce_csrf_checks=True, headers={"host": asked_for})
        browser.get("/login/")
        token = browser.cookies[settings.CSRF_COOKIE_NAME].value

        answer = browser.post("/login/", {"csrfmiddlewaretoken": token}, headers={"origin": origin})
        foreign = browser.post(
            "/login/", {"csrfmiddlewaretoken": token}, headers={"origin": "https://evil.example"}
        )

    assert answer.status_code not in {400, 403}, "refused by the form, which is empty, at most"
    assert foreign.status_code == 403
