"""Errors as problem+json (RFC 9457): a type to program against, a title for people."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from ..access import NotAllowed
from ..actions.refusals import Refused


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem; None lets Django answer 500."""
    if isinstance(error, Refused):
        return _response(409, error.code, _("This cannot be done now."), dict(error.data))
    if isinstance(error, NotAllowed):
        return _response(403, "not_allowed", _("You may not do this."), {})
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        title = _("Some fields need mending.")
        answer = _response(400, "invalid", title, {"errors": response.data})
    elif isinstance(error, Http404):
        answer = _response(404, "not_found", _("There is no such thing, or not for you."), {})
    else:
        detail = getattr(error, "detail", "")
        code = getattr(error, "default_code", "error")
        answer = _response(response.status_code, str(code), str(detail), {})
    for header, value in response.headers.items():
        answer.headers.setdefault(header, value)
    return answer


def _response(status: int, code: str, title: str, more: dict[str, Any]) -> Response:
    body = {"type": f"urn:anhao:{code}", "title": title, "status": status, **more}
    return Response(body, status=status, content_type=ProblemRenderer.media_type)
