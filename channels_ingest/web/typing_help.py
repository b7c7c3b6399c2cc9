"""Help while somebody still types: articles that may solve it, what is missing, a mistyped number.

Nothing of it is stored, and nothing of it keeps anybody from sending.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tickets.actions import knowledge
from tickets.models import ArticleVersion, VersionState
from tickets.models.knowledge import ORIGINAL
from tickets.queries.knowledge import shelf

from . import limits
from .forms import NO_NUMBER, known_number
from .help import readers
from .help.languages import code_of
from .pages import door
from .questions import FEWEST, questions

MOST_TEXT = 4_000  # characters that are looked at
MOST_ARTICLES = 3


@never_cache
@require_POST
def help_typing(request: HttpRequest) -> HttpResponse:
    """What to show beside what is typed: `html`, and `number` with what is wrong with it."""
    try:
        limits.count_typing(request, now=timezone.now())
    except limits.TooMany as refused:
        return HttpResponse(status=429, headers={"Retry-After": str(refused.wait)})
    typed = {name: request.POST.get(name, "")[:MOST_TEXT] for name in _FIELDS}
    number = typed["known_number"].strip()
    language = get_language() or ""
    shown = {
        "articles": _articles(typed, language),
        "questions": questions(
            typed["phenomenon"],
            steps=typed["steps"],
            error=typed["error_message"],
            language=language,
        ),
    }
    return JsonResponse(
        {
            "html": render_to_string("channels_ingest/web/_typing_help.html", shown, request),
            "number": "" if not number or known_number(number) else str(NO_NUMBER),
        }
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def solved(request: HttpRequest) -> HttpResponse:
    """Where “this solved it” leads: nothing was sent, and the article gets a vote."""
    if request.method == "POST":
        response = redirect("channels_ingest:support_solved")
        if version := _read(request.POST.get("article", "")):
            _vote_for(version, request, response)
        return response
    return render(request, "channels_ingest/web/solved.html", {"channel": door()})


_FIELDS = ("phenomenon", "steps", "error_message", "known_number")


def _read(slug: str) -> ArticleVersion | None:
    """What of an article the visitor has read: in their language, or else the original."""
    published = ArticleVersion.objects.filter(article__slug=slug, state=VersionState.PUBLISHED)
    by_language = {each.language: each for each in published}
    return by_language.get(code_of(get_language())) or by_language.get(ORIGINAL)


def _vote_for(version: ArticleVersion, request: HttpRequest, response: HttpResponse) -> None:
    now = timezone.now()
    try:
        limits.count_vote(request, now=now)
    except limits.TooMany:
        return  # whose network votes that often is thanked, and counts no more
    token = readers.token_of(request)
    knowledge.vote(version=version, reader=readers.hashed(token), helped=True, now=now)
    readers.remember(response, token)


def _articles(typed: dict[str, str], language: str) -> list[object]:
    text = "\n".join(filter(None, (typed["phenomenon"], typed["steps"], typed["error_message"])))
    if len(text.strip()) < FEWEST:
        return []
    code = code_of(language)
    return list(shelf().find(text, language=code, limit=MOST_ARTICLES, is_unfinished=True))
