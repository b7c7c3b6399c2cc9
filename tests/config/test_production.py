"""A real installation starts only with secrets of its own; a demo makes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import production

HOME = Path(__file__).resolve().parents[2]
SOUND = {
    "DATABASE_URL": "postgresql://desk:pw@db.example/desk",
    "REDIS_URL": "redis://redis.example:6379/0",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "CREDENTIALS_KEY": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI=",
    "PUBLIC_URL": "https://support.example.org",
}


def load_settings(code: str, var: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Load the real settings in a process that knows nothing but what is given."""
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings; {code}"],
        cwd=HOME,
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "VAR_DIR": str(var), **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_with_everything_set_starts(tmp_path: Path) -> None:
    started = load_settings("print(settings.ALLOWED_HOSTS, settings.DEMO)", tmp_path, **SOUND)

    assert started.stdout.strip() == "['support.example.org'] False", started.stderr
    assert list(tmp_path.iterdir()) == [], "production makes no secrets of its own"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be"),
        ({"SECRET_KEY": "x" * 80}, "SECRET_KEY must be"),
        ({"SECRET_KEY": "django-insecure-" + SOUND["SECRET_KEY"]}, "SECRET_KEY must be"),
        ({"CREDENTIALS_KEY": ""}, "CREDENTIALS_KEY is not set"),
        ({"CREDENTIALS_KEY": "bm90IDMyIGJ5dGVz"}, "CREDENTIALS_KEY must be"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is not set"),
        ({"PUBLIC_URL": "support.example.org"}, "PUBLIC_URL must look like"),
        ({"DEBUG": "1"}, "DEBUG shows secrets"),
    ],
)
def test_production_without_its_own_secrets_is_refused_in_one_line(
    tmp_path: Path, change: dict[str, str], complaint: str
) -> None:
    started = load_settings("", tmp_path, **{**SOUND, **change})

    assert started.returncode == 1
    assert complaint in started.stderr
    assert len(started.stderr.strip().splitlines()) == 1, "no traceback"


def test_production_only_talks_over_https(tmp_path: Path) -> None:
    shown = (
        "print(settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, "
        "settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS, settings.SESSION_COOKIE_NAME)"
    )

    started = load_settings(shown, tmp_path, **SOUND)

    assert started.stdout.split() == ["True", "True", "True", "31536000", "__Host-anhao-session"]


def test_django_finds_nothing_to_warn_of_in_production(tmp_path: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=HOME,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **SOUND},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_demo_keeps_the_secrets_that_it_made(tmp_path: Path) -> None:
    shown = "print(settings.SECRET_KEY, *settings.CREDENTIALS_KEYS, settings.DATABASE_URL)"

    first, second = load_settings(shown, tmp_path), load_settings(shown, tmp_path)

    assert first.stdout == second.stdout != ""
    made = list((tmp_path / "secrets").iterdir())
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_demo_that_listens_everywhere_answers_to_any_name() -> None:
    url = production.demo_url("0.0.0.0", 9000)

    assert url == "http://localhost:9000"
    assert production.hosts(url, [], demo_host="0.0.0.0") == ["*"]


def test_demo_answers_to_its_tunnel_and_to_this_machine() -> None:
    found = production.hosts("https://abc.tunnel.example", [], demo_host="127.0.0.1")

    assert found == ["abc.tunnel.example", "localhost", "127.0.0.1", "[::1]"]
