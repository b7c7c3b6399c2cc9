"""Calls: an agent on the line writes down what is said, and is led to the case."""

import time
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from channels_ingest import api
from dashboard import toasts
from dashboard.desk import DeskRequest, desk, desk_page
from dashboard.forms import CallForm
from tickets.access import may_change, visible_tickets
from tickets.models import Alias, Channel, Ticket

from .lookup import ticket_url

SALT = "dashboard.call"
LIVES = 24 * 3600  # seconds in which the page of a call may be opened again
WORKER_TAKES = 1.0  # seconds after which we no longer wait for a worker to read the call
LOOK_EVERY = 0.05


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def new(request: DeskRequest) -> HttpResponse:
    """Show the form, or store the call and go to its case once a worker has read it."""
    if not may_change(request.user):
        raise Http404
    lines = _lines()
    if request.method != "POST":
        return _shown(request, CallForm(None, lines, initial=_initial(request)))
    form = CallForm(request.POST, lines)
    if not form.is_valid():
        return _shown(request, form, status=422)
    given = form.cleaned_data
    try:
        number = api.record_call(
            channel=given["channel"],
            form=given["client_key"],
            caller=given["number"],
            name=given["name"],
            notes=given["notes"],
            case_number=given["case_number"],
            language=given["language"],
            call_back_at=given["call_back_at"],
            taken_by=request.user,
            now=timezone.now(),
        )
    except api.BadNumber:
        form.add_error("number", _("This is no telephone number. Digits and a leading + are."))
        return _shown(request, form, status=422)
    return _go_on(request, number)


@require_safe
@desk
def filed(request: DeskRequest, token: str) -> HttpResponse:
    """A call that no worker has read yet: it says so, looks again, and then leads to the case."""
    number = _read(token)
    ticket = _case_of(number)
    if ticket is not None:
        return _arrive(request, ticket)
    return desk_page(request, "dashboard/phone/filed.html", {"number": number}, current=None)


def _go_on(request: DeskRequest, number: str) -> HttpResponse:
    until = time.monotonic() + WORKER_TAKES
    while (ticket := _case_of(number)) is None and time.monotonic() < until:
        time.sleep(LOOK_EVERY)
    if ticket is not None:
        return _arrive(request, ticket)
    return redirect("dashboard:filed_call", token=signing.dumps(number, salt=SALT))


def _arrive(request: DeskRequest, ticket: Ticket) -> HttpResponse:
    if not visible_tickets(request.user).filter(pk=ticket.pk).exists():
        toasts.push(request, "moved_away")
        return redirect("dashboard:inbox")
    return redirect(ticket_url(ticket.number))


def _case_of(number: str) -> Ticket | None:
    """The case in which a call stands, once it does."""
    alias = Alias.objects.filter(number=number).select_related("ticket").first()
    ticket = alias.ticket if alias else None
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = Ticket.objects.get(pk=ticket.merged_into_id)
    return ticket


def _read(token: str) -> str:
    try:
        return str(signing.loads(token, salt=SALT, max_age=LIVES))
    except signing.BadSignature as error:
        raise Http404 from error


def _lines() -> QuerySet[Channel]:
    return Channel.objects.filter(kind="phone", is_paused=False).order_by("pk")


def _initial(request: DeskRequest) -> dict[str, str]:
    """What a telephone system that opens this page may know already."""
    known = {name: request.GET.get(name, "") for name in ("number", "name", "case_number")}
    return {**known, "client_key": uuid4().hex, "language": settings.LANGUAGE_CODE}


def _shown(request: DeskRequest, form: CallForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "has_line": _lines().exists(), "section": "phone"}
    return desk_page(request, "dashboard/phone/new.html", context, current=None, status=status)
