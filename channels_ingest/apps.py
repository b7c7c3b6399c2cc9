"""The outside world: how each channel speaks."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"
    verbose_name = _("Channels")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Importing connects it; before this moment no model may be imported.
        from . import accounts, receivers  # noqa: F401
        from .web.chat import live  # noqa: F401

        post_migrate.connect(accounts.refresh_capabilities, sender=self)
