"""Who may decide what is promised, and on record what they did."""

import logging
from functools import wraps
from typing import Any, cast

from django.http import HttpResponse, HttpResponseBase

from dashboard.desk import AnyView, DeskRequest, DeskView, P, desk, desk_page
from tickets.models import Role

logger = logging.getLogger(__name__)


def manages_service(view: DeskView[P]) -> AnyView[P]:
    """Let only managers in; everybody else is told so."""

    @wraps(view)
    def inner(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.role != Role.MANAGER:
            return service_page(request, "forbidden", {}, status=403)
        return view(request, *args, **kwargs)

    return desk(cast("DeskView[P]", inner))


def service_page(
    request: DeskRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """One of the pages about service levels."""
    template = f"dashboard/service/{name}.html"
    context |= {"section": "service"}
    return desk_page(request, template, context, current=None, status=status)


def note(request: DeskRequest, what: str, pk: int) -> None:
    """Put on record who did what to which policy or calendar."""
    logger.info("service: %s %s by user %s", what, pk, request.user.pk)
