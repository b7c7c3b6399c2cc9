"""The language of a help page stands in its address; search engines and readers agree on it."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe

from tickets.models.knowledge import LANGUAGES, ORIGINAL

P = ParamSpec("P")
HelpView = Callable[Concatenate[HttpRequest, str, P], HttpResponse]
# How Django, and how pages and search engines, call the language of an address.
DJANGO = {"zh": "zh-hans", "en": "en", "ja": "ja"}
TAGS = {"zh": "zh-Hans", "en": "en", "ja": "ja"}


class LanguageConverter:
    """The languages that help pages have addresses for."""

    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(value)
        return value


def code_of(language: str | None) -> str:
    """The language of addresses that fits one of Django's."""
    code = (language or "")[:2]
    return code if code in LANGUAGES else ORIGINAL


def help_page(view: HelpView[P]) -> Callable[..., HttpResponse]:
    """Speak the language of the address, and let browsers and engines ask whether it changed.

    Where the address has none the visitor's own language is spoken. Pages that lie further on,
    like the form, speak the language that was read here.
    """

    @wraps(view)
    def inner(
        request: HttpRequest, language: str = "", *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        own = code_of(translation.get_language())
        code = language or own
        with translation.override(DJANGO[code]):
            response = view(request, code, *args, **kwargs)
        response["Content-Language"] = TAGS[code]
        # Somebody of the desk looks at another language without wanting the desk in it.
        if code != own and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                DJANGO[code],
                max_age=settings.LANGUAGE_COOKIE_AGE,
                path=settings.LANGUAGE_COOKIE_PATH,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return _conditional(request, response)

    return inner


def stamp(response: HttpResponse, changed_at: datetime | None) -> HttpResponse:
    """Say when what is on the page was last changed."""
    if changed_at is not None:
        response["Last-Modified"] = http_date(changed_at.timestamp())
    return response


def address(name: str, language: str, *args: object) -> str:
    """The path of a help page in a language."""
    return reverse(f"channels_ingest:{name}", args=[language, *args])


def public(path: str) -> str:
    """The whole address under which others know a path."""
    return f"{settings.PUBLIC_URL}{path}"


def alternates(
    name: str, *args: object, languages: tuple[str, ...] = LANGUAGES
) -> list[tuple[str, str]]:
    """The whole addresses of a page in each language in which it has words of its own."""
    return [(TAGS[code], public(address(name, code, *args))) for code in languages]


def named(name: str) -> str:
    """The address of a page that may not be there."""
    try:
        return reverse(f"channels_ingest:{name}")
    except NoReverseMatch:
        return ""


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Answer "not modified" to whoever has this very page already."""
    if response.status_code != 200 or request.method not in {"GET", "HEAD"}:
        return response
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response.setdefault("Cache-Control", "no-cache")
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    answer = get_conditional_response(request, etag, changed, response)
    assert isinstance(answer, HttpResponse)
    return answer
