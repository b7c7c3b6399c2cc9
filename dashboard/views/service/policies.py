"""The policies: all of them at a glance, one of them as a form."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest
from tickets.actions import service as actions
from tickets.actions.seeding import unfinished_years
from tickets.models import ServiceCalendar, ServicePolicy

from .forms import PolicyForm
from .guard import manages_service, note, service_page


@require_GET
@manages_service
def overview(request: DeskRequest) -> HttpResponse:
    """Every policy and every calendar, and which years' holidays are missing."""
    policies = ServicePolicy.objects.select_related("calendar", "channel", "escalate_team")
    this_year = timezone.localdate().year
    calendars = [
        (each, unfinished_years(each, [this_year, this_year + 1]))
        for each in ServiceCalendar.objects.order_by("name")
    ]
    context = {"policies": policies.order_by("name"), "calendars": calendars}
    return service_page(request, "overview", context)


@require_http_methods(["GET", "POST"])
@manages_service
def new_policy(request: DeskRequest) -> HttpResponse:
    return _form(request, ServicePolicy())


@require_http_methods(["GET", "POST"])
@manages_service
def policy(request: DeskRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(ServicePolicy, pk=pk))


@require_POST
@manages_service
def policy_removal(request: DeskRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ServicePolicy, pk=pk)
    actions.remove_policy(found)
    note(request, "removed policy", pk)
    toasts.push_text(request, _("Removed. The clocks follow in a moment."))
    return redirect("dashboard:service")


def _form(request: DeskRequest, found: ServicePolicy) -> HttpResponse:
    name = found.name
    form = PolicyForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        saved = actions.save_policy(form.save(commit=False))
        note(request, "saved policy", saved.pk)
        toasts.push_text(request, _("Saved. The clocks follow in a moment."))
        return redirect("dashboard:service")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "policy": found, "name": name}
    return service_page(request, "policy", context, status=status)
