"""`make install` says in one line what a machine lacks."""

import os
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
INSTALL = HOME / "requirements" / "install.py"


def test_python_without_ensurepip_is_told_which_package_to_install() -> None:
    # A Python that finds no such module, as Debian's does without its package.
    without = (
        "import importlib.util, runpy, sys; find = importlib.util.find_spec; "
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else find(name); "
        f"sys.argv = ['x', 'runtime']; runpy.run_path({str(INSTALL)!r}, run_name='__main__')"
    )

    tried = subprocess.run(
        [sys.executable, "-c", without], capture_output=True, text=True, check=False
    )

    name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    assert tried.returncode == 1
    assert tried.stderr.strip() == (
        "anhao: this Python cannot make virtual environments. "
        f"On Debian or Ubuntu: apt install {name}"
    )


def test_python_that_is_too_old_is_refused_by_its_number() -> None:
    old = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); "
        f"sys.argv = ['install.py']; runpy.run_path({str(INSTALL)!r}, run_name='__main__')"
    )

    tried = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True, check=False)

    assert tried.returncode == 1
    assert tried.stderr.startswith("anhao: Python 3.9 cannot run it; 3.11, 3.12 and 3.13 can.")


def test_help_names_every_command() -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=HOME, capture_output=True, text=True, check=False, env=plain()
    )

    for command in ("install", "run", "test", "check", "help"):
        assert f"make {command} " in shown.stdout


def plain() -> dict[str, str]:
    """Return an environment without a locale and without the make that may run these tests."""
    return {"PATH": os.environ["PATH"]}
