"""What every test may ask for."""

import gc
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from tests.config.desk import Desk

# Modules whose tests share something dear: whoever begins one does all of it.
WHOLE = {
    "tests/channels_ingest/test_email_servers.py": "mail servers",
    "tests/config/test_up.py": "a running demo",
    "tests/dashboard/test_demo.py": "the demo's cases",
    "tests/faults/test_outages.py": "outages",
    "tests/flows/browser/test_sandbox.py": "a running demo",
    "tests/flows/test_story.py": "a running demo",
    "tests/races/test_races.py": "the crew",
}
SLOW = ("faults", "flow", "browser")

# How long an example takes is the bench's affair, and machines stall.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("unhurried")


class Spread(LoadScopeScheduling):
    """One test at a time to the worker that is free first, but WHOLE undivided.

    Marks would say the same with `--dist loadgroup`, if pytest-xdist 3.8 with pytest 9.2 heard it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return WHOLE.get(_module(nodeid), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than processors: at any time one of them waits for what it has started."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread:
    """Deal out the tests in the order below, not the longest modules first."""
    config.option.loadscopereorder = False
    return Spread(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it when others are done."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[bool, bool]:
    is_slow = any(map(item.get_closest_marker, SLOW))
    return not is_slow, _module(item.nodeid) not in WHOLE


def _module(nodeid: str) -> str:
    return nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A whole desk with its sample people, for all: to load it takes longer than to play in it.

    A test leaves its doors as they were.
    """
    desk = Desk(tmp_path_factory.mktemp("demo") / "a desk", demo=True).start()
    try:
        yield desk.wait_until_up(within=300)
    finally:
        desk.end()


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """Return the environment for a process (worker, command, web) on this test's database.

    The test's own transactions must be real ones, or the process would see nothing of them.
    """
    return environment()


def environment() -> dict[str, str]:
    """What a process on the database of this run must be given, once that database is there."""
    names = ("DEMO", "SECRET_KEY", "CREDENTIALS_KEY", "REDIS_PREFIX", "REDIS_URL", "VAR_DIR")
    kept = {name: value for name, value in os.environ.items() if name in (*names, "PATH", "HOME")}
    return {
        **kept,
        "PYTHONUTF8": "1",
        "DEBUG_FAULTS": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(settings.VAR_DIR),
    }


def database_url() -> str:
    """Return the address of the database that the running test uses."""
    found = connection.settings_dict
    host = found["HOST"]
    place = f"/{found['NAME']}?host={quote(host)}" if host.startswith("/") else ""
    server = "" if place else f"{host}:{found['PORT'] or 5432}"
    return (
        f"postgresql://{quote(found['USER'])}:{quote(found['PASSWORD'], safe='')}"
        f"@{server}{place or '/' + found['NAME']}"
    )


def pytest_collection_finish() -> None:
    """Let the collector pass over all that was imported: it will not go before the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
