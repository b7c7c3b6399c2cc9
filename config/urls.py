"""The map of the site: the desk at the root, /hooks/ and the doors, /api/v1/, /healthz."""

from django.urls import include, path

from config import openapi  # noqa: F401 - importing it is enough for the API's schema
from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include("tickets.api.urls")),
    path("", include("channels_ingest.urls")),
    path("", include("dashboard.urls")),
]

handler400 = "dashboard.views.errors.bad_request"
handler403 = "dashboard.views.errors.forbidden"
handler404 = "dashboard.views.errors.not_found"
handler500 = "dashboard.views.errors.broken"
