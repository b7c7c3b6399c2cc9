"""The page of one case, whole or the parts of it that htmx swaps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard import seen, timeline, triage_pane
from dashboard.desk import (
    DeskRequest,
    desk,
    desk_page,
    is_fragment_request,
    view_named,
    view_url,
    written,
)
from dashboard.panes import side_pane
from dashboard.promises import promises
from dashboard.publicity import Stretch, exposing_posts, marked
from dashboard.solutions import solutions
from dashboard.toasts import pop
from dashboard.trust import trust_pane
from tickets.access import may_change, may_read_notes, may_reply, visible_conversations
from tickets.actions.wording import please_edit
from tickets.models import Category, Conversation, Message, Priority, Role, Team, Ticket
from tickets.queries import inbox as lists
from tickets.queries.case import RECENT_MESSAGES, CaseRead, read_case, ticket_by_any_number
from tickets.queries.inbox import View
from tickets.queries.people import assignable, suggestions
from tickets.queries.triage import latest_triage

from .inbox import page_context
from .lookup import canonical, number_of, ticket_url
from .opened import fold_all, opened

MOST_MESSAGES = 2000
MOST_READ = 2000  # characters by which fitting articles are looked for
DEFAULT_VIEW = View("open")
REFRESHING = "timeline"  # the element whose request it is when a page brings itself up to date
PLANS = ("free", "vip", "enterprise", "api")  # offered while writing; any other code will do


@dataclass(slots=True)
class Compose:
    """What stands in the composer: fresh, or given back because it could not be sent."""

    mode: str = "reply"
    text: str = ""
    conversation_id: int | None = None
    client_key: str = field(default_factory=lambda: uuid4().hex)
    seen_version: int = 0
    refusal: str = ""
    passages: Sequence[str] = ()
    answered: Message | None = None

    @property
    def marked(self) -> list[Stretch]:
        """What could not be sent, with the passages set apart because of which it was not."""
        return marked(self.text, self.passages)


@require_GET
@desk
def ticket(request: DeskRequest, number: str) -> HttpResponse:
    """The case that a number leads to; any writing, alias or merged number goes on to its page."""
    digits = number_of(number)
    try:
        found, _was_merged = ticket_by_any_number(request.user, digits)
    except Ticket.DoesNotExist as error:
        raise Http404 from error
    if number != canonical(found.number):
        via = {"via": digits} if digits != found.number else {}
        return redirect(_with_query(ticket_url(found.number), request, **via))
    if request.headers.get("HX-Trigger") != REFRESHING:
        fold_all(request)
    return case_page(request, found, _prepared(request, found))


def back_to(request: DeskRequest, ticket: Ticket) -> HttpResponse:
    """Go on to the case after something was done, beside the list it was opened from."""
    return redirect(_with_query(ticket_url(ticket.number), request))


def case_page(
    request: DeskRequest,
    ticket: Ticket,
    compose: Compose | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a visible case: all of it, or what stands right of the list for htmx."""
    compose = compose or Compose(seen_version=ticket.version)
    context = _case_context(request, ticket, compose)
    seen.mark_seen(request.user, ticket)
    current = view_named(request.GET.get("view", "")) or DEFAULT_VIEW
    context["from_view"] = written(current)
    if is_fragment_request(request):
        context["toast"] = pop(request)
        return render(request, "dashboard/_panes_response.html", context, status=status)
    page = lists.page(current, request.user)
    context |= {"view": current, "list_url": view_url(current)}
    context |= page_context(request, current, page)
    return desk_page(request, "dashboard/ticket.html", context, current=current, status=status)


