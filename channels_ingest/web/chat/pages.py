"""The chat's own document, which other sites show in a frame, and the script that puts it there."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from tickets.models import Category, Channel

from ... import accounts
from ...connectors.chat import Chat
from .. import uploads

LAUNCHER = Path(__file__).parents[2] / "static" / "channels_ingest" / "chat" / "launcher.js"
WORDS_GO_HERE = "{/* words */}"
SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
LONGEST_TEXT = 10_000


def chat_channel(slug: str) -> Channel:
    """The chat of this name. Raises Http404."""
    found = Channel.objects.filter(kind=Chat.kind, slug=slug).select_related("account").first()
    if found is None:
        raise Http404
    return found


@require_safe
@cache_control(public=True, max_age=300)
def launcher(request: HttpRequest) -> HttpResponse:
    """The one script that a site embeds."""
    response = HttpResponse(_launcher(), content_type="text/javascript; charset=utf-8")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@never_cache
@xframe_options_exempt
def frame(request: HttpRequest, slug: str) -> HttpResponse:
    """The chat as a document of our own origin; only the channel's sites may show it in a frame."""
    channel = chat_channel(slug)
    given = accounts.connect(channel.account).settings
    with translation.override(_language(request)):
        shown = {
            "channel": channel,
            "brand": given.brand or channel.label,
            "sites": " ".join(_sites(given.sites)),
            "accepted": ",".join(sorted(f".{each}" for each in uploads.ACCEPTED)),
            "longest": LONGEST_TEXT,
            "words": json.dumps(_words(), ensure_ascii=False),
            "form": reverse("channels_ingest:support_new"),
        }
        response = render(request, "channels_ingest/web/chat/frame.html", shown)
    response["Content-Security-Policy"] = _policy(given.sites)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _language(request: HttpRequest) -> str:
    """The language that the embedding page has, where we speak it; else the browser's."""
    wanted = request.GET.get("lang", "").lower()
    for code, _name in settings.LANGUAGES:
        if wanted and code.partition("-")[0] == wanted.partition("-")[0]:
            return code
    return translation.get_language() or settings.LANGUAGE_CODE


def _sites(given: tuple[str, ...]) -> list[str]:
    return [each.rstrip("/") for each in given if each == "*" or SITE.fullmatch(each.rstrip("/"))]


def _policy(sites: tuple[str, ...]) -> str:
    ancestors = " ".join(["'self'", *_sites(sites)])
    return (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none';"
        f" form-action 'none'; frame-ancestors {ancestors}"
    )


def _words() -> dict[str, Any]:
    """What the window's script says, in the window's language."""
    return {
        "bot": _("Answers by itself; ask for a person at any time"),
        "queue": _("Passing you on to {team}"),
        "queue_any": _("Passing you on to a person"),
        "human": _("Online"),
        "away": _("Nobody is at work just now"),
        "closed": _("Solved"),
        "new": _("Usually answers at once"),
        "position": _("{n} before you"),
        "first": _("You are next"),
        "wait": _("about {n} minutes"),
        "reads_from": _("A person will read it from {at} on."),
        "case": _("Case"),
        "copied": _("Copied"),
        "category": _("Filed under"),
        "categories": {code: str(label) for code, label in Category.choices},
        "wrong": _("That is wrong, change it"),
        "about": _("What is it about?"),
        "choose": _("Change it"),
        "is_about": _("It is about: {category}"),
        "more": _("Read all of it"),
        "solved": _("Solved"),
        "unsolved": _("Not solved, I want to talk to a person"),
        "person": _("I want to talk to a person"),
        "machine": _("Automatic answer"),
        "sending": _("Sending"),
        "waiting": _("Not sent yet; it goes as soon as there is a connection"),
        "stored": _("Sent"),
        "received": _("Delivered"),
        "read": _("Read"),
        "refused": _("Not sent"),
        "offline": _("Connection lost. Go on writing; it is sent in order when it returns."),
        "too_many": _("That was a lot at once. Please wait a moment."),
        "too_large": _("larger than 20 MB"),
        "upload": _("The file could not be sent."),
        "remove": _("Remove"),
        "you": _("You"),
        "parts": _("While you wait, add what is missing; then it is quicker"),
        "phenomenon": _("What happened"),
        "steps": _("What you did before"),
        "error": _("Error message"),
        "add": _("Add"),
    }


@cache
def _launcher() -> str:
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code.partition("-")[0]] = {
                "open": _("Chat with us"),
                "close": _("Close the chat"),
                "title": _("Live chat"),
                "unread": _("new messages"),
            }
    script = LAUNCHER.read_text(encoding="utf-8")
    return script.replace(WORDS_GO_HERE, json.dumps(words, ensure_ascii=False))
