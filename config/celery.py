"""The Celery app, and the sign of life that its worker leaves in the database."""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging, worker_process_init
from celery.worker.consumer.tasks import Tasks
from django.db import DatabaseError, connection, connections
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

BEAT_EVERY = 5.0
KEEP_CONNECTION = 600  # seconds
logger = logging.getLogger(__name__)

# Whoever starts the desk as root knows it. What the warning is about, pickled tasks, is off here.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("anhao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def keep_connections(**_: object) -> None:
    """A worker's process has one thread: signing in to the database for each task is waste."""
    connections.databases["default"]["CONN_MAX_AGE"] = KEEP_CONNECTION


@setup_logging.connect
def keep_logging_of_settings(**_: object) -> None:
    """Take Celery's own log set-up out of the way: Django has applied ours already."""


class Heartbeat(bootsteps.StartStopStep):
    """Write a row every few seconds from the worker's main process.

    A timer in the loop that takes tasks from the broker, not a thread: the row then tells that the
    loop turns and has its broker, and no connection is open while the pool forks its children.
    """

    requires = (Tasks,)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        forget_the_dead()
        beat(consumer.hostname)
        self._timer = consumer.timer.call_repeatedly(BEAT_EVERY, beat, (consumer.hostname,))

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def terminate(self, consumer: Any) -> None:
        self.stop(consumer)


def beat(name: str) -> None:
    """Note that this worker is alive. A database that is away is no reason to stop working."""
    from channels_ingest.models import Heartbeat as Row

    with _database_may_be_away():
        Row.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


def forget_the_dead() -> None:
    """Drop the rows of workers that ended long ago; hosts in a cluster have ever new names."""
    from channels_ingest.models import Heartbeat as Row

    with _database_may_be_away():
        Row.objects.filter(beat_at__lt=timezone.now() - timedelta(days=1)).delete()


@contextlib.contextmanager
def _database_may_be_away() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        logger.warning("no heartbeat: %s", error)
    finally:
        connection.close()


app.steps["consumer"].add(Heartbeat)