def _prepared(request: DeskRequest, ticket: Ticket) -> Compose | None:
    """Ready words put into the composer: a question, an article, or the request to an author to
    edit an exposing post."""
    if request.GET.get("ready") and may_change(request.user):
        text = triage_pane.ready_text(latest_triage(ticket), ticket, request.GET["ready"])
        return Compose(text=text, seen_version=ticket.version)
    asked = request.GET.get("ask_to_edit", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    public = visible_conversations(request.user, ticket).filter(is_public=True, messages=int(asked))
    conversation = public.select_related("ticket", "identity__contact").first()
    if conversation is None:
        return None
    text = please_edit(conversation)
    return Compose(text=text, conversation_id=conversation.pk, seen_version=ticket.version)


def _case_context(request: DeskRequest, ticket: Ticket, compose: Compose) -> dict[str, Any]:
    user = request.user
    found = Ticket.objects.select_related("contact__account_manager", "team", "assignee")
    ticket = found.get(pk=ticket.pk)
    case = read_case(ticket, user, limit=_limit(request))
    line = timeline.build(case, opened=opened(request))
    changing = may_change(user)
    now = timezone.now()
    return {
        "ticket": ticket,
        "case": case,
        "timeline": line,
        "compose": compose,
        "choices": _choices(request, case, compose),
        "side": side_pane(case, suggestions(ticket, user) if changing else ()),
        "solutions": solutions(ticket, _first_words(case)) if changing else None,
        "trust": trust_pane(case, user, now),
        "triage": triage_pane.on_screen(latest_triage(ticket), case) if changing else None,
        "exposing": exposing_posts(case),
        "subject": _subject(case),
        "promises": promises(case.clocks, now),
        "may_set_plan": user.role in {Role.LEAD, Role.MANAGER},
        "plans": PLANS,
        "via": request.GET.get("via", ""),
        "may_change": changing,
        "may_note": may_read_notes(user),
        "people": assignable(ticket) if changing else [],
        "teams": Team.objects.order_by("name") if changing else [],
        "priorities": Priority.choices,
        "categories": Category.choices,
        "call_back_at": _call_back_at(case),
        "answer_after": ticket.answer_after if _is_put_off(ticket, now) else None,
        "now": now,
        "more_messages": _limit(request) * 2,
    }


def _limit(request: DeskRequest) -> int:
    asked = request.GET.get("messages", "")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    return min(max(wanted, RECENT_MESSAGES), MOST_MESSAGES)


def _choices(request: DeskRequest, case: CaseRead, compose: Compose) -> list[Conversation]:
    """The conversations one may answer: where the customer wants it, then where they wrote last.

    A claim comes after those of the case, so that nobody answers a stranger by habit.
    """
    possible = [c for c in case.conversations if may_reply(request.user, c)]
    possible.sort(key=lambda c: (c.last_inbound_at or c.created_at, c.pk), reverse=True)
    wanted = case.ticket.answer_by_id
    possible.sort(key=lambda c: not _is_wanted(c, wanted))
    possible.sort(key=lambda c: (not c.channel.writes, c.is_pending_claim))
    if compose.conversation_id is None and possible:
        compose.conversation_id = possible[0].pk
        if not possible[0].channel.writes:
            compose.mode = "note"  # what was said is all that can be written down
    return possible


def _is_wanted(conversation: Conversation, wanted: int | None) -> bool:
    """Whether the customer chose to be answered there, and nothing has happened to it since."""
    is_chosen = wanted is not None and conversation.identity_id == wanted
    return is_chosen and conversation.identity.is_verified and not conversation.is_public


def _call_back_at(case: CaseRead) -> datetime | None:
    """When the customer is to be called, while the case waits for that."""
    until = case.ticket.snoozed_until
    promised = (row.data["until"] for row in case.history if row.code == "call_back")
    return next((at for at in map(datetime.fromisoformat, promised) if at == until), None)


def _first_words(case: CaseRead) -> str:
    """What the customer said first, as far as it is on the page."""
    return next((each.text for each in case.messages if each.is_inbound), "")[:MOST_READ]


def _is_put_off(ticket: Ticket, now: datetime) -> bool:
    """Whether the customer, in no hurry, still wants no answer."""
    return ticket.answer_after is not None and ticket.answer_after > now


def _subject(case: CaseRead) -> str:
    """A helper does not see a subject that a private conversation gave."""
    return "" if case.hides_private_parts else case.ticket.subject


def _with_query(url: str, request: DeskRequest, **more: str) -> str:
    kept = {"view": request.GET["view"]} if request.GET.get("view") else {}
    query = urlencode({**kept, **more})
    return f"{url}?{query}" if query else url
