"""The addresses of the sandbox page; outside a demo there are none."""

from django.conf import settings
from django.urls import URLPattern, path


def routes() -> list[URLPattern]:
    """The page and what is done on it, or nothing where DEMO is off."""
    if not settings.DEMO:
        return []
    from dashboard.views import sandbox

    return [
        path("sandbox/", sandbox.page, name="sandbox"),
        path("sandbox/chats/", sandbox.chats, name="sandbox_chats"),
        path("sandbox/start/", sandbox.start, name="sandbox_start"),
        path("sandbox/<slug:slug>/messages/", sandbox.write, name="sandbox_write"),
        path("sandbox/<slug:slug>/troubles/", sandbox.trouble, name="sandbox_trouble"),
    ]
