"""Make Celery's app known to every process that loads Django."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The project itself, installed for its `up` command and its health page."""

    name = "config"

    def ready(self) -> None:
        from config import celery  # noqa: F401 - importing it is enough: `shared_task` finds it
