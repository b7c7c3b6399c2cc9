"""What is shown where no page can be: nothing here, not allowed, not understood, our own fault.

No database, no session and no user is asked: they may be what is broken.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template

PUBLIC = ("/support/", "/chat.js")
MACHINES = ("/api/", "/hooks/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.BAD_REQUEST, "unreadable")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN, "forbidden")


def outdated(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token against forged requests is missing or old: mostly a page left open for long."""
    return _answer(request, HTTPStatus.FORBIDDEN, "outdated")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same whether nothing is there or this person may not know of it."""
    return _answer(request, HTTPStatus.NOT_FOUND, "missing")


def broken(request: HttpRequest) -> HttpResponse:
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "broken")


def _answer(request: HttpRequest, status: HTTPStatus, what: str) -> HttpResponse:
    if request.path.startswith(MACHINES):
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    is_public = request.path.startswith(PUBLIC)
    name = "channels_ingest/web/error.html" if is_public else "dashboard/error.html"
    # Rendered without the request: what templates are given with it asks for the user.
    return HttpResponse(get_template(name).render({"what": what}), status=status)
