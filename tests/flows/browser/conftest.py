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

import pytest
import requests
from django.conf import global_settings
from django.db import connection, connections
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings

from config import settings as real_settings
from tests import factories
from tests.conftest import environment
from tests.own_cache import empty_cache
from tests.waiting import wait_for
from tickets.models import User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if not CHROMIUM and os.environ.get("REQUIRE_BROWSER") != "1":
    collect_ignore_glob = ["test_*.py"]

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


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that containers and root do not have.
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def faults() -> list[str]:
    """What pages complain about: broken scripts and whatever the policy forbids."""
    return []


@pytest.fixture
def sign_in(site: str, browser: Browser, faults: list[str]) -> Iterator[Callable[[User], Page]]:
    expect.set_options(timeout=10_000)

    def sign_in(user: User) -> Page:
        page = browser.new_context(locale="en", viewport={"width": 1440, "height": 900}).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        page.goto(site)
        page.get_by_label("Work e-mail").fill(user.email)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#connection")).to_have_attribute("data-state", "on")
        return page

    yield sign_in
    assert faults == []


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
