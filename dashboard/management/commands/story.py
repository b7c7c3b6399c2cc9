"""`manage.py story`: one problem at every door of the running demo, proved to be one case."""

import http.client
import time
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from dashboard.demo.doors import desk_url
from dashboard.demo.servers import is_demo
from dashboard.demo.story import Story
from tickets.models import Role, User

BOLD, GREEN, RED, PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


class Command(BaseCommand):
    """Ends with status 1 on any difference from what must happen."""

    help = "Send one problem by form, QQ, WeChat, forum and mail to the running demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patience",
            type=float,
            default=25.0,
            metavar="SECONDS",
            help="how long one step may take (default 25)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        self.is_plain = bool(options["no_color"]) or not self.stdout.isatty()
        agent = self._agent()
        self._write(f"The desk at {desk_url()}", BOLD)
        story = Story(agent, patience=options["patience"])
        with translation.override("en"):
            for line in story.tell():
                self._write(line, RED if "!!" in line else "" if line[0] == " " else BOLD)
        seconds = time.monotonic() - began
        if story.differences:
            raise CommandError(f"{len(story.differences)} differences, {seconds:.0f} s")
        self._write(f"One problem, five doors, one case: {story.number} ({seconds:.0f} s)", GREEN)

    def _agent(self) -> User:
        """Who answers. Raises CommandError where there is no running demo."""
        if not _answers(desk_url()):
            raise CommandError(f"no desk answers at {desk_url()}: start it with `make run`")
        agent = User.objects.filter(role=Role.MANAGER, is_active=True).order_by("pk").first()
        if not is_demo() or agent is None:
            raise CommandError("this desk is no demo: the story would be told to real vendors")
        return agent

    def _write(self, line: str, colour: str) -> None:
        self.stdout.write(line if self.is_plain or not colour else f"{colour}{line}{PLAIN}")
        self.stdout.flush()


def _answers(url: str) -> bool:
    """Whether a whole desk is up there."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
