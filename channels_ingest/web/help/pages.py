"""What all help pages have in common: the chrome, the languages, the topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import get_language_info

from tickets.models import Category, Channel
from tickets.models.knowledge import LANGUAGES
from tickets.queries.knowledge import Suggested

from ...connectors.web_form import WebForm
from ..asking import question_of
from ..pages import FIRST_SLUG
from .languages import DJANGO, TAGS, address, alternates, public


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language that the page can be read in."""

    code: str
    tag: str
    name: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with those of its articles that are shown, best known first."""

    slug: str
    title: str
    articles: Sequence[Suggested]
    size: int


def render_help(
    request: HttpRequest,
    template: str,
    code: str,
    context: dict[str, Any],
    *,
    name: str,
    args: Sequence[object] = (),
    written_in: tuple[str, ...] = LANGUAGES,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the help centre; `name` and `args` are its address without the language."""
    channel = first_door()
    shared = {
        "channel": channel,
        "brand": (channel.account.settings.get("brand") or "") if channel else "",
        "code": code,
        "here_tag": TAGS[code],
        "question": question_of(request),
        "tongues": [_tongue(each, code, name, args, request) for each in LANGUAGES],
        "alternates": alternates(name, *args, languages=written_in),
        "default_language": alternates(name, *args, languages=written_in[:1]),
        "canonical": public(address(name, _canonical(code, written_in), *args)),
    }
    whole = f"channels_ingest/web/help/{template}.html"
    return render(request, whole, {**shared, **context}, status=status)


def first_door() -> Channel | None:
    """The form that the help centre belongs to, if there is any: an installation may have none."""
    doors = Channel.objects.filter(kind=WebForm.kind).select_related("account").order_by("pk")
    found = list(doors)
    named = (each for each in found if each.slug == FIRST_SLUG)
    return next(named, found[0] if found else None)


def topics(articles: Sequence[Suggested], popular: dict[str, int], *, most: int) -> list[Topic]:
    """The topics that have articles, each with the few that help most."""
    found = []
    for category in Category:
        own = [each for each in articles if each.category == category]
        if own:
            best = sorted(own, key=lambda each: -popular.get(each.slug, 0))[:most]
            found.append(Topic(category.value, str(category.label), best, len(own)))
    return found


def _canonical(code: str, written_in: tuple[str, ...]) -> str:
    """Where the page is only shown in another language, that one's address counts."""
    return code if code in written_in else written_in[0]


def _tongue(
    each: str, code: str, name: str, args: Sequence[object], request: HttpRequest
) -> Tongue:
    question = question_of(request)
    query = f"?{urlencode({'q': question})}" if question else ""
    info = get_language_info(DJANGO[each])
    url = address(name, each, *args) + query
    return Tongue(each, TAGS[each], str(info["name_local"]), url, each == code)
