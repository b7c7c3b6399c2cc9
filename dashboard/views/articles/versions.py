"""What an article said before: compared line by line, and brought back."""

import difflib
from dataclasses import dataclass
from typing import Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.desk import DeskRequest
from tickets.actions import knowledge
from tickets.models import ArticleVersion, VersionState

from .forms import LABELS
from .guard import articles_page, done, languages, writes_articles

Sign = Literal["same", "gone", "new"]
SIGNS: dict[str, Sign] = {" ": "same", "-": "gone", "+": "new"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the text with what changed in it."""

    label: str
    lines: list[tuple[Sign, str]]


@require_GET
@writes_articles
def comparison(request: DeskRequest, slug: str, pk: int) -> HttpResponse:
    """A version beside what customers read now, or beside the one before it."""
    version = _found(slug, pk)
    other = _other(version)
    context = {
        "version": version,
        "other": other,
        "article": version.article,
        "language": dict(languages())[version.language],
        "parts": _parts(other, version),
        "now": timezone.now(),
    }
    return articles_page(request, "version", context)


@require_POST
@writes_articles
def restoring(request: DeskRequest, slug: str, pk: int) -> HttpResponse:
    """Make a draft of it."""
    version = _found(slug, pk)
    done(
        request,
        lambda: knowledge.restore(version=version, by=request.user, now=timezone.now()),
        _("Brought back as a draft. Customers read it once it is published."),
    )
    return redirect("dashboard:article", slug)


def _found(slug: str, pk: int) -> ArticleVersion:
    versions = ArticleVersion.objects.select_related("article", "author")
    return get_object_or_404(versions, pk=pk, article__slug=slug)


def _other(version: ArticleVersion) -> ArticleVersion | None:
    same = ArticleVersion.objects.filter(article=version.article, language=version.language)
    public = same.filter(state=VersionState.PUBLISHED).exclude(pk=version.pk).first()
    return public or same.filter(number__lt=version.number).order_by("number").last()


def _parts(old: ArticleVersion | None, new: ArticleVersion) -> list[Part]:
    return [
        Part(str(label), _changes(getattr(old, name, ""), getattr(new, name)))
        for name, label in LABELS.items()
        if getattr(old, name, "") or getattr(new, name)
    ]


def _changes(old: str, new: str) -> list[tuple[Sign, str]]:
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [(SIGNS[line[0]], line[2:]) for line in lines if line[0] in SIGNS]
