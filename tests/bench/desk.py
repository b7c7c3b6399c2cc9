"""A private desk to be measured: its processes, its one agent and its one http channel."""

import contextlib
import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.test import Client
from django.utils import timezone

from channels_ingest.connectors.http import sign
from config.management.commands.up import CELERY, web_words, worker_words
from tests import factories
from tests.channels_ingest.doors import SECRET, http_door, message
from tests.faults.processes import Process
from tests.waiting import wait_for
from tickets.models import User

SLUG = "bench"
HOOK = f"/hooks/{SLUG}/"
UP_WITHIN = 60.0


@contextlib.contextmanager
def desk(*, with_worker: bool) -> Iterator[None]:
    """Run web (and worker and beat) as `manage.py up` does, once all that was asked for is up."""
    log = Path(settings.VAR_DIR) / "log"
    words = [web_words()]
    if with_worker:
        words += [worker_words(), (*CELERY, "beat", "--scheduler", "celery.beat:Scheduler")]
    with contextlib.ExitStack() as stack:
        for each in words:
            stack.enter_context(Process(os.environ, log, *each))
        wanted = {"web", "database", "redis"} | ({"worker"} if with_worker else set())
        wait_for(lambda: wanted <= parts_up(), f"up, see {log}", within=UP_WITHIN)
        yield


def parts_up() -> set[str]:
    """Ask the health page which parts are up; nobody answers while web is not."""
    connection = http.client.HTTPConnection(settings.HOST, settings.PORT, timeout=10)
    try:
        connection.request("GET", "/healthz")
        told = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return set()
    finally:
        connection.close()
    return {part for part, state in told.items() if state == "up"}


def people_and_door() -> User:
    """Make the http channel and return Ada, the agent who looks at what comes in by it."""
    http_door(SLUG)
    return factories.ada()


def cookie_of(user: User) -> tuple[str, str]:
    """Sign somebody in and return the name and value of the session's cookie."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return name, client.cookies[name].value


def signed(text: str, *, key: str, sender: str) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a message as the other system posts it."""
    body = json.dumps(message(text, key=key, sender=sender)).encode()
    headers = {
        "Anhao-Signature": sign(body, timezone.now(), SECRET),
        "Content-Type": "application/json",
    }
    return body, headers
