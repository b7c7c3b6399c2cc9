"""One calendar: its week, its special days, and what a promise comes to by it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest
from dashboard.words import refusal_in_words
from tickets.actions import service as actions
from tickets.actions.refusals import Refused
from tickets.actions.seeding import seed, unfinished_years
from tickets.clocks import add
from tickets.models import DayKind, ServiceCalendar
from tickets.queries.service import read_calendar

from .forms import CalendarForm, DayForm, TrialForm
from .guard import manages_service, note, service_page

OFFICE = ["09:00-18:00"] * 5 + ["", ""]


@require_http_methods(["GET", "POST"])
@manages_service
def new_calendar(request: DeskRequest) -> HttpResponse:
    zone = timezone.get_current_timezone_name()
    return _form(request, ServiceCalendar(time_zone=zone, week=OFFICE))


@require_http_methods(["GET", "POST"])
@manages_service
def calendar(request: DeskRequest, pk: int) -> HttpResponse:
    return _form(request, _found(pk))


@require_POST
@manages_service
def days(request: DeskRequest, pk: int) -> HttpResponse:
    """Say by hand what a day is."""
    found, form = _found(pk), DayForm(request.POST)
    if not form.is_valid():
        return _page(request, found, day_form=form, status=422)
    given = form.cleaned_data
    actions.set_day(calendar=found, **given)
    note(request, f"set {given['day']} of calendar", pk)
    return redirect(_year_of(found, given["day"].year))


@require_POST
@manages_service
def day_removal(request: DeskRequest, pk: int, day_pk: int) -> HttpResponse:
    """Take back what was said of a day by hand; a day of the table becomes like its weekday."""
    found = _found(pk)
    day = get_object_or_404(found.days, pk=day_pk)
    if day.source == "hand":
        actions.forget_day(calendar=found, day=day.day)
    else:
        actions.set_day(calendar=found, day=day.day, kind=DayKind.ORDINARY, name=day.name)
    note(request, f"took back {day.day} of calendar", pk)
    return redirect(_year_of(found, day.day.year))


@require_POST
@manages_service
def seeding(request: DeskRequest, pk: int) -> HttpResponse:
    """Take over what the maintained table knows of a year."""
    found, year = _found(pk), _year(request.POST.get("year", ""))
    try:
        (seeded,) = seed(calendar=found, years=[year])
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        said = _("%(year)d: %(holidays)d holidays and %(working)d make-up working days are known.")
        known = {"year": year, "holidays": seeded.holidays, "working": seeded.working}
        toasts.push_text(request, said % known)
        note(request, f"seeded {year} of calendar", pk)
    return redirect(_year_of(found, year))


@require_POST
@manages_service
def calendar_removal(request: DeskRequest, pk: int) -> HttpResponse:
    try:
        actions.remove_calendar(_found(pk))
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
        return redirect("dashboard:calendar", pk)
    note(request, "removed calendar", pk)
    return redirect("dashboard:service")


def _form(request: DeskRequest, found: ServiceCalendar) -> HttpResponse:
    if request.method != "POST":
        return _page(request, found)
    form = CalendarForm(request.POST, calendar=found)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        saved = actions.save_calendar(form.filled())
    except Refused as refused:
        form.add_error(None, refusal_in_words(refused))
        return _page(request, found, form=form, status=422)
    note(request, "saved calendar", saved.pk)
    toasts.push_text(request, _("Saved. The clocks follow in a moment."))
    return redirect("dashboard:calendar", saved.pk)


def _page(
    request: DeskRequest,
    found: ServiceCalendar,
    *,
    form: CalendarForm | None = None,
    day_form: DayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.localtime()
    year = _year(request.GET.get("year", "") or str(now.year))
    years = [now.year, now.year + 1]
    context: dict[str, Any] = {
        "calendar": found,
        "form": form or CalendarForm(calendar=found),
        "day_form": day_form or DayForm(),
        "year": year,
        "years": sorted({*years, year}),
    }
    if found.pk:
        context["days"] = found.days.filter(day__year=year).order_by("day")
        context["unfinished"] = unfinished_years(found, [*years, year])
        context["trial"], context["due"] = _tried(request, found, now)
    return service_page(request, "calendar", context, status=status)


def _tried(
    request: DeskRequest, found: ServiceCalendar, now: datetime
) -> tuple[TrialForm, datetime | None]:
    """When a promise would be due; what was typed is meant in the time of who asks."""
    given = request.GET if "received" in request.GET else None
    form = TrialForm(given, now=now)
    if given is None or not form.is_valid():
        return form, None
    calendar = read_calendar(ServiceCalendar.objects.get(pk=found.pk))
    return form, add(calendar, form.cleaned_data["received"], form.promised)


def _found(pk: int) -> ServiceCalendar:
    return get_object_or_404(ServiceCalendar, pk=pk)


def _year(text: str) -> int:
    """A year that calendars speak of. Raises Http404."""
    if not (text.isascii() and text.isdigit() and 2000 <= int(text[:5]) <= 2100):
        raise Http404
    return int(text)


def _year_of(found: ServiceCalendar, year: int) -> str:
    return f"{reverse('dashboard:calendar', args=[found.pk])}?year={year}"
