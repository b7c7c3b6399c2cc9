"""Views that do next to nothing, to be served and timed as the desk's own are."""

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def plain(request: HttpRequest) -> JsonResponse:
    """Read the body and say yes."""
    return JsonResponse({"length": len(request.body)}, status=202)


@csrf_exempt
def asking(request: HttpRequest) -> JsonResponse:
    """The same with one question to the database, and so with a connection to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return plain(request)


urlpatterns = [path("plain/", plain), path("asking/", asking)]
# The desk's own middleware, server and settings; only the map of the site is another.
application = get_asgi_application()
settings.ROOT_URLCONF = __name__
