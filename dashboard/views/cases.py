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

from dashboard import composer, looking, seen, timeline, triage_pane
from dashboard.desk import (
    DeskRequest,
    desk,
    desk_page,
    is_fragment_request,
    view_named,
    written,
)
from dashboard.forms import LARGEST_FILE
from dashboard.likely import likely
from dashboard.panes import side_pane
from dashboard.promises import promises
from dashboard.publicity import exposing_posts
from dashboard.remedies import Guard, Stop
from dashboard.solutions import solutions
from dashboard.toasts import held_toast, pop
from dashboard.together import together
from dashboard.trust import trust_pane
from tickets.access import (
    may_change,
    may_read_notes,
    may_reply,
    readable_messages,
    visible_conversations,
)
from tickets.actions import notifying
from tickets.actions.wording import please_edit
from tickets.models import Category, Conversation, Priority, Role, Team, Ticket
from tickets.queries.case import CaseRead, read_case, ticket_by_any_number
from tickets.queries.customer import read_customer
from tickets.queries.duplicates import elsewhere
from tickets.queries.inbox import View
from tickets.queries.people import assignable
from tickets.queries.triage import latest_triage

from .inbox import list_beside
from .lookup import canonical, number_of, ticket_url
from .opened import fold_all, opened

MOST_READ = 2000  # characters by which fitting articles are looked for
DEFAULT_VIEW = View("open")
KEPT = ("show", "messages", "cases", "unread")  # how somebody looks at the case
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
    macro: int | None = None
    stop: Stop | None = None
    guard: Guard | None = None
    is_given_back: bool = False


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
        return redirect(_with_query(ticket_url(found.number), request, **_asked(request), **via))
    if elsewhere := _has_moved(request, found):
        return redirect(_with_query(ticket_url(elsewhere.number), request, **_asked(request)))
    if request.headers.get("HX-Trigger") != looking.REFRESHING:
        fold_all(request)
        notifying.read_case(user=request.user, ticket=found, now=timezone.now())
    return _page(request, found, _prepared(request, found))


def back_to(request: DeskRequest, ticket: Ticket) -> HttpResponse:
    """Go on to the case after something was done, beside the list it was opened from."""
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    return redirect(_with_query(ticket_url(ticket.number), request, **kept))


def case_page(
    request: DeskRequest,
    ticket: Ticket,
    compose: Compose | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a visible case after something was tried on it, read anew."""
    fresh, _was_merged = ticket_by_any_number(request.user, ticket.number)
    return _page(request, fresh, compose, status)


def _page(
    request: DeskRequest, ticket: Ticket, compose: Compose | None, status: int = 200
) -> HttpResponse:
    """All of it, or what stands right of the list for htmx."""
    compose = compose or Compose(seen_version=ticket.version)
    context = _case_context(request, ticket, compose)
    toast = context["toast"] = held_toast(context["case"], request.user, context["now"])
    seen.mark_seen(request.user, ticket)
    current = view_named(request.GET.get("view", ""), request.user) or DEFAULT_VIEW
    context["from_view"] = written(current)
    if is_fragment_request(request):
        context["toast"] = pop(request) or toast
        return render(request, "dashboard/_panes_response.html", context, status=status)
    context |= list_beside(request, current)
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
    look = looking.at(request, ticket)
    case = read_case(
        ticket, user, limit=look.messages, shown=look.shown, reaching=look.message or None
    )
    line = timeline.build(case, opened=opened(request), unread=look.unread, reaching=look.message)
    changing = may_change(user)
    now = timezone.now()
    guard = elsewhere(case.relations.suggested, user)
    customer = read_customer(ticket, user, cases=look.cases)
    people_alike = likely(ticket, user) if changing else ()
    asked = compose.conversation_id
    choices, assessed = _choices(request, case, compose), latest_triage(ticket)
    around = composer.composer(case, user, choices, assessed)
    _go_on(compose, around, choices if asked is None else ())
    return {
        "ticket": ticket,
        "case": case,
        "timeline": line,
        "filters": looking.filters(case, request),
        "kept": look.kept(unread=line.unread),
        "compose": compose,
        "choices": choices,
        "composer": around,
        "largest_file": LARGEST_FILE,
        "side": side_pane(case, user, customer, people_alike, guard),
        "guard": guard,
        "solutions": solutions(ticket, _first_words(case)) if changing else None,
        "trust": trust_pane(case, user, now),
        "triage": triage_pane.on_screen(assessed, case) if changing else None,
        "exposing": exposing_posts(case),
        "subject": _subject(case),
        "promises": promises(case.clocks, now),
        **together(case, user, now),
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
        "more_messages": look.messages * 2,
        "more_cases": look.cases * 4,
    }


def _asked(request: DeskRequest) -> dict[str, str]:
    """The message that a link names goes along to wherever its case is now."""
    return {"message": request.GET["message"]} if request.GET.get("message") else {}


def _has_moved(request: DeskRequest, ticket: Ticket) -> Ticket | None:
    """The case on which the message that a link names stands, if it is another one by now."""
    pk = looking.number(request.GET.get("message", ""))
    if not pk or is_fragment_request(request):
        return None
    message = readable_messages(request.user).select_related("conversation__ticket").filter(pk=pk)
    found = message.exclude(conversation__isnull=True).first()
    talk = found.conversation if found else None
    return talk.ticket if talk and talk.ticket_id != ticket.pk else None


def _choices(request: DeskRequest, case: CaseRead, compose: Compose) -> list[Conversation]:
    """The conversations one may answer: where the customer wants it, then where they wrote last.

    A claim comes after those of the case, so that nobody answers a stranger by habit.
    """
    possible = [c for c in case.conversations if may_reply(request.user, c)]
    possible.sort(key=lambda c: (c.last_inbound_at or c.created_at, c.pk), reverse=True)
    wanted = case.ticket.answer_by_id
    possible.sort(key=lambda c: not _is_wanted(c, wanted))
    possible.sort(
        key=lambda c: (not c.channel.writes, c.identity.is_compromised, c.is_pending_claim)
    )
    if compose.conversation_id is None and possible:
        compose.conversation_id = possible[0].pk
        if not possible[0].channel.writes:
            compose.mode = "note"  # what was said is all that can be written down
    return possible


def _go_on(compose: Compose, around: composer.Composer, choices: Sequence[Conversation]) -> None:
    """Put what was begun before into a composer to which nothing is given back; its place, too,
    if that is one of `choices`."""
    draft = around.reply
    if compose.is_given_back or compose.mode == "note" or draft is None or not draft.text:
        return
    compose.text = f"{draft.text}\n{compose.text}" if compose.text else draft.text
    compose.macro = draft.macro_id
    usable = {each.pk for each in choices if not each.identity.is_compromised}
    if draft.conversation_id in usable:
        compose.conversation_id = draft.conversation_id


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
