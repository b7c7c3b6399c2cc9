"""The people who are given cases: what they can do, how much at once, whether they are away."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk
from dashboard.languages import language_name
from dashboard.words import refusal_in_words
from tickets.actions import routing
from tickets.actions.refusals import Refused
from tickets.models import User
from tickets.queries.routing import loads_of, people_for

from .forms import AwayForm, PersonForm
from .guard import manages_routing, note, routing_page


@dataclass(frozen=True, slots=True)
class PersonOnScreen:
    person: User
    teams: str
    languages: str
    load: int
    is_away: bool
    is_full: bool


@require_GET
@manages_routing
def people(request: DeskRequest) -> HttpResponse:
    now = timezone.now()
    found = list(people_for(request.user))
    loads = loads_of(each.pk for each in found)
    shown = [
        PersonOnScreen(
            person=each,
            teams=_(", ").join(team.name for team in each.teams.all()),
            languages=_(", ").join(map(language_name, each.languages)),
            load=loads.get(each.pk, 0),
            is_away=each.is_away(now),
            is_full=each.load_limit is not None and loads.get(each.pk, 0) >= each.load_limit,
        )
        for each in found
    ]
    return routing_page(request, "people", {"people": shown})


@require_http_methods(["GET", "POST"])
@manages_routing
def person(request: DeskRequest, pk: int) -> HttpResponse:
    """Skills, languages and limit of one person; a lead's are those of their own teams."""
    found = get_object_or_404(people_for(request.user), pk=pk)
    form = PersonForm(request.POST or None, person=found)
    if request.method == "POST" and form.is_valid():
        routing.set_working(person=found, **form.cleaned_data)
        note(request, "set person", pk)
        toasts.push_text(request, _("Saved."))
        return redirect("dashboard:routing_people")
    skills = {skill for each in people_for(request.user) for skill in each.skills}
    context = {"form": form, "person": found, "skills": sorted(skills)}
    return routing_page(request, "person", context, status=422 if form.errors else 200)


@require_POST
@manages_routing
def person_away(request: DeskRequest, pk: int) -> HttpResponse:
    """Say for somebody that they are away, or back."""
    found = get_object_or_404(people_for(request.user), pk=pk)
    _set_away(request, found)
    note(request, "set presence of person", pk)
    return redirect("dashboard:routing_people")


@require_POST
@desk
def away(request: DeskRequest) -> HttpResponse:
    """Everybody's own switch: away, until a moment or until one is back."""
    _set_away(request, request.user)
    return redirect("dashboard:inbox")


def _set_away(request: DeskRequest, who: User) -> None:
    if request.POST.get("back"):
        routing.come_back(person=who)
        toasts.push_text(request, _("Back: cases are given again."))
        return
    form = AwayForm(request.POST)
    until = form.cleaned_data["until"] if form.is_valid() else None
    if not form.is_valid():
        toasts.push_text(request, _("This moment cannot be read."))
        return
    try:
        routing.go_away(person=who, until=until, now=timezone.now())
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
    else:
        toasts.push_text(request, _("Away: no cases are given until the end of it."))
