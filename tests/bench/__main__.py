"""Run one bench on servers of its own: `python -m tests.bench live`, `chat` …"""

import argparse
import os
import tempfile
from importlib import import_module
from pathlib import Path

import django

from config.embedded.folders import Folders
from config.embedded.servers import Servers
from tests.bench.figures import print_pace
from tests.config.desk import free_port

BENCHES = ("live", "intake", "pages", "chat", "search")


def main() -> None:
    """Start PostgreSQL and Redis in a folder that goes with the run, then let a bench measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("bench", choices=BENCHES)
    chosen, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="anhao-bench-") as name:
        folders = Folders(Path(name))
        os.environ.update(environment(folders))
        with Servers(folders):
            # What a bench imports needs the settings, and those need the addresses from above.
            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0, interactive=False)
            print_pace()
            import_module(f"tests.bench.{chosen.bench}").main(rest)
            print_pace()


def environment(folders: Folders) -> dict[str, str]:
    """Return what this process and every one that it starts must know of the private desk."""
    return {
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "1",
        "VAR_DIR": str(folders.var),
        "PORT": str(free_port()),
        "DATABASE_URL": folders.database_url(),
        "REDIS_URL": folders.redis_url(),
        "LOG_LEVEL": "WARNING",
    }


if __name__ == "__main__":
    main()
