"""Who may write for customers, and what all these pages have in common."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_info

from dashboard import toasts
from dashboard.desk import AnyView, DeskRequest, DeskView, P, desk_page
from dashboard.guards import only_for
from dashboard.words import refusal_in_words
from tickets.access import may_publish, may_write_articles
from tickets.actions.refusals import Refused
from tickets.models.knowledge import LANGUAGES

DJANGO = {"zh": "zh-hans", "en": "en", "ja": "ja"}
SHORT = {"zh": "中", "en": "EN", "ja": "日"}


def writes_articles(view: DeskView[P]) -> AnyView[P]:
    """Let in those who may write drafts; everybody else is told so."""
    return only_for(may_write_articles, _forbidden)(view)


def articles_page(
    request: DeskRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """One of the pages about articles and notices."""
    context |= {"section": "articles", "may_publish": may_publish(request.user)}
    template = f"dashboard/articles/{name}.html"
    return desk_page(request, template, context, current=None, status=status)


def done(request: HttpRequest, action: Callable[[], object], said: str = "") -> bool:
    """Do it, and keep for the next page what came of it; whether it was done."""
    try:
        action()
    except Refused as refused:
        toasts.push_text(request, refusal_in_words(refused))
        return False
    if said:
        toasts.push_text(request, said)
    return True


def languages() -> list[tuple[str, str]]:
    """The languages of articles, each by the name that its own speakers give it."""
    return [(code, str(get_language_info(DJANGO[code])["name_local"])) for code in LANGUAGES]


def _forbidden(request: DeskRequest) -> HttpResponse:
    return articles_page(request, "forbidden", {}, status=403)
