"""`make story` against a real demo: all is well, and where something is not, it says so."""

import os
import subprocess
import sys
import time

import pytest

from tests.config.desk import HOME, Desk

pytestmark = [pytest.mark.flow, pytest.mark.faults]


def command(desk: Desk, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the running desk as a person in another terminal does."""
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(desk.var), "PORT": str(desk.port)}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=HOME,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_story_holds_on_a_demo_and_fails_where_a_door_is_shut(demo: Desk) -> None:
    began = time.monotonic()
    told = command(demo, "story")
    seconds = time.monotonic() - began

    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 lost, 0 doubled" in told.stdout
    assert "killed (-9)" in told.stdout
    assert "\x1b" not in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 100
    assert seconds < 60
    assert not demo.ended()

    assert command(demo, "channel", "pause", "wechat").returncode == 0
    failed = command(demo, "story", "--patience", "12")
    assert command(demo, "channel", "resume", "wechat").returncode == 0

    assert failed.returncode == 1, failed.stdout
    assert "!! not within 12 s: the reply by wechat to be sent" in failed.stdout
    assert "1 differences" in failed.stderr


def test_story_without_a_desk_says_how_to_start_one(
    process_environment: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "story"],
        cwd=HOME,
        env={**process_environment, "PORT": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert "no desk answers at http://127.0.0.1:1: start it with `make run`" in done.stderr
