"""Run the whole desk: servers where none are given, web, Celery worker and beat."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from threading import Event
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connections

from channels_ingest.models import Heartbeat
from config.crew import Crew, Log
from config.embedded.servers import Servers, Taken
from config.env import refuse
from dashboard.demo.servers import Child, children

HEALTHY_WITHIN = 120
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to look for ourselves
CELERY = ("celery", "--app", "config.celery", "--quiet")


class Stop(BaseException):
    """Somebody wants the desk to stop."""


class Command(BaseCommand):
    help = "Run the whole desk: database and Redis unless given by URL, web, worker and beat."
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C, SIGTERM or the end of any child; then leave no process behind."""
        self.log = Log(sys.stdout)
        refuse_busy_port(settings.HOST, settings.PORT)
        self.servers = Servers(
            settings.FOLDERS,
            database=settings.EMBEDDED_DATABASE,
            broker=settings.EMBEDDED_REDIS,
            say=self.say,
        )
        self.crew = Crew(
            self.log,
            self.servers.register,
            folder=settings.BASE_DIR,
            environment={**os.environ, **child_settings()},
        )
        self.wished_to_stop = listen_to_signals()
        try:
            self.run_desk()
        except Stop:
            self.say("stopping")
        finally:
            ignore_signals()
            self.crew.stop()
            self.servers.stop()
        self.say("stopped; the data stays")

    def say(self, line: str) -> None:
        """Write a line of our own into the log."""
        self.log.line("anhao", line)

    def run_desk(self) -> NoReturn:
        self.start_servers()
        accounts, beside = self.prepare_data()
        self.start_crew(beside)
        self.wait_until_healthy()
        self.say(f"the desk is up: {settings.PUBLIC_URL}/")
        for line in accounts.splitlines():
            self.say(line)
        self.say("Ctrl-C stops everything; the data stays")
        while True:
            self.watch(wait=1)

    def start_servers(self) -> None:
        try:
            self.servers.claim()
        except Taken as taken:
            refuse(
                f"another process ({taken}) works in {settings.VAR_DIR}; "
                "stop it or give this desk a VAR_DIR of its own."
            )
        self.say(f"starting in {settings.VAR_DIR}")
        self.servers.start()

    def prepare_data(self) -> tuple[str, list[Child]]:
        """Bring the tables up to date and load the demo once.

        Return what it says of its accounts, and the processes that it wants beside the desk.
        """
        told = StringIO()
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            refuse(f"the database does not answer: {' '.join(str(error).split())}")
        if settings.DEMO:
            call_command("demo", stdout=told)
        beside = children()
        if settings.EMBEDDED_DATABASE:
            # Nobody else can have a worker here, so what still beats is from before a kill.
            Heartbeat.objects.all().delete()
        connections.close_all()
        return told.getvalue(), beside

    def start_crew(self, beside: list[Child]) -> None:
        for child in beside:
            self.crew.start(child.name, child.words)
        self.crew.start("web", web_words())
        self.crew.start("worker", worker_words())
        self.crew.start("beat", (*CELERY, "beat", "--scheduler", "celery.beat:Scheduler"))

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + HEALTHY_WITHIN
        while missing := parts_that_are_down():
            if time.monotonic() > deadline:
                refuse(f"not healthy within {HEALTHY_WITHIN} seconds; down: {', '.join(missing)}.")
            self.watch(wait=0.1)

    def watch(self, *, wait: float) -> None:
        """Pass on what the children say; refuse to go on without one that has ended.

        Raises Stop.
        """
        if self.wished_to_stop.is_set():
            raise Stop
        self.crew.pass_on(wait)
        for name, child in {**self.servers.children, **self.crew.children}.items():
            if child.poll() is not None:
                self.crew.pass_on(0)
                refuse(f"{name} has ended ({how_it_ended(child)}), so the desk stops.")


def web_words() -> tuple[str, ...]:
    return (
        "uvicorn",
        "config.asgi:application",
        f"--host={settings.HOST}",
        f"--port={settings.PORT}",
        "--lifespan=off",
        "--log-level=warning",
        "--no-access-log",
        "--no-server-header",
        "--timeout-graceful-shutdown=5",
        "--ws-max-size=65536",
    )


def worker_words() -> tuple[str, ...]:
    return (
        *CELERY,
        "worker",
        "--pool=prefork",
        "--concurrency=2",
        "--queues=intake,outbound,sweep",
        f"--hostname=desk-{settings.FOLDERS.mark}@%h",
        f"--loglevel={settings.LOG_LEVEL}",
        # Workers have nothing to tell each other: what they share is in the database.
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    )


def child_settings() -> dict[str, str]:
    """Return what our children must see as we do, wherever they are started."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "1" if settings.DEMO else "0",
        "VAR_DIR": str(settings.VAR_DIR),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def refuse_busy_port(host: str, port: int) -> None:
    """Refuse an address that we cannot listen on, before anything else has been started."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        refuse(f"HOST is not an address of this machine: {host}")
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            reason = (error.strerror or "it failed").lower()
            refuse(f"cannot listen on {host}:{port} ({reason}); choose another PORT.")


def parts_that_are_down() -> list[str]:
    """Ask our own health page."""
    host = EVERYWHERE.get(settings.HOST, settings.HOST)
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=10)
    try:
        connection.request(
            "GET", "/healthz", headers={"Host": urlsplit(settings.PUBLIC_URL).netloc}
        )
        answer = connection.getresponse()
        parts: dict[str, str] = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return ["web"]
    finally:
        connection.close()
    return [name for name, state in parts.items() if state == "down"]


def how_it_ended(child: subprocess.Popen[bytes]) -> str:
    code = child.returncode
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def listen_to_signals() -> Event:
    """Turn a wish to stop into `Stop`, wherever we are; a second one changes nothing.

    The event tells of it too: what a signal raises inside a destructor or a callback, Python
    prints and forgets.
    """
    wished = Event()

    def stop(number: int, frame: object) -> None:
        ignore_signals()
        wished.set()
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    sys.unraisablehook = _all_but_stop(sys.unraisablehook)
    return wished


def _all_but_stop(report: Callable[[Any], object]) -> Callable[[Any], None]:
    """Report what could not be raised, but not that somebody wants the desk to stop."""

    def tell(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, Stop):
            report(unraisable)

    return tell


def ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
