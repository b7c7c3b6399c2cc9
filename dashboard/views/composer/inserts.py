"""What can be put into an answer while it is written, and how it will look to the customer."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from dashboard import triage_pane
from dashboard.desk import DeskRequest, desk
from dashboard.macro_values import filled, values_for
from dashboard.views.lookup import ticket_named
from dashboard.words.composer import actions_in_words
from tickets import formatting
from tickets.access import may_change, visible_conversations
from tickets.actions.outgoing import measured
from tickets.macros import Actions
from tickets.models import Conversation, Macro, Team, Ticket
from tickets.pieces import cut
from tickets.queries.knowledge import Suggested, shelf
from tickets.queries.macros import macros_for, text_for

MOST = 12


@dataclass(frozen=True, slots=True)
class Offered:
    """One thing that can be put in; `what` tells what it does beside, `key` names a macro."""

    title: str
    text: str
    what: str = ""
    shortcut: str = ""
    key: int | None = None


@require_GET
@desk
def macros(request: DeskRequest, number: str) -> HttpResponse:
    """The macros that fit what was typed behind the slash, filled with this case's values."""
    ticket = ticket_named(request, number)
    place = _place(request, ticket)
    typed = request.GET.get("q", "").strip().lower()
    kind = place.channel.kind if place else ""
    found = [each for each in macros_for(request.user, kind) if _fits(each, typed)]
    found.sort(key=lambda each: not each.shortcut.lower().startswith(typed))
    values = values_for(ticket, place, request.user)
    teams = dict(Team.objects.values_list("pk", "name")) if may_change(request.user) else {}
    marks = place is not None and place.channel.takes_html
    offered = [_macro(request, each, ticket, values, teams, marks) for each in found[:MOST]]
    return _options(request, offered, "macros")


@require_GET
@desk
def articles(request: DeskRequest, number: str) -> HttpResponse:
    """Published articles that fit what was typed, or else the case, in the customer's language."""
    ticket = ticket_named(request, number)
    typed = request.GET.get("q", "").strip()[:200]
    code = (ticket.language or "zh")[:2]
    known = shelf()
    words = typed or ("" if _place(request, ticket) is None else ticket.subject)
    found = known.find(words, language=code, limit=MOST, is_unfinished=bool(typed))
    offered = [_article(each) for each in found or ([] if typed else known.everything(code)[:MOST])]
    return _options(request, offered, "articles")


@require_POST
@desk
def preview(request: DeskRequest, number: str) -> HttpResponse:
    """What the customer will get: with the format that the channel carries, cut as it cuts."""
    ticket = ticket_named(request, number)
    place, text = _place(request, ticket), request.POST.get("text", "")[:20_000]
    if place is None:
        return HttpResponse(status=400)
    channel = place.channel
    said = formatting.formatted(text) if channel.takes_html else formatting.Formatted(text, "")
    limit = channel.text_limit if channel.splits else None
    spans = cut(said.text, limit, in_bytes=channel.counts_bytes)
    context = {
        "html": said.html,
        "parts": [said.text[start:end] for start, end in spans],
        "place": place,
        "size": measured(said.text, channel),
    }
    return render(request, "dashboard/_composer_preview.html", context)


def _options(request: DeskRequest, offered: list[Offered], what: str) -> HttpResponse:
    context = {"offered": offered, "what": what}
    return render(request, "dashboard/_composer_options.html", context)


def _place(request: DeskRequest, ticket: Ticket) -> Conversation | None:
    asked = request.GET.get("conversation") or request.POST.get("conversation", "")
    pk = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    readable = visible_conversations(request.user, ticket).select_related("channel", "identity")
    return readable.filter(pk=pk).first()


def _fits(macro: Macro, typed: str) -> bool:
    return not typed or typed in macro.name.lower() or macro.shortcut.lower().startswith(typed)


def _macro(
    request: DeskRequest,
    macro: Macro,
    ticket: Ticket,
    values: dict[str, str],
    teams: dict[int, str],
    marks: bool,
) -> Offered:
    does = Actions.read(macro.actions) if may_change(request.user) else Actions()
    return Offered(
        title=macro.name,
        text=filled(text_for(macro, ticket.language), values, marks=marks),
        what=actions_in_words(does, teams),
        shortcut=macro.shortcut,
        key=macro.pk,
    )


def _article(found: Suggested) -> Offered:
    address = triage_pane.article_address(found.slug, found.language)
    return Offered(found.title, "\n".join(filter(None, (found.title, address))))
