"""How much processor time the parts of a desk use: steadier than clocks on a busy machine."""

import os
from pathlib import Path
from typing import Final

from django.conf import settings

PARTS: Final = {
    "web": ("uvicorn",),
    "worker": ("celery", "worker"),
    "database": ("postgres",),
}
TICK: Final = 1000 / os.sysconf("SC_CLK_TCK")
OWN_TIMES: Final = slice(11, 15)  # user, system, and both of children that have ended


def used() -> dict[str, float]:
    """Return the milliseconds of processor time that each part has used since it began."""
    found = dict.fromkeys(PARTS, 0.0)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            told = command + (folder / "environ").read_bytes()
            times = (folder / "stat").read_text().rpartition(")")[2].split()[OWN_TIMES]
        except OSError:
            continue
        if any(mark in told for mark in marks()) and (part := part_of(command.decode())):
            found[part] += sum(map(int, times)) * TICK
    return found


def marks() -> tuple[bytes, ...]:
    """What stands in the environment or the command line of every process of this desk."""
    folders = settings.FOLDERS
    return (
        os.fsencode(f"VAR_DIR={folders.var}\0"),
        os.fsencode(folders.sockets),
        os.fsencode(folders.postgres_data),
    )


def part_of(command: str) -> str | None:
    return next((part for part, words in PARTS.items() if all(w in command for w in words)), None)
