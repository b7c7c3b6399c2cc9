"""Who may decide where cases go, and on record what they did."""

import logging
from typing import Any

from django.http import HttpResponse

from dashboard.desk import AnyView, DeskRequest, DeskView, P, desk_page
from dashboard.guards import only_for
from tickets.access import may_manage_routing

logger = logging.getLogger(__name__)


def manages_routing(view: DeskView[P]) -> AnyView[P]:
    """Let only leads and managers in; everybody else is told so."""
    return only_for(may_manage_routing, _forbidden)(view)


def routing_page(
    request: DeskRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """One of the pages about routing."""
    template = f"dashboard/routing/{name}.html"
    context |= {"section": "routing"}
    return desk_page(request, template, context, current=None, status=status)


def note(request: DeskRequest, what: str, pk: object) -> None:
    """Put on record who did what to which rule or person."""
    logger.info("routing: %s %s by user %s", what, pk, request.user.pk)


def _forbidden(request: DeskRequest) -> HttpResponse:
    return routing_page(request, "forbidden", {}, status=403)
