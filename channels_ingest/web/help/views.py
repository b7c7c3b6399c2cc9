"""The pages that customers read: home, topics, articles, and what a search finds."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from django.views.decorators.http import require_GET, require_safe

from tickets import case_numbers
from tickets.markup import lines_of, plain, shown_steps, steps_of, to_html
from tickets.models import Article, Category
from tickets.queries import articles as reading
from tickets.queries.knowledge import Suggested, shelf
from tickets.queries.notices import current_notices
from tickets.text import excerpt

from ..asking import question_of
from .engines import how_to
from .languages import DJANGO, TAGS, address, code_of, help_page, stamp
from .marking import marked
from .pages import render_help, topics

SHOWN_IN_TOPIC = 3
POPULAR = 5
MOST_HITS = 10
HITS_WHILE_TYPING = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a search found, its shared words marked."""

    article: Suggested
    title: SafeString
    summary: SafeString
    topic: str
    solved: int

    @property
    def tag(self) -> str:
        return TAGS[self.article.language]


@require_safe
@help_page
def home(request: HttpRequest, code: str) -> HttpResponse:
    """The way in: search, what goes on now, topics, what helps most people, the doors."""
    now = timezone.now()
    everything = shelf().everything(code)
    popular = reading.popularity(now=now)
    best = sorted(everything, key=lambda each: -popular.get(each.slug, 0))
    context = {
        "topics": topics(everything, popular, most=SHOWN_IN_TOPIC),
        "popular": [each for each in best[:POPULAR] if popular.get(each.slug)],
        "notices": current_notices(code, now=now),
    }
    return render_help(request, "home", code, context, name="help_home")


@require_safe
@help_page
def topic(request: HttpRequest, code: str, category: str) -> HttpResponse:
    """Every article of one topic."""
    if category not in Category.values:
        raise Http404
    found = shelf()
    own = [each for each in found.everything(code) if each.category == category]
    if not own:
        raise Http404
    context = {
        "title": Category(category).label,
        "hits": _hits(own, ""),
        "topics": topics(found.everything(code), {}, most=0),
        "topic": category,
    }
    page = render_help(request, "topic", code, context, name="help_topic", args=[category])
    return stamp(page, found.changed_at)


@require_safe
@help_page
def article(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One article: whom it is for, what to do, and what next if it did not help."""
    try:
        read = reading.read_article(slug, code, now=timezone.now())
    except Article.DoesNotExist:
        raise Http404 from None
    version = read.version
    steps = shown_steps(version.steps)
    symptoms = lines_of(version.symptoms)
    found = shelf()
    said = request.GET.get("said", "")
    context = {
        "read": read,
        "version": version,
        "tag": TAGS[version.language],
        "is_fallback": version.language != code,
        "shown_in": get_language_info(DJANGO[version.language])["name_translated"],
        "symptoms": symptoms,
        "steps": steps,
        "body": to_html(version.body),
        "summary": excerpt(" ".join(symptoms) or plain(version.body), 155),
        "related": reading.related(found, slug, code),
        "topic_title": Category(read.article.category).label,
        "said": said if said in {"yes", "no", "thanks"} else "",
        "data": how_to(version, [plain(each) for each in steps_of(version.steps)]),
    }
    page = render_help(
        request,
        "article",
        code,
        context,
        name="help_article",
        args=[slug],
        written_in=read.languages,
    )
    return stamp(page, found.changed_at)


@require_GET
def any_language(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to an article in the visitor's own language."""
    return redirect(address("help_article", code_of(get_language()), slug))


@require_safe
@help_page
def search(request: HttpRequest, code: str) -> HttpResponse:
    """What fits a question, as a page; nothing is needed but a form."""
    question = question_of(request)
    everything = shelf()
    found = everything.find(question, language=code, limit=MOST_HITS) if question else []
    counted = reading.solved_counts([each.slug for each in found], now=timezone.now())
    context = {
        "hits": _hits(found, question, counted),
        "case_number": _case_number(question),
        "topics": topics(everything.everything(code), {}, most=0) if not found else [],
    }
    return render_help(request, "search", code, context, name="help_search")


@require_GET
@help_page
def hits(request: HttpRequest, code: str) -> HttpResponse:
    """The same while somebody types: the few best, as options of the search field. One query."""
    question = question_of(request)
    found = shelf().find(question, language=code, limit=HITS_WHILE_TYPING, is_unfinished=True)
    context = {"hits": _hits(found, question), "code": code, "question": question}
    return render(request, "channels_ingest/web/help/_options.html", context)


def _hits(
    found: Sequence[Suggested], question: str, solved: dict[str, int] | None = None
) -> list[Hit]:
    return [
        Hit(
            article=each,
            title=marked(each.title, question),
            summary=marked(excerpt(_separator(each).join(each.symptoms), 120), question),
            topic=str(Category(each.category).label),
            solved=(solved or {}).get(each.slug, 0),
        )
        for each in found
    ]


def _separator(each: Suggested) -> str:
    return "; " if each.language == "en" else "；"


def _case_number(question: str) -> str:
    """The case number that somebody typed into the search, as it is printed."""
    prefix: str = settings.CASE_NUMBER_PREFIX
    number = case_numbers.parse_one(question, prefix=prefix) if question else None
    return case_numbers.format_number(number, prefix=prefix) if number else ""
