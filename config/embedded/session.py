"""Give a single management command the embedded servers for as long as it runs."""

import contextlib
import sys
from collections.abc import Iterator

from config.embedded.servers import Servers, Taken

WITHOUT_SERVERS = frozenset({"up", "help", "version", "check", "collectstatic", "spectacular"})
ABOUT_MIGRATIONS = frozenset({"migrate", "makemigrations", "showmigrations", "sqlmigrate"})


@contextlib.contextmanager
def servers_for(command: str) -> Iterator[None]:
    """Start PostgreSQL and Redis, with tables up to date, unless they run or are given by URL.

    So `manage.py predict` works in a fresh clone just as beside a running desk.
    """
    if not command or command.startswith("-") or command in WITHOUT_SERVERS:
        yield
        return
    from django.conf import settings

    servers = Servers(
        settings.FOLDERS,
        database=settings.EMBEDDED_DATABASE,
        broker=settings.EMBEDDED_REDIS,
        say=lambda line: print(f"anhao: {line}", file=sys.stderr),  # noqa: T201
    )
    with contextlib.ExitStack() as stack:
        if settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS:
            # Taken means that a desk runs here, with servers that we may use too.
            with contextlib.suppress(Taken):
                stack.enter_context(servers)
        if servers.children and command not in ABOUT_MIGRATIONS:
            bring_tables_up_to_date()
        yield


def bring_tables_up_to_date() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
