"""Pages that are not for every role: whoever may not come in is told so."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.http import HttpResponse, HttpResponseBase

from dashboard.desk import AnyView, DeskRequest, DeskView, P, desk
from tickets.models import User


def only_for(
    may: Callable[[User], bool], refuse: Callable[[DeskRequest], HttpResponse]
) -> Callable[[DeskView[P]], AnyView[P]]:
    """Let those in who `may`; everybody else gets what `refuse` answers."""

    def guard(view: DeskView[P]) -> AnyView[P]:
        @wraps(view)
        def inner(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not may(request.user):
                return refuse(request)
            return view(request, *args, **kwargs)

        return desk(cast("DeskView[P]", inner))

    return guard
