"""What every test may ask for."""

import os
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """Return the environment for a process (worker, command, web) on this test's database.

    The test's own transactions must be real ones, or the process would see nothing of them.
    """
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
