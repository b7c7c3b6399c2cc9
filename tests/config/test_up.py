"""`manage.py up` runs the whole desk as one thing that starts whole and ends whole."""

import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from config.embedded.folders import Folders
from config.management.commands.up import Command, Stop
from tests.config.desk import Desk
from tests.waiting import wait_for

pytestmark = pytest.mark.faults

MakeDesk = Callable[..., Desk]


@pytest.fixture(scope="module")
def started_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk that was started and stopped once: the tables are made."""
    desk = Desk(tmp_path_factory.mktemp("before") / "a desk").start().wait_until_up()
    desk.send(signal.SIGTERM)
    assert desk.wait() == 0
    return desk.var


@pytest.fixture
def make_desk(tmp_path: Path, started_before: Path) -> Iterator[MakeDesk]:
    made: list[Desk] = []

    def make(name: str = "a desk", *, port: int | None = None, **settings: str) -> Desk:
        shutil.copytree(started_before, tmp_path / name)
        made.append(Desk(tmp_path / name, port=port, demo=False, **settings))
        return made[-1]

    yield make
    for desk in made:
        desk.end()


@pytest.fixture(scope="module")
def running_desk(tmp_path_factory: pytest.TempPathFactory, started_before: Path) -> Iterator[Desk]:
    """One desk for the tests that leave it as it was."""
    var = tmp_path_factory.mktemp("running") / "a desk"
    shutil.copytree(started_before, var)
    desk = Desk(var).start().wait_until_up()
    yield desk
    desk.end()


def execute(desk: Desk, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(Folders(desk.var).database_url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def test_desk_starts_whole_ends_whole_and_keeps_its_data(demo: Desk) -> None:
    desk = demo
    healthy = desk.health()
    lines = "\n".join(desk.processes().values())
    execute(desk, "CREATE TABLE kept AS SELECT 7 AS number")

    desk.send(signal.SIGTERM)
    status = desk.wait()

    assert healthy == (
        200,
        {"status": "ok", "web": "up", "database": "up", "redis": "up", "worker": "up"},
    )
    for part in ("config.asgi", "celery.* worker", " beat ", "bin/postgres", "redis.sock"):
        assert part.split(".*")[0] in lines
    assert "demo accounts" in desk.said()
    assert status == 0
    assert desk.processes() == {}

    desk.start().wait_until_up(within=40)

    assert execute(desk, "SELECT number FROM kept") == [(7,)]


def test_web_worker_and_beat_are_one_process_group(running_desk: Desk) -> None:
    groups = {
        os.getpgid(running_desk.pid_of(pattern))
        for pattern in (r"uvicorn config\.asgi", r"celery .* worker", r"celery .* beat")
    }

    assert len(groups) == 1


def test_ctrl_c_stops_everything_and_is_no_failure(make_desk: MakeDesk) -> None:
    desk = make_desk().start().wait_until_up()

    desk.send(signal.SIGINT)

    assert desk.wait() == 0
    assert desk.processes() == {}
    assert "stopped; the data stays" in desk.said()
    assert "Traceback" not in desk.said()


def test_ctrl_c_during_the_start_leaves_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk().start()
    wait_for(lambda: "starting in" in desk.said(), "the start has begun", within=30)

    desk.send(signal.SIGINT)

    assert desk.wait() == 0
    assert desk.processes() == {}
    assert "Traceback" not in desk.said()


def test_wish_to_stop_is_kept_where_python_forgets_the_exception() -> None:
    command = Command()
    command.wished_to_stop = threading.Event()
    command.wished_to_stop.set()

    with pytest.raises(Stop):
        command.watch(wait=0)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("web", r"uvicorn config\.asgi"), ("worker", "celery .* worker"), ("redis", r"redis\.sock")],
)
def test_death_of_one_child_stops_the_desk_with_one_line(
    make_desk: MakeDesk, name: str, pattern: str
) -> None:
    desk = make_desk().start().wait_until_up()

    os.kill(desk.pid_of(pattern), signal.SIGKILL)

    assert desk.wait() == 1
    assert f"anhao: {name} has ended (signal SIGKILL), so the desk stops." in desk.said()
    assert desk.processes() == {}


def test_desk_starts_again_after_all_its_processes_were_killed_at_once(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk().start().wait_until_up()
    execute(desk, "CREATE TABLE kept AS SELECT 7 AS number")
    for known in desk.processes():
        os.kill(known.pid, signal.SIGKILL)
    desk.wait()

    desk.start().wait_until_up(within=40)

    assert execute(desk, "SELECT number FROM kept") == [(7,)]
    assert desk.health()[0] == 200


def test_children_do_not_outlive_a_killed_supervisor(make_desk: MakeDesk) -> None:
    desk = make_desk().start().wait_until_up()

    desk.send(signal.SIGKILL)
    desk.wait()

    wait_for(lambda: not desk.processes(), "all children have ended", within=60)


def test_busy_port_is_named_before_anything_starts(make_desk: MakeDesk) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        desk = make_desk(port=port).start()

        assert desk.wait() == 1

    assert desk.said().strip() == (
        f"anhao: cannot listen on 127.0.0.1:{port} (address already in use); choose another PORT."
    )


def test_folder_that_cannot_be_written_is_named_in_one_line(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    desk = Desk(tmp_path / "file" / "var")
    desk.log = tmp_path / "log"

    desk.start()

    assert desk.wait() == 1
    assert "cannot create" in desk.said()
    assert len(desk.said().strip().splitlines()) == 1


def test_two_desks_run_side_by_side(make_desk: MakeDesk) -> None:
    one, other = make_desk("one").start(), make_desk("other").start()

    one.wait_until_up()
    other.wait_until_up()

    assert one.health()[0] == other.health()[0] == 200
    assert Folders(one.var).sockets != Folders(other.var).sockets


def test_second_desk_in_the_same_folder_is_refused(running_desk: Desk) -> None:
    second = Desk(running_desk.var)
    second.log = running_desk.var.with_name("second.log")

    second.start()

    assert second.wait() == 1
    assert f"another process ({running_desk.pid_of('manage.py up')}) works in" in second.said()
    assert running_desk.health()[0] == 200


def test_health_names_the_worker_that_is_silent(running_desk: Desk) -> None:
    worker = running_desk.pid_of("celery .* worker")

    os.kill(worker, signal.SIGSTOP)
    try:
        execute(
            running_desk,
            "UPDATE channels_ingest_heartbeat SET beat_at = beat_at - interval '16 seconds'",
        )
        status, parts = running_desk.health()
    finally:
        os.kill(worker, signal.SIGCONT)

    assert status == 503
    assert [name for name, state in parts.items() if state == "down"] == ["worker"]
    wait_for(lambda: running_desk.health()[0] == 200, "the worker is back")


def test_given_servers_are_used_and_none_is_started(
    tmp_path: Path, process_environment: dict[str, str]
) -> None:
    desk = Desk(
        tmp_path / "a desk",
        DATABASE_URL=process_environment["DATABASE_URL"],
        REDIS_URL=process_environment["REDIS_URL"],
        REDIS_PREFIX="anhao-given",
    ).start()
    try:
        desk.wait_until_up()

        assert desk.health()[0] == 200
        assert not (desk.var / "postgres").exists()
        assert "postgres" not in "".join(desk.processes().values())
    finally:
        desk.end()
