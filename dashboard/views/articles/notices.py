"""Write service notices and say what became known since."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.desk import DeskRequest
from dashboard.words import refusal_in_words
from tickets.actions import notices as actions
from tickets.actions.refusals import Refused
from tickets.models import Notice, NoticeKind, NoticeState

from .forms import NoticeForm, UpdateForm
from .guard import articles_page, done, languages, writes_articles

MOST_SHOWN = 200


@require_GET
@writes_articles
def listing(request: DeskRequest) -> HttpResponse:
    """All notices, newest first."""
    context = {"notices": Notice.objects.order_by("-starts_at", "-pk")[:MOST_SHOWN]}
    return articles_page(request, "notices", context | {"now": timezone.now()})


@require_http_methods(["GET", "POST"])
@writes_articles
def new(request: DeskRequest) -> HttpResponse:
    return _edit(request, Notice(kind=NoticeKind.INCIDENT, starts_at=timezone.now()))


@require_http_methods(["GET", "POST"])
@writes_articles
def notice(request: DeskRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Notice, pk=pk))


@require_POST
@writes_articles
def publication(request: DeskRequest, pk: int) -> HttpResponse:
    return _entered(request, pk, actions.publish_notice, _("Published. Customers read it now."))


@require_POST
@writes_articles
def withdrawal(request: DeskRequest, pk: int) -> HttpResponse:
    return _entered(request, pk, actions.withdraw_notice, _("Customers no longer see it."))


@require_POST
@writes_articles
def updates(request: DeskRequest, pk: int) -> HttpResponse:
    """Add what is known by now."""
    found = get_object_or_404(Notice, pk=pk)
    form = UpdateForm(request.POST)
    if not form.is_valid():
        return _page(request, found, NoticeForm(notice=found), form, status=422)
    done(
        request,
        lambda: actions.add_update(
            notice=found,
            texts=form.written("text"),
            is_over=form.cleaned_data["is_over"],
            by=request.user,
            now=timezone.now(),
        ),
        _("Added."),
    )
    return redirect("dashboard:notice", pk)


def _edit(request: DeskRequest, found: Notice) -> HttpResponse:
    if request.method != "POST":
        return _page(request, found, NoticeForm(notice=found))
    form = NoticeForm(request.POST, notice=found)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        saved = actions.save_notice(notice=form.filled(), by=request.user, now=timezone.now())
    except Refused as refused:
        form.add_error(None, refusal_in_words(refused))
        return _page(request, found, form, status=422)
    return redirect("dashboard:notice", saved.pk)


def _page(
    request: DeskRequest,
    found: Notice,
    form: NoticeForm,
    update_form: UpdateForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "notice": found,
        "form": form,
        "update_form": update_form or UpdateForm(),
        "updates": found.updates.select_related("author").order_by("-at", "-pk")
        if found.pk
        else [],
        "columns": languages(),
        "is_public": found.state == NoticeState.PUBLISHED,
        "now": timezone.now(),
    }
    return articles_page(request, "notice", context, status=status)


def _entered(
    request: DeskRequest, pk: int, action: Callable[..., Notice], said: str
) -> HttpResponse:
    found = get_object_or_404(Notice, pk=pk)
    done(request, lambda: action(notice=found, by=request.user, now=timezone.now()), said)
    return redirect("dashboard:notice", pk)
