"""A management command finds servers: those that run, or its own for as long as it runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded.folders import Folders
from config.embedded.processes import Register
from config.embedded.servers import Servers

HOME = Path(__file__).resolve().parents[2]
COUNT_USERS = "from tickets.models import User; print('users:', User.objects.count())"

pytestmark = pytest.mark.faults


def manage(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=HOME,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(var)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_command_in_a_fresh_folder_brings_its_own_servers_and_takes_them_along(
    tmp_path: Path,
) -> None:
    ran = manage(tmp_path / "var", "shell", "-v", "0", "-c", COUNT_USERS)

    assert "users: 0" in ran.stdout, ran.stderr
    assert Register(tmp_path / "var" / "run").survivors() == {}


def test_command_uses_the_servers_that_run(tmp_path: Path) -> None:
    with Servers(Folders(tmp_path / "var")) as servers:
        migrated = manage(tmp_path / "var", "migrate", "--verbosity", "0")
        ran = manage(tmp_path / "var", "shell", "-v", "0", "-c", COUNT_USERS)
        running = servers.register.survivors()

    assert migrated.returncode == 0, migrated.stderr
    assert "users: 0" in ran.stdout, ran.stderr
    assert set(running) == {"postgres", "redis"}


def test_help_needs_no_servers(tmp_path: Path) -> None:
    ran = manage(tmp_path / "var", "help")

    assert ran.returncode == 0
    assert not (tmp_path / "var" / "postgres").exists()
