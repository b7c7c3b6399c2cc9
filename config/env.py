"""Read settings from the environment: typed, and loud about nonsense."""

import os
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


class Refused(SystemExit):
    """The process cannot start as it is configured; the message says why.

    A `SystemExit`, so that every program that loads the settings (web server, Celery,
    management commands) ends with this one line instead of a traceback.
    """


def refuse(reason: str) -> NoReturn:
    """Raise `Refused` with one line that a person can act on."""
    raise Refused(f"anhao: {reason}")


def text(name: str, default: str | None = None) -> str:
    """Return the variable as it stands; an empty one counts as unset. Refuse when it is needed."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        refuse(f"{name} is not set. See docs/settings.md.")
    return value


def secret(name: str, default: str | None = None) -> str:
    """Return a secret from NAME or from the file that NAME_FILE points to. Refuse both at once."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return text(name, default)
    if os.environ.get(name, "").strip():
        refuse(f"{name} and {name}_FILE are both set; keep one of them.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{name}_FILE cannot be read: {error}")
    if not value:
        refuse(f"{name}_FILE names an empty file: {path}")
    return value


def flag(name: str, default: bool) -> bool:
    """Return a yes-or-no variable. Refuse any other word."""
    word = text(name, "yes" if default else "no").lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    refuse(f"{name} must be yes or no, not {word!r}.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    """Return a whole number between `low` and `high`. Refuse anything else."""
    word = text(name, str(default))
    if not (word.isascii() and word.isdigit() and low <= int(word) <= high):
        refuse(f"{name} must be a whole number from {low} to {high}, not {word!r}.")
    return int(word)


def words(name: str, default: str = "") -> list[str]:
    """Return the parts of a comma-separated variable, without empty ones."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """Turn a DATABASE_URL into Django's terms.

    A server behind a Unix socket is written `postgresql://user@/name?host=/folder`;
    every other query parameter goes to the driver (`sslmode`, `connect_timeout`, ...).
    Refuse what is not PostgreSQL or names no database.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        refuse("DATABASE_URL cannot be read. Example: postgresql://user:password@host:5432/name")
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        refuse("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    options.setdefault("connect_timeout", "5")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def celery_broker(url: str) -> str:
    """Return a Redis address in the spelling that Celery wants for Unix sockets."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number_of_database = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number_of_database}"
