"""The map of the site: the desk at the root, /hooks/ and the doors, /api/v1/, /healthz."""

from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include("tickets.api.urls")),
    path("", include("channels_ingest.urls")),
    path("", include("dashboard.urls")),
]
