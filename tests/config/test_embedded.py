"""The embedded servers start, stop, and come back after anything that may happen to them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from config.embedded.folders import Folders
from config.embedded.processes import Register, birth_of
from config.embedded.servers import Servers, Taken
from config.env import Refused
from tests.waiting import wait_for

HOME = Path(__file__).resolve().parents[2]
HOLD = """
import signal, sys
from pathlib import Path
from config.embedded.folders import Folders
from config.embedded.servers import Servers
with Servers(Folders(Path(sys.argv[1]))):
    print("ready", flush=True)
    signal.pause()
"""


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    found = Folders(tmp_path / "a var 目录")
    yield found
    shutil.rmtree(found.sockets, ignore_errors=True)


def execute(folders: Folders, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(folders.database_url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def hold_servers(folders: Folders) -> subprocess.Popen[str]:
    """Have another process own the servers, and wait until they are up."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folders.var)], cwd=HOME, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"
    return holder


def test_data_survives_a_restart(folders: Folders) -> None:
    with Servers(folders):
        execute(folders, "CREATE TABLE kept AS SELECT 7 AS number")

    with Servers(folders):
        assert execute(folders, "SELECT number FROM kept") == [(7,)]


def test_servers_are_safe_as_they_come(folders: Folders) -> None:
    with Servers(folders):
        shown = {
            name: execute(folders, f"SHOW {name}")[0][0]
            for name in ("fsync", "full_page_writes", "data_checksums", "listen_addresses")
        }
        client = redis.Redis.from_url(folders.redis_url())
        kept = client.config_get("appendonly", "port", "maxmemory-policy")
        client.close()

    assert shown == {
        "fsync": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "",
    }
    assert kept == {"appendonly": "yes", "port": "0", "maxmemory-policy": "noeviction"}


def test_only_the_owner_reaches_sockets_and_data(folders: Folders) -> None:
    with Servers(folders):
        private = [folders.var, folders.sockets, folders.postgres_data, folders.redis_data]
        modes = {path.name: path.stat().st_mode & 0o077 for path in private}

    assert set(modes.values()) == {0}, modes


def test_database_wants_the_password(folders: Folders) -> None:
    with Servers(folders), pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host=str(folders.sockets), user="anhao", password="wrong", dbname="anhao")


def test_second_supervisor_of_a_folder_is_told_who_has_it(folders: Folders) -> None:
    with Servers(folders), pytest.raises(Taken, match=str(os.getpid())):
        Servers(folders).claim()


def test_servers_end_with_a_supervisor_that_is_killed(folders: Folders) -> None:
    holder = hold_servers(folders)
    running = Register(folders.run).survivors()

    holder.kill()
    holder.communicate()

    assert set(running) == {"postgres", "redis"}
    wait_for(lambda: not any(known.lives for known in running.values()), "both servers have ended")


def test_servers_come_back_after_everything_was_killed_at_once(folders: Folders) -> None:
    holder = hold_servers(folders)
    execute(folders, "CREATE TABLE kept AS SELECT 7 AS number")
    running = Register(folders.run).survivors()
    for pid in (holder.pid, *(known.pid for known in running.values())):
        os.kill(pid, signal.SIGKILL)
    holder.communicate()
    assert (folders.postgres_data / "postmaster.pid").exists(), "the lock is stale now"

    with Servers(folders):
        assert execute(folders, "SELECT number FROM kept") == [(7,)]


def test_stale_lock_whose_pid_belongs_to_somebody_else_is_no_obstacle(folders: Folders) -> None:
    with Servers(folders):
        lock = (folders.postgres_data / "postmaster.pid").read_text()
    _, _, rest = lock.partition("\n")
    (folders.postgres_data / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")

    with Servers(folders):
        assert execute(folders, "SELECT 1") == [(1,)]


def test_orphans_of_a_killed_supervisor_are_ended_by_the_next(folders: Folders) -> None:
    folders.make()
    orphan = subprocess.Popen(["sleep", "600"])
    Register(folders.run).write("worker", orphan.pid)
    told: list[str] = []

    with Servers(folders, database=False, broker=False, say=told.append):
        pass

    assert orphan.wait(5) == -signal.SIGTERM
    assert told == ["ended worker, left over from a start that was killed"]


def test_process_that_merely_has_a_recorded_pid_is_left_alone(folders: Folders) -> None:
    folders.make()
    stranger = subprocess.Popen(["sleep", "600"])
    (folders.run / "worker.pid").write_text(f"{stranger.pid} {birth_of(1)}")

    with Servers(folders, database=False, broker=False):
        assert stranger.poll() is None

    stranger.kill()
    stranger.wait()


def test_half_made_data_folder_is_made_again(folders: Folders) -> None:
    folders.make()
    draft = folders.postgres_data.with_name("postgres.new")
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    with Servers(folders, broker=False):
        assert execute(folders, "SELECT 1") == [(1,)]


def test_data_of_another_postgres_is_refused(folders: Folders) -> None:
    folders.make()
    folders.postgres_data.mkdir()
    (folders.postgres_data / "PG_VERSION").write_text("15\n")

    with pytest.raises(Refused, match="PostgreSQL 15, this is 18"):
        Servers(folders, broker=False).__enter__()


def test_redis_data_that_cannot_be_read_is_put_aside(folders: Folders) -> None:
    told: list[str] = []
    with Servers(folders, database=False):
        pass
    for path in (folders.redis_data / "appendonlydir").glob("*.aof"):
        path.write_bytes(b"*3\r\n$nonsense\r\n" * 10)

    with Servers(folders, database=False, say=told.append):
        client = redis.Redis.from_url(folders.redis_url())
        assert client.ping()
        client.close()

    assert "could not read its data" in told[0]


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Refused, match=r"cannot create .*VAR_DIR chooses another place"):
        Folders(tmp_path / "file" / "var").make()


def test_socket_folder_of_somebody_else_is_refused(folders: Folders) -> None:
    folders.sockets.mkdir(mode=0o777)
    folders.sockets.chmod(0o777)

    with pytest.raises(Refused, match="open to others"):
        folders.make_sockets()
