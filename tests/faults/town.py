"""A desk of real processes on servers of its own, which tests may stop, kill and empty."""

import concurrent.futures
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import redis
import requests

from channels_ingest.connectors.http import sign
from channels_ingest.sandbox.http import CallbackReceiver
from config.embedded.folders import Folders
from config.embedded.servers import Servers
from tests.channels_ingest.doors import SECRET, message
from tests.faults.processes import HOME, Process, beat, worker
from tests.waiting import wait_for


class Town:
    """PostgreSQL, Redis, web, worker and beat, each of which may go and come back."""

    def __init__(self, folder: Path, receiver: CallbackReceiver) -> None:
        self.log = folder / "log"
        self.postgres = Servers(Folders(folder / "a"), broker=False)
        self.redis = Servers(Folders(folder / "b"), database=False)
        for servers in (self.postgres, self.redis):
            servers.claim()
            servers.start()
        self.port = _free_port()
        self.environment = self._environment(folder)
        self.manage("migrate", "--verbosity", "0")
        settings = (f"secret={SECRET}", f"callback_url={receiver.address}")
        self.manage("channel", "add", "http", "--slug", "shop", "--set", *settings)
        web = ("uvicorn", "config.asgi:application", "--port", str(self.port), "--lifespan", "off")
        self.web = Process(self.environment, self.log, *web)
        self.worker = worker(self.environment, self.log)
        self.beat = beat(self.environment, self.log)

    def _environment(self, folder: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONUTF8": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEMO": "1",
            "VAR_DIR": str(folder / "a"),
            "PORT": str(self.port),
            "DATABASE_URL": self.postgres.folders.database_url(),
            "REDIS_URL": self.redis.folders.redis_url(),
        }

    def start(self) -> None:
        for process in (self.web, self.worker, self.beat):
            process.start()
        wait_for(self.is_up, f"up: {self.log.read_text()}", within=60)

    def stop(self) -> None:
        for process in (self.beat, self.worker, self.web):
            process.kill()
        self.redis.stop()
        self.postgres.stop()

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *words: str) -> str:
        """Run a management command to its end. Raises AssertionError if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=HOME,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, query: str) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(self.postgres.folders.database_url())
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(query)
            found = cursor.fetchall()
            connection.commit()
            return found

    def taken_in(self) -> list[str]:
        """The texts of all messages that came in, sorted."""
        return sorted(
            str(row[0])
            for row in self.rows("SELECT text FROM tickets_message WHERE direction = 'inbound'")
        )

    def empty_redis(self) -> None:
        client = redis.Redis.from_url(self.redis.folders.redis_url())
        client.flushall()
        client.close()


def freeze_server(servers: Servers) -> None:
    """Have an embedded server take connections and answer nothing, as on a stalled disk."""
    (child,) = servers.children.values()
    child.send_signal(signal.SIGSTOP)


def kill_server(servers: Servers) -> None:
    """End an embedded server as a power cut would."""
    (child,) = servers.children.values()
    child.kill()
    child.wait(10)
    servers.children.clear()


class Customers:
    """Systems that post messages until told to stop, each until it is accepted, and keep count.

    A message counts as accepted only by its 202; any other answer, or none, is tried again with
    the same id, as the contract tells clients to.
    """

    def __init__(self, town: Town, prefix: str, many: int = 3) -> None:
        self.town = town
        self.prefix = prefix
        self.accepted: list[str] = []
        self.refused: list[int | None] = []
        self.slowest = 0.0
        self._stopping = threading.Event()
        self._pool = concurrent.futures.ThreadPoolExecutor(many)
        self._working = [self._pool.submit(self._work, number) for number in range(many)]

    def wait_for_more(self, count: int) -> None:
        """Wait until this many more messages are accepted."""
        goal = len(self.accepted) + count
        wait_for(lambda: len(self.accepted) >= goal, f"{count} more accepted", within=30)

    def stop(self) -> Sequence[str]:
        """Have everybody finish what they began; return all that was accepted, sorted."""
        self._stopping.set()
        for each in self._working:
            each.result(30)
        self._pool.shutdown()
        return sorted(self.accepted)

    def _work(self, customer: int) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            text = f"{self.prefix} {customer} {number}"
            while self._post(text, f"{self.prefix}-{customer}") != 202:
                self._stopping.wait(0.05)
            self.accepted.append(text)

    def _post(self, text: str, sender: str) -> int | None:
        body = json.dumps(message(text, key=text, sender=sender)).encode()
        headers = {
            "Anhao-Signature": sign(body, datetime.now(UTC), SECRET),
            "Content-Type": "application/json",
        }
        url = f"{self.town.url}/hooks/shop/"
        begun = time.monotonic()
        try:
            status = requests.post(url, body, headers=headers, timeout=15).status_code
        except requests.RequestException:
            self.refused.append(None)
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)
        if status != 202:
            self.refused.append(status)
        return status


def new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="anhao-faults-"))


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
