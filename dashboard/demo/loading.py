"""Load the demo once, all of it or nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from tickets.models import User

from .doors import free_ports, make_channels
from .people import make_people
from .sandbox import write_forum
from .script import DATA, read_script
from .stage import Stage


class NoDemo(Exception):
    """This installation is no demo, so it must not get people whose password is printed."""


def sandbox_folder() -> Path:
    """Where the emulators of the demo keep what was written there."""
    return Path(settings.VAR_DIR) / "sandbox"


def load(*, now: datetime, stories: Path = DATA) -> Stage | None:
    """Fill an empty desk; None where there are people already. Raises NoDemo."""
    if not settings.DEMO:
        raise NoDemo
    with transaction.atomic(), _rare_collections():
        if User.objects.exists():
            return None
        users = make_people()
        channels = make_channels(free_ports(), now=now)
        script = read_script(now=now, zone=settings.TIME_ZONE, folder=stories)
        stage = Stage(script, channels=channels, users=users, now=now)
        stage.play()
        write_forum(sandbox_folder(), stage.letters.forum.posts)
    return stage


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage less often: the many short-lived queries made a tenth of the loading."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
