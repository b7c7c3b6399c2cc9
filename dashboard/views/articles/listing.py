"""All articles at a glance: who reads them in which language, and whom they helped."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dashboard.desk import DeskRequest
from tickets.models import Category
from tickets.models.knowledge import LANGUAGES
from tickets.queries.articles import Row, desk_rows, words_of_readers
from tickets.queries.knowledge import shelf
from tickets.text import normalise

from .guard import SHORT, articles_page, languages, writes_articles

FILTERS = {
    "": _("All"),
    "draft": _("Drafts"),
    "behind": _("Translation behind"),
    "missing": _("Not translated"),
    "archived": _("Archived"),
}
STATES = {
    "published": _("published"),
    "behind": _("behind the original"),
    "draft": _("draft only"),
    "archived": _("archived"),
    "missing": _("missing"),
}
POORLY = 70  # percent of readers helped, below which an article needs a look
ENOUGH_VOTES = 5
MOST_BESIDE = 8  # of each list in the pane


@dataclass(frozen=True, slots=True)
class Mark:
    """How an article stands in one language."""

    short: str
    name: str
    state: str
    words: Promise


@dataclass(frozen=True, slots=True)
class Line:
    """One article of the list."""

    row: Row
    marks: list[Mark]
    topic: str
    width: int


@require_GET
@writes_articles
def articles(request: DeskRequest) -> HttpResponse:
    """The list, filtered by state, language and topic, or by words."""
    rows = desk_rows(now=timezone.now())
    asked = {name: request.GET.get(name, "") for name in ("state", "language", "category", "q")}
    shown = _filtered(rows, asked)
    names = dict(languages())
    top = max((row.solved for row in rows), default=0)
    context = {
        "lines": [_line(row, names, top) for row in shown],
        "asked": asked,
        "filters": FILTERS.items(),
        "languages": languages(),
        "categories": Category.choices,
        "published": sum(bool(row.published) for row in rows),
        "drafts": sum(bool(row.drafts) for row in rows),
        "behind": [row for row in rows if row.behind][:MOST_BESIDE],
        "poor": [
            row
            for row in rows
            if row.votes >= ENOUGH_VOTES and row.percent is not None and row.percent < POORLY
        ][:MOST_BESIDE],
        "words": words_of_readers(),
        "now": timezone.now(),
    }
    return articles_page(request, "list", context)


def _filtered(rows: Iterable[Row], asked: dict[str, str]) -> list[Row]:
    found = [row for row in rows if _is_asked_for(row, asked)]
    if not asked["q"]:
        return found
    # Words of the title, or whatever customers would find it by.
    near = {each.slug for each in shelf().find(asked["q"], language="", limit=10)}
    words = normalise(asked["q"])
    return [row for row in found if row.article.slug in near or words in _names(row)]


def _is_asked_for(row: Row, asked: dict[str, str]) -> bool:
    if asked["category"] and row.article.category != asked["category"]:
        return False
    codes = [asked["language"]] if asked["language"] in LANGUAGES else list(LANGUAGES)
    states = [row.state_of(code) for code in codes]
    match asked["state"]:
        case "draft":
            return any(code in row.drafts for code in codes)
        case "":
            return asked["language"] not in LANGUAGES or states[0] != "missing"
        case state:
            return state in states


def _names(row: Row) -> str:
    versions = (*row.published.values(), *row.drafts.values())
    return normalise(" ".join([row.article.slug, *(each.title for each in versions)]))


def _line(row: Row, names: dict[str, str], top: int) -> Line:
    marks = [_mark(code, name, row.state_of(code)) for code, name in names.items()]
    width = round(100 * row.solved / top) if top else 0
    return Line(row, marks, str(Category(row.article.category).label), width)


def _mark(code: str, name: str, state: str) -> Mark:
    return Mark(SHORT[code], name, state, STATES[state])
