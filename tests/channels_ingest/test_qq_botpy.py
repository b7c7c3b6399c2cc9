"""The sandbox of QQ as the vendor's own client for Python sees it."""

import asyncio
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from channels_ingest.sandbox.qq import QQSandbox
from channels_ingest.sandbox.qq_people import DEMO_APP_ID, DEMO_SECRET
from tests.channels_ingest.account import session

# The client makes its TLS context in a way that Python calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def vendor() -> Iterator[QQSandbox]:
    with QQSandbox() as running:
        yield running


def token_of(vendor: QQSandbox) -> dict[str, Any]:
    """The client's own way to ask for a token knows one address only, so we ask for it."""
    asked = {"appId": DEMO_APP_ID, "clientSecret": DEMO_SECRET}
    with session() as http:
        answer = http.post(f"{vendor.url}/app/getAppAccessToken", json=asked, timeout=5)
    given: dict[str, Any] = json.loads(answer.content)
    return given


def called(vendor: QQSandbox, monkeypatch: pytest.MonkeyPatch, name: str, **what: Any) -> Any:
    """What a method of the vendor's client returns against the sandbox."""
    api, net, robots = (import_module(f"botpy.{part}") for part in ("api", "http", "robot"))
    # The client offers no setting for its host.
    monkeypatch.setattr(net.Route, "SCHEME", "http")
    monkeypatch.setattr(net.Route, "DOMAIN", vendor.url.removeprefix("http://"))
    token, given = robots.Token(DEMO_APP_ID, DEMO_SECRET), token_of(vendor)
    token.access_token = given["access_token"]
    token.expires_in = 2**40

    async def call() -> Any:
        http = net.BotHttp(timeout=5)
        robot = await http.login(token)
        try:
            return robot if name == "login" else await getattr(api.BotAPI(http), name)(**what)
        finally:
            await http.close()

    return asyncio.run(call())


def test_token_has_the_form_that_the_client_reads(vendor: QQSandbox) -> None:
    given = token_of(vendor)

    assert isinstance(given["expires_in"], str)
    assert int(given["expires_in"]) == 7200


def test_client_signs_in(vendor: QQSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    assert called(vendor, monkeypatch, "login")["id"] == DEMO_APP_ID


def test_client_answers_in_private_and_in_a_group(
    vendor: QQSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = vendor.write("kim", "在吗"), vendor.write("kim", "在吗", group="群")

    sent = called(
        vendor,
        monkeypatch,
        "post_c2c_message",
        openid=vendor.openid("kim"),
        content="在",
        msg_id=private,
    )
    called(
        vendor,
        monkeypatch,
        "post_group_message",
        group_openid=vendor.openid("群"),
        content="在",
        msg_id=public,
    )

    assert sent["id"]
    shown = [each for each in vendor.inspect()["messages"] if each["direction"] == "out"]
    assert [each["thread"] for each in shown] == ["c2c:kim", "group:群"]


def test_client_sends_a_file(vendor: QQSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    file = {"name": "a.png", "kind": "image", "text": "png"}
    asked, openid = vendor.write("kim", files=[file]), vendor.openid("kim")
    (address,) = vendor.shared

    media = called(
        vendor, monkeypatch, "post_c2c_file", openid=openid, file_type=1, url=vendor.url + address
    )
    called(
        vendor,
        monkeypatch,
        "post_c2c_message",
        openid=openid,
        msg_type=7,
        msg_id=asked,
        media={"file_info": media["file_info"]},
    )

    assert vendor.inspect()["messages"][-1]["files"] == [vendor.url + address]


def test_client_is_told_that_a_repeat_is_a_repeat(
    vendor: QQSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {
        "openid": vendor.openid("kim"), "content": "在", "msg_id": vendor.write("kim", "在吗"),
    }  # fmt: skip
    called(vendor, monkeypatch, "post_c2c_message", **answer)

    with pytest.raises(import_module("botpy.errors").ServerError, match="去重"):
        called(vendor, monkeypatch, "post_c2c_message", **answer)
