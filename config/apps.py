"""Make Celery's app, and what describes the API, known to every process that loads Django."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The project itself, installed for its `up` command and its health page."""

    name = "config"

    def ready(self) -> None:
        # Importing them is enough: `shared_task` finds the app, the schema its extension.
        from config import celery, openapi  # noqa: F401
