"""The rules: all of them as sentences, one of them as a form, and what they would have done."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels_ingest import api
from dashboard import toasts
from dashboard.desk import DeskRequest
from dashboard.rule_words import sentence
from dashboard.triage_words import rules_in_words
from dashboard.views.channels.rows import kind_on_screen
from tickets.actions import routing
from tickets.models import Channel, RoutingRule, User
from tickets.queries.routing import Tried, as_rule, try_rules

from .forms import RuleForm
from .guard import manages_routing, note, routing_page

DAYS = (7, 30, 90)
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class RuleOnScreen:
    row: RoutingRule
    sentence: SafeString
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class TriedOnScreen:
    """One past case: where people put it, where the rules would have, and why."""

    tried: Tried
    because: str


@require_GET
@manages_routing
def overview(request: DeskRequest) -> HttpResponse:
    rows, names = _rows(), _names()
    shown = [
        RuleOnScreen(row, sentence(row, names), n == 0, n == len(rows) - 1)
        for n, row in enumerate(rows)
    ]
    return routing_page(request, "overview", {"rules": shown})


@require_http_methods(["GET", "POST"])
@manages_routing
def new_rule(request: DeskRequest) -> HttpResponse:
    return _form(request, RoutingRule())


@require_http_methods(["GET", "POST"])
@manages_routing
def rule(request: DeskRequest, pk: int) -> HttpResponse:
    return _form(request, _found(pk))


@require_POST
@manages_routing
def place(request: DeskRequest, pk: int) -> HttpResponse:
    """Earlier or later by one; the focus stays with the rule."""
    routing.move_rule(rule=_found(pk), up=request.POST.get("to") == "earlier")
    note(request, "moved rule", pk)
    return redirect("dashboard:routing")


@require_POST
@manages_routing
def force(request: DeskRequest, pk: int) -> HttpResponse:
    """Put a rule into force or out of it."""
    on = request.POST.get("on") == "yes"
    routing.switch_rule(rule=_found(pk), on=on)
    note(request, "switched on rule" if on else "switched off rule", pk)
    return redirect("dashboard:routing")


@require_POST
@manages_routing
def removal(request: DeskRequest, pk: int) -> HttpResponse:
    routing.remove_rule(_found(pk))
    note(request, "removed rule", pk)
    toasts.push_text(request, _("The rule is gone. Cases stay where they are."))
    return redirect("dashboard:routing")


@require_GET
@manages_routing
def trial(request: DeskRequest) -> HttpResponse:
    """What the rules, or one of them, would have done with past cases. Nothing is changed."""
    days = _days(request)
    rows = [row for row in _rows() if row.is_enabled]
    only = _only(request)
    if only is not None:
        rows = [only]
    found = try_rules([as_rule(row) for row in rows], request.user, now=timezone.now(), days=days)
    tried = sorted(found.tried, key=lambda each: not each.differs)[:MOST_SHOWN]
    context = {
        "trial": found,
        "tried": [TriedOnScreen(each, _because(each)) for each in tried],
        "more": len(found.tried) - len(tried),
        "counts": [(row, found.by_rule.get(row.pk, 0)) for row in rows],
        "only": only,
        "days": days,
        "spans": DAYS,
    }
    return routing_page(request, "trial", context)


def _form(request: DeskRequest, found: RoutingRule) -> HttpResponse:
    kinds = [(each.kind, each.label) for each in map(kind_on_screen, api.offered())]
    form = RuleForm(request.POST or None, rule=found, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        saved = routing.save_rule(form.filled())
        note(request, "saved rule", saved.pk)
        toasts.push_text(request, _("Saved. It holds for cases that come from now on."))
        return redirect("dashboard:routing")
    skills = User.objects.filter(is_active=True).values_list("skills", flat=True)
    context = {
        "form": form,
        "rule": found,
        "name": RoutingRule.objects.get(pk=found.pk).name if found.pk else "",
        "skills": sorted({skill for each in skills for skill in each}),
        "sentence": sentence(found, _names()) if found.pk and request.method == "GET" else "",
    }
    return routing_page(request, "rule", context, status=422 if form.errors else 200)


def _because(tried: Tried) -> str:
    held = tried.decision.held
    return rules_in_words([{"name": h.rule.name, "because": h.because} for h in held])


def _rows() -> list[RoutingRule]:
    return list(RoutingRule.objects.select_related("team").order_by("position", "pk"))


def _names() -> Mapping[str, str]:
    """What channels and their kinds are called."""
    kinds = {each.kind: each.label for each in map(kind_on_screen, api.offered())}
    return kinds | dict(Channel.objects.values_list("slug", "label"))


def _found(pk: int) -> RoutingRule:
    return get_object_or_404(RoutingRule.objects.select_related("team"), pk=pk)


def _only(request: DeskRequest) -> RoutingRule | None:
    asked = request.GET.get("rule", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 19
    return _found(int(asked)) if is_number else None


def _days(request: DeskRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(each) for each in DAYS} else 30
