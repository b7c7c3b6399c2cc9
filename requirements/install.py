"""Make the virtual environment `.venv` and put the named requirement sets into it.

Needs nothing but some Python 3, to say in one line what is missing.
Usage: python3 requirements/install.py runtime [test] [lint]
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
HOME = Path(__file__).resolve().parent.parent
VENV = HOME / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = (str(PYTHON), "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check")


def main(sets):
    """Install each of the named sets and compile the translations."""
    check_python()
    try:
        if not environment_works():
            make_environment()
        for name in sets:
            install(name)
    except OSError as error:
        stop(f"cannot write to {error.filename or VENV}: {error.strerror}")
    run((PYTHON, "-m", "config.catalogues", "compile"), "the translations could not be compiled")


def check_python():
    """Stop unless this Python can run Anhao and make environments."""
    mine = sys.version_info[:2]
    name = ".".join(map(str, mine))
    if not OLDEST <= mine <= NEWEST:
        stop(
            f"Python {name} cannot run it; 3.11, 3.12 and 3.13 can. "
            "If you have one under another name, say so: make run PYTHON=python3.12"
        )
    # Debian ships the module venv without what it needs.
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        stop(
            "this Python cannot make virtual environments. "
            f"On Debian or Ubuntu: apt install python{name}-venv"
        )


def environment_works():
    """Tell whether the environment exists, is whole, and was made in this place."""
    if not PYTHON.exists():
        return False
    asked = subprocess.run(
        (PYTHON, "-c", "import pip, sys; print(sys.prefix)"),
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.returncode == 0 and asked.stdout.strip() == str(VENV)


def make_environment():
    """Make it anew; what is left of an earlier try goes."""
    say("making the environment .venv")
    shutil.rmtree(str(VENV), ignore_errors=True)
    run((sys.executable, "-m", "venv", VENV), "the environment could not be made")


def install(name):
    """Install one locked set, unless exactly this one is in already."""
    path = HOME / "requirements" / f"{name}.txt"
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    stamp = VENV / f"installed-{name}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing the {name} packages")
    run(
        (*PIP, "install", "--require-hashes", "--only-binary=:all:", "--requirement", path),
        "the packages could not be installed; what pip says is above",
    )
    stamp.write_text(wanted)


def run(command, complaint):
    """Run a program; stop with the complaint if it fails."""
    if subprocess.run([str(word) for word in command], cwd=str(HOME), check=False).returncode:
        stop(complaint)


def say(line):
    print(f"anhao: {line}", flush=True)


def stop(line):
    sys.exit(f"anhao: {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
