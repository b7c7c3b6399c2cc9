"""All macros that somebody may change, and one of them as a form with what it will say."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels_ingest import api
from dashboard import toasts
from dashboard.desk import DeskRequest, desk_page
from dashboard.guards import only_for
from dashboard.macro_values import filled, working_hours
from dashboard.views.channels.rows import kind_on_screen
from dashboard.views.lookup import prefix
from dashboard.words import refusal_in_words
from dashboard.words.composer import actions_in_words
from tickets.access import may_change
from tickets.actions import macros as acting
from tickets.actions.refusals import Refused
from tickets.macros import VARIABLES, Actions
from tickets.models import Macro, Team
from tickets.queries.macros import macros_for, macros_to_edit, text_for

from .forms import TEXTS, MacroForm

SAMPLE_DIGITS = "4821-0937-10"


@dataclass(frozen=True, slots=True)
class MacroOnScreen:
    row: Macro
    text: str
    does: str
    may_edit: bool


def _refused(request: DeskRequest) -> HttpResponse:
    return _page(request, "forbidden", {}, status=403)


writes_macros = only_for(may_change, _refused)


@require_GET
@writes_macros
def listing(request: DeskRequest) -> HttpResponse:
    teams = dict(Team.objects.values_list("pk", "name"))
    own = list(macros_to_edit(request.user))
    offered = macros_for(request.user).select_related("team").exclude(pk__in=[e.pk for e in own])
    shown = [
        MacroOnScreen(
            row=row,
            text=text_for(row, get_language() or ""),
            does=actions_in_words(Actions.read(row.actions), teams),
            may_edit=may_edit,
        )
        for rows, may_edit in ((own, True), (offered, False))
        for row in rows
    ]
    return _page(request, "list", {"macros": shown})


@require_http_methods(["GET", "POST"])
@writes_macros
def new(request: DeskRequest) -> HttpResponse:
    return _form(request, Macro(owner=request.user, created_at=timezone.now()))


@require_http_methods(["GET", "POST"])
@writes_macros
def macro(request: DeskRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(macros_to_edit(request.user), pk=pk))


@require_POST
@writes_macros
def archiving(request: DeskRequest, pk: int) -> HttpResponse:
    """Put a macro away, or take it into use again."""
    found = get_object_or_404(macros_to_edit(request.user), pk=pk)
    if request.POST.get("back"):
        acting.return_to_use(macro=found, now=timezone.now())
    else:
        acting.archive(macro=found, now=timezone.now())
        toasts.push_text(request, _("Archived. It is offered to nobody any more."))
    return redirect("dashboard:macros")


@require_POST
@writes_macros
def preview(request: DeskRequest) -> HttpResponse:
    """What the texts would say with sample values."""
    texts = {code: request.POST.get(name, "") for name, (code, _label) in TEXTS.items()}
    return render(request, "dashboard/macros/_says.html", {"says": _says(request, texts)})


def _form(request: DeskRequest, found: Macro) -> HttpResponse:
    kinds = [(each.kind, each.label) for each in map(kind_on_screen, api.offered())]
    form = MacroForm(request.POST or None, macro=found, user=request.user, kinds=kinds)
    name = found.name
    if request.method == "POST" and form.is_valid():
        try:
            acting.save_macro(form.filled(), now=timezone.now())
        except Refused as refused:
            form.add_error(None, refusal_in_words(refused))
        else:
            toasts.push_text(request, _("Saved."))
            return redirect("dashboard:macros")
    context = {
        "form": form,
        "macro": found,
        "name": name,
        "variables": VARIABLES,
        "says": _says(request, {code: str(found.texts.get(code, "")) for code in _codes()}),
    }
    return _page(request, "edit", context, status=422 if form.errors else 200)


def _codes() -> list[str]:
    return [code for code, _label in TEXTS.values()]


def _says(request: DeskRequest, texts: dict[str, str]) -> list[tuple[str, str]]:
    """Each text with sample values, by the language in which it is."""
    return [
        (code, filled(text, _sample(request, code), marks=False))
        for code, text in texts.items()
        if text.strip()
    ]


def _sample(request: DeskRequest, language: str) -> dict[str, str]:
    return {
        "customer.name": _("Kim"),
        "case.number": f"{prefix()}-{SAMPLE_DIGITS}",
        "case.subject": _("My mail comes back"),
        "agent.name": request.user.name,
        "team.name": _("Mail team"),
        "channel.name": _("E-mail"),
        "working.hours": working_hours("zh-hans" if language == "zh" else language),
    }


def _page(
    request: DeskRequest, name: str, context: dict[str, object], *, status: int = 200
) -> HttpResponse:
    template = f"dashboard/macros/{name}.html"
    context["section"] = "macros"
    return desk_page(request, template, context, current=None, status=status)
