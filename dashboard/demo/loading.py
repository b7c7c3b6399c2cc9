"""Load the demo once, all of it or nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from tickets.models import Conversation, User

from .doors import kept_wiring, make_channels
from .help import make_help, open_help
from .macros import set_up_macros
from .memory import write_forum
from .people import make_people
from .routing import set_up_routing
from .script import DATA, read_script
from .stage import Stage

# How long each vendor takes answers to a message.
WINDOWS = {"qq": timedelta(hours=1), "wechat": timedelta(hours=48), "weibo": timedelta(hours=48)}


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
        channels = make_channels(kept_wiring(), now=now)
        script = read_script(now=now, zone=settings.TIME_ZONE, folder=stories)
        open_help(now=now)
        stage = Stage(script, channels=channels, users=users, now=now)
        stage.play()
        make_help(users=users, now=now)
        set_up_routing(users)
        set_up_macros(users, now)
        _close_windows()
        write_forum(sandbox_folder(), stage.letters.forum.posts)
    return stage


def _close_windows() -> None:
    """Put on record until when vendors took answers to old chats: they remember none of these."""
    for slug, window in WINDOWS.items():
        chats = Conversation.objects.filter(channel__slug=slug)
        chats.update(reply_until=F("last_inbound_at") + window)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage less often: the many short-lived queries made a tenth of the loading."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
