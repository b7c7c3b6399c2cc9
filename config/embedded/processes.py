"""Start, recognise and end the processes of one desk."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1
CHECK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Known:
    """A process as it was recorded: a pid alone may meanwhile belong to somebody else."""

    pid: int
    birth: str

    @property
    def lives(self) -> bool:
        return birth_of(self.pid) == self.birth


def birth_of(pid: int) -> str:
    """Return what tells this process from a later one with the same pid; empty if it is gone.

    A zombie counts as gone: it holds nothing any more, and its parent may reap it late.
    """
    return _birth_from_proc(pid) if PROC.is_dir() else _birth_from_ps(pid)


def _birth_from_proc(pid: int) -> str:
    try:
        line = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    # The name stands in brackets and may contain anything, so count from the last bracket.
    fields = line.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else f"{boot} {fields[19]}"


def _birth_from_ps(pid: int) -> str:
    state, _, born = _ask_ps(pid, "stat=,lstart=").decode("ascii", "replace").partition(" ")
    return "" if state.startswith("Z") else born.strip()


def command_line(pid: int) -> bytes:
    """Return the words with which a process was started, joined by any single byte."""
    if not PROC.is_dir():
        return _ask_ps(pid, "command=")
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes()
    return b""


def _ask_ps(pid: int, columns: str) -> bytes:
    asked = subprocess.run(
        ["ps", "-ww", "-o", columns, "-p", str(pid)], capture_output=True, check=False
    )
    return asked.stdout.strip()


class Register:
    """A folder with one small file for each process that this desk has running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, pid: int) -> None:
        """Remember a process that was just started."""
        (self.folder / f"{name}.pid").write_text(f"{pid} {birth_of(pid)}", encoding="ascii")

    def forget(self, name: str) -> None:
        """Drop a process that has ended."""
        (self.folder / f"{name}.pid").unlink(missing_ok=True)

    def survivors(self) -> dict[str, Known]:
        """Return the recorded processes that still run, by name."""
        found = {path.stem: _read(path) for path in sorted(self.folder.glob("*.pid"))}
        return {name: known for name, known in found.items() if known is not None and known.lives}

    def end_survivors(self, *, patience: float = 20) -> list[str]:
        """End what an earlier supervisor left running, and return the names of those processes."""
        left = self.survivors()
        for name, known in left.items():
            _signal(known.pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
        if not wait_until(lambda: not any(known.lives for known in left.values()), patience):
            for known in left.values():
                if known.lives:
                    _signal(known.pid, signal.SIGKILL)
            wait_until(lambda: not any(known.lives for known in left.values()), patience)
        for path in self.folder.glob("*.pid"):
            path.unlink(missing_ok=True)
        return list(left)


def _read(path: Path) -> Known | None:
    pid, _, birth = path.read_text(encoding="ascii", errors="replace").partition(" ")
    return Known(int(pid), birth) if pid.isdigit() and birth else None


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def wait_until(holds: Callable[[], bool], patience: float) -> bool:
    """Check until it holds or patience (in seconds) is spent; say which."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(CHECK_EVERY)
    return True


def start(
    command: Sequence[str | os.PathLike[str]],
    *,
    output: int,
    group: int = 0,
    on_orphaned: int = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a process group that a terminal's Ctrl-C does not reach.

    `group` 0 opens a new group. On Linux the kernel sends `on_orphaned` when the parent dies.
    """
    return subprocess.Popen(
        [os.fspath(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output == subprocess.PIPE else output,
        env=None if environment is None else dict(environment),
        cwd=folder,
        process_group=group,
        preexec_fn=_die_with_parent(on_orphaned),  # noqa: PLW1509 - it takes no lock
    )


def _die_with_parent(number: int) -> Callable[[], None] | None:
    """Return what the child has to do before it becomes the program. Linux only."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask_for_signal() -> None:
        library.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew of our wish
            os._exit(1)

    return ask_for_signal


def stop(child: subprocess.Popen[bytes], steps: Iterable[tuple[int, float]]) -> None:
    """Send each signal in turn until the child has ended, giving each so many seconds."""
    for number, patience in steps:
        if child.poll() is not None:
            return
        _signal(child.pid, number)
        wait_until(lambda: child.poll() is not None, patience)


def kill_group(group: int) -> None:
    """Kill whatever is left of a process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
