"""Write an article in three languages, see what readers will see, let them read it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest
from dashboard.words import refusal_in_words
from tickets.access import may_publish
from tickets.actions import knowledge
from tickets.actions.knowledge import LONGEST, Texts
from tickets.actions.refusals import Refused
from tickets.markup import Step, lines_of, shown_steps, to_html
from tickets.models import Article, ArticleVersion, ArticleVote, Category, VersionState
from tickets.models.knowledge import LANGUAGES
from tickets.queries.articles import languages_behind, solved_cases, words_of_readers

from .forms import ArticleForm, NewArticleForm
from .guard import articles_page, done, languages, writes_articles


@dataclass(frozen=True, slots=True)
class Preview:
    """What readers will see."""

    title: str
    symptoms: tuple[str, ...]
    steps: tuple[Step, ...]
    body: str

    @classmethod
    def of(cls, texts: Texts) -> "Preview":
        return cls(
            texts.title,
            lines_of(texts.symptoms),
            shown_steps(texts.steps),
            to_html(texts.body),
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One language of the article: how it stands, and what it will look like."""

    code: str
    name: str
    draft: ArticleVersion | None
    published: ArticleVersion | None
    is_behind: bool
    preview: Preview


@require_http_methods(["GET", "POST"])
@writes_articles
def new(request: DeskRequest) -> HttpResponse:
    """Give a new article its short name and topic; its texts come next."""
    form = NewArticleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = knowledge.create_article(
                slug=form.cleaned_data["slug"],
                category=form.cleaned_data["category"],
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            form.add_error("slug", refusal_in_words(refused))
        else:
            return redirect("dashboard:article", made.slug)
    status = 422 if request.method == "POST" else 200
    return articles_page(request, "new", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@writes_articles
def article(request: DeskRequest, slug: str) -> HttpResponse:
    """The editor, or keep what was written as drafts."""
    found = get_object_or_404(Article, slug=slug)
    if request.method != "POST":
        return _editor(request, found, _form(found))
    problem = _save(request, found)
    if problem is not None:
        return problem
    toasts.push_text(request, _("Saved. Customers read it once it is published."))
    return redirect("dashboard:article", slug)


@require_POST
@writes_articles
def publication(request: DeskRequest, slug: str) -> HttpResponse:
    """Keep what was written, then publish every draft or that of one language."""
    found = get_object_or_404(Article, slug=slug)
    if not may_publish(request.user):
        return articles_page(request, "forbidden", {}, status=403)
    problem = _save(request, found)
    if problem is not None:
        return problem
    asked = request.GET.get("language", "")
    chosen = [asked] if asked in LANGUAGES else LANGUAGES
    done(
        request,
        lambda: knowledge.publish(
            article=found, languages=chosen, by=request.user, now=timezone.now()
        ),
        _("Published. Customers read it now."),
    )
    return redirect("dashboard:article", slug)


@require_POST
@writes_articles
def archiving(request: DeskRequest, slug: str) -> HttpResponse:
    """Take the article from customers, in one language or in all."""
    found = get_object_or_404(Article, slug=slug)
    asked = request.GET.get("language", "")
    chosen = [asked] if asked in LANGUAGES else LANGUAGES
    done(
        request,
        lambda: knowledge.archive(
            article=found, languages=chosen, by=request.user, now=timezone.now()
        ),
        _("Archived. Its versions stay here."),
    )
    return redirect("dashboard:article", slug)


@require_POST
@writes_articles
def confirmation(request: DeskRequest, slug: str) -> HttpResponse:
    """Say that a translation still fits the original."""
    found = get_object_or_404(Article, slug=slug)
    language = request.GET.get("language", "")
    done(
        request,
        lambda: knowledge.confirm(
            article=found, language=language, by=request.user, now=timezone.now()
        ),
    )
    return redirect("dashboard:article", slug)


@require_POST
@writes_articles
def preview(request: DeskRequest) -> HttpResponse:
    """What is being written in one language, as readers will see it. Nothing is kept."""
    code = request.GET.get("language", "")
    texts = Texts(
        **{part: request.POST.get(f"{part}_{code}", "")[:limit] for part, limit in LONGEST.items()}
    )
    context = {"preview": Preview.of(texts), "code": code}
    return render(request, "dashboard/articles/_preview.html", context)


def _save(request: DeskRequest, found: Article) -> HttpResponse | None:
    """Keep what was written; the page that says what is wrong with it, if anything is."""
    form = _form(found, request.POST)
    if not form.is_valid():
        return _editor(request, found, form, status=422)
    now = timezone.now()
    try:
        knowledge.set_article_category(
            article=found, category=form.cleaned_data["category"], by=request.user, now=now
        )
        knowledge.save_drafts(
            article=found, texts=form.texts(), seen=form.seen(), by=request.user, now=now
        )
    except Refused as refused:
        if refused.code == "edited_since":
            form = form.brought_up_to_date()
        form.add_error(None, refusal_in_words(refused))
        return _editor(request, found, form, status=422)
    return None


def _form(found: Article, data: Any = None) -> ArticleForm:
    versions = found.versions.order_by("number")
    latest = {each.language: each for each in versions}
    return ArticleForm(data, category=found.category, latest=latest)


def _editor(
    request: DeskRequest, found: Article, form: ArticleForm, *, status: int = 200
) -> HttpResponse:
    versions = list(found.versions.select_related("author").order_by("-number", "language"))
    by_state = {
        state: {each.language: each for each in versions if each.state == state}
        for state in VersionState.values
    }
    published, drafts = by_state["published"], by_state["draft"]
    behind = languages_behind(published.values())
    columns = [
        Column(
            code=code,
            name=name,
            draft=drafts.get(code),
            published=published.get(code),
            is_behind=code in behind,
            preview=Preview.of(form.latest.get(code, Texts())),
        )
        for code, name in languages()
    ]
    context = {
        "article": found,
        "form": form,
        "columns": columns,
        "versions": sorted(versions, key=lambda each: each.saved_at, reverse=True),
        "title": next((each.title for each in versions if each.title), found.slug),
        "topic": Category(found.category).label,
        "has_draft": bool(drafts),
        "is_public": bool(published),
        "solved": solved_cases(found),
        "words": words_of_readers(article=found),
        "votes": _votes(found),
        "now": timezone.now(),
    }
    return articles_page(request, "edit", context, status=status)


def _votes(found: Article) -> tuple[int, int]:
    """How many readers it helped, of how many."""
    given = ArticleVote.objects.filter(version__article=found)
    counted = given.aggregate(helped=Count("pk", filter=Q(helped=True)), all=Count("pk"))
    return counted["helped"], counted["all"]
