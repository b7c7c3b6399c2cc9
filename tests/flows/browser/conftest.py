"""A real Chromium before a real web process on the test's own database and Redis.

Where there is no Chromium these tests are not collected, unless REQUIRE_BROWSER=1 says that
there must be one (CI does).
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import global_settings, settings
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings

from config import settings as real_settings
from tests.conftest import environment
from tests.own_cache import empty_cache
from tests.waiting import wait_for
from tickets.models import User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if not CHROMIUM and os.environ.get("REQUIRE_BROWSER") != "1":
    collect_ignore_glob = ["test_*.py"]

HEADLESS = (
    *("--headless", "--remote-debugging-port=0", "--disable-gpu", "--no-first-run"),
    "--no-sandbox",  # its own sandbox needs rights that containers and root do not have
    # It would ask hosts outside for updates and lists, and wait.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-quic", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio"),
    # Pages that nobody looks at must not be slowed down.
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
    "--disable-backgrounding-occluded-windows",
    # Each window would load pages of its own for an address bar that nobody types in.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)
T = TypeVar("T")
Act = Callable[[Callable[[], T]], T]


@pytest.fixture
def act(transactional_db: None, settings: Settings) -> Iterator[Act[Any]]:
    """Do something behind the page's back, in a thread of its own.

    The test's own thread belongs to the browser's event loop, in which Django refuses to work.
    """
    # The web process has the real settings, so passwords and notices must be made with them too.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    settings.CHANNEL_LAYERS = real_settings.CHANNEL_LAYERS
    empty_cache()
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield lambda action: pool.submit(action).result()
        pool.submit(connections.close_all).result()


@pytest.fixture(scope="session")
def web(django_db_setup: None) -> Iterator[str]:
    """The address of a web process on the database of this run: one for all tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)),
        *("--log-level", "warning", "--lifespan", "off", "--timeout-graceful-shutdown", "1"),
    ]
    process = subprocess.Popen(command, env={**environment(), "PORT": str(port)})
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(f"{address}/login/"), "the web process answers", within=40)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture
def site(act: Act[Any], web: str) -> Iterator[str]:
    """The address of the web process; the test ends when it has done all that it was asked."""
    yield web
    act(lambda: wait_for(_nobody_else_is_at_work, "the web process is done"))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which a Chromium takes orders: one for all tests, it takes long to start."""
    assert CHROMIUM, "there is no Chromium, and REQUIRE_BROWSER=1 says that there must be one"
    profile = tmp_path_factory.mktemp("chromium")
    process = subprocess.Popen(
        [CHROMIUM, *HEADLESS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    told = profile / "DevToolsActivePort"
    try:
        wait_for(lambda: told.exists() and told.read_text().count("\n") == 1, "it is up", within=40)
        port, path = told.read_text().splitlines()
        yield f"ws://127.0.0.1:{port}{path}"
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(chromium)
        yield browser
        for context in browser.contexts[1:]:  # the first is Chromium's own
            context.close()
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What pages complain about: broken scripts and whatever the policy forbids."""
    return []


@pytest.fixture
def sign_in(
    act: Act[Any], site: str, browser: Browser, faults: list[str]
) -> Iterator[Callable[[User], Page]]:
    """Open the desk as somebody who has signed in already (test_desk does it by hand)."""
    expect.set_options(timeout=20_000)

    def sign_in(user: User) -> Page:
        page = browser.new_context(locale="en", viewport={"width": 1440, "height": 900}).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        page.context.add_cookies([act(lambda: _session_of(user, site))])
        page.goto(site)
        expect(page.locator("#connection")).to_have_attribute("data-state", "on")
        return page

    yield sign_in
    assert faults == []


def _session_of(user: User, site: str) -> dict[str, str]:
    """The cookie of a fresh session; its name holds the port of the web process."""
    client = Client()
    client.force_login(user)
    name = f"anhao-{urlsplit(site).port}-session"
    return {"name": name, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": site}


def _nobody_else_is_at_work() -> bool:
    """Whether no other connection to the database is in the middle of something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return bool(cursor.fetchone()[0] == 0)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
