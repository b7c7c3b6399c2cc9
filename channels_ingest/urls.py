"""The addresses that vendors call, and the pages that customers open."""

from django.urls import include, path

from . import webhooks
from .web.chat import pages as chat
from .web.help import engines

app_name = "channels_ingest"
urlpatterns = [
    path("hooks/<slug:slug>/", webhooks.receive, name="hook"),
    path("hooks/<slug:slug>/outbox/", webhooks.fetch_outbox, name="outbox"),
    path("hooks/<slug:slug>/<slug:key>/", webhooks.receive, name="keyed_hook"),
    path("robots.txt", engines.robots, name="robots"),
    path("sitemap.xml", engines.sitemap, name="sitemap"),
    path("chat.js", chat.launcher, name="chat_launcher"),
    path("support/", include("channels_ingest.web.urls")),
]
