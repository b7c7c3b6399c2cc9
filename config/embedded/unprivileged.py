"""Run PostgreSQL, which refuses to be root, for a root who must not widen any permission."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.env import refuse

UNMAPPED = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
HOME_OF_OTHERS = Path("/var/lib/anhao")


@dataclass(frozen=True, slots=True)
class Stage:
    """How and where PostgreSQL runs: words before its command, binaries, data, owner."""

    prefix: tuple[str, ...]
    binaries: Path
    data: Path
    owner: int | None = None
    note: str = ""


def stage(*, binaries: Path, data: Path, mark: str) -> Stage:
    """Choose a stage for the user who runs this process.

    An ordinary user needs nothing. Root runs the server in a user namespace in which root is not
    root: files stay root's. Where the kernel refuses namespaces (many containers), an unprivileged
    account owns the data, outside of the folders that only root may enter.
    """
    if os.geteuid() != 0:
        return Stage((), binaries, data)
    if _namespaces_work():
        return Stage(tuple(UNMAPPED), binaries, data)
    return _as_somebody_else(binaries=binaries, mark=mark)


def _namespaces_work() -> bool:
    if not shutil.which("unshare"):
        return False
    tried = subprocess.run([*UNMAPPED, "true"], capture_output=True, check=False)
    return tried.returncode == 0


def _as_somebody_else(*, binaries: Path, mark: str) -> Stage:
    account = _account()
    if not shutil.which("setpriv"):
        refuse("PostgreSQL cannot run as root; start as an ordinary user or set DATABASE_URL.")
    home = HOME_OF_OTHERS / mark
    HOME_OF_OTHERS.mkdir(mode=0o711, parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    os.chown(home, account.pw_uid, account.pw_gid)
    reachable = binaries if _anybody_reaches(binaries) else _copied(binaries, home)
    return Stage(
        (
            "setpriv",
            f"--reuid={account.pw_uid}",
            f"--regid={account.pw_gid}",
            "--clear-groups",
            "--no-new-privs",
            "--pdeathsig=INT",  # changing the user has cleared what processes.start asked for
        ),
        reachable,
        home / "postgres",
        owner=account.pw_uid,
        note=f"PostgreSQL runs as {account.pw_name} and keeps its data in {home}",
    )


def _account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    refuse("no unprivileged account for PostgreSQL; start as an ordinary user or set DATABASE_URL.")


def _anybody_reaches(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def _copied(binaries: Path, home: Path) -> Path:
    """Copy the server with the libraries that it finds beside its package."""
    package = binaries.parents[1]
    for folder in (binaries.parent, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            target = home / "program" / folder.relative_to(package.parent)
            shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)
    return home / "program" / binaries.relative_to(package.parent)
