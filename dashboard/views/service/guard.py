"""Who may decide what is promised, and on record what they did."""

import logging
from typing import Any

from django.http import HttpResponse

from dashboard.desk import AnyView, DeskRequest, DeskView, P, desk_page
from dashboard.guards import only_for
from tickets.access import may_manage_service

logger = logging.getLogger(__name__)


def manages_service(view: DeskView[P]) -> AnyView[P]:
    """Let only managers in; everybody else is told so."""
    return only_for(may_manage_service, _forbidden)(view)


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


def _forbidden(request: DeskRequest) -> HttpResponse:
    return service_page(request, "forbidden", {}, status=403)
