"""What search engines ask for: robots.txt, sitemap.xml, and what an article is in their terms."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from tickets.models import ArticleVersion, VersionState
from tickets.models.knowledge import LANGUAGES, ORIGINAL
from tickets.queries.notices import public_notices

from .languages import TAGS, address, alternates, public

# What is somebody's own, or has no end: never to be visited by machines.
PRIVATE = ("case", "claims", "private", "enter", "entered")
MOST_ADDRESSES = 5_000


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let engines read the help centre and nothing else."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: /support/{name}/" for name in PRIVATE]
    lines += [f"Disallow: {address('help_search', code)}" for code in LANGUAGES]
    lines += ["Allow: /support/", "Disallow: /", "", f"Sitemap: {public('/sitemap.xml')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page worth finding, with the same page in other languages. Two queries."""
    pages = [_entry("help_home", LANGUAGES), _entry("help_notices", LANGUAGES)]
    found: dict[str, list[ArticleVersion]] = {}
    published = ArticleVersion.objects.filter(state=VersionState.PUBLISHED)
    for each in published.select_related("article").order_by("article__position", "pk"):
        found.setdefault(each.article.slug, []).append(each)
    categories = dict.fromkeys(each[0].article.category for each in found.values())
    pages += [_entry("help_topic", LANGUAGES, category) for category in categories]
    for slug, versions in found.items():
        written = tuple(code for code in LANGUAGES if code in {each.language for each in versions})
        changed = max(each.published_at for each in versions if each.published_at)
        pages.append(_entry("help_article", written, slug) | {"changed": changed})
    for notice in public_notices().order_by("-starts_at")[:MOST_ADDRESSES]:
        page = _entry("help_notice", LANGUAGES, notice.pk)
        pages.append(page | {"changed": notice.changed_at})
    context = {"pages": pages[:MOST_ADDRESSES]}
    return render(
        request,
        "channels_ingest/web/help/sitemap.xml",
        context,
        content_type="application/xml; charset=utf-8",
    )


def how_to(version: ArticleVersion, steps: list[str]) -> SafeString:
    """The steps as structured data: no script, so the page's policy lets it stand in the page."""
    data = {
        "@context": "https://schema.org",
        "@type": "HowTo",
        "name": version.title,
        "inLanguage": TAGS[version.language],
        "step": [
            {"@type": "HowToStep", "position": number, "text": text}
            for number, text in enumerate(steps, start=1)
        ],
    }
    if version.published_at:
        data["dateModified"] = version.published_at.isoformat()
    return _harmless(data)


def _harmless(data: dict[str, Any]) -> SafeString:
    """JSON that no text in it can end early."""
    text = json.dumps(data, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04X}")
    return mark_safe(text)  # noqa: S308  # the three signs that HTML knows were replaced above


def _entry(name: str, written: tuple[str, ...], *args: object) -> dict[str, Any]:
    first = ORIGINAL if ORIGINAL in written else written[0]
    links = alternates(name, *args, languages=written)
    return {
        "addresses": [url for _tag, url in links],
        "alternates": links,
        "default": public(address(name, first, *args)),
    }
