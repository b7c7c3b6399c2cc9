"""The sandbox page of the demo: one person plays customers at every door and answers as an agent.

It speaks to the emulators and to our own form by the demo's fixed addresses; what comes with a
request only says which of them is meant.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard import toasts
from dashboard.demo.company import Company, company_of, gather
from dashboard.demo.customers import DOORS, Door, NotTaken, Picture, Said, WebDoor
from dashboard.demo.servers import is_demo
from dashboard.demo.words import DOORS as DOOR_WORDS
from dashboard.demo.words import PLACES, TROUBLES, DoorWords, TroubleWords
from dashboard.desk import AnyView, DeskRequest, DeskView, P, desk, desk_page, is_fragment_request
from dashboard.glyphs import channel_mark
from tickets.access import may_change, visible_tickets
from tickets.models import Message, Ticket

NAMES = {"zh-hans": "陈一", "ja": "田中 一", "en": "Kim Lee"}
LONGEST_TEXT, LONGEST_NAME = 2000, 40
LARGEST_PICTURE = 2 * 1024 * 1024
MOST_CASES = 6


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in a pane: somebody's words, or with `trouble` what was made to go wrong."""

    at: datetime
    said: Said | None = None
    place: object = ""
    trouble: object = ""


@dataclass(frozen=True, slots=True)
class Pane:
    """One door on screen."""

    slug: str
    words: DoorWords
    name: str
    lines: list[Line]
    places: list[tuple[str, object]]
    troubles: list[tuple[str, TroubleWords]]
    takes_pictures: bool
    problem: str = ""

    @property
    def mark(self) -> SafeString:
        return channel_mark(self.words.kind, str(self.words.title))

    @property
    def has_spoken(self) -> bool:
        return any(line.said and line.said.is_own for line in self.lines)


def plays(view: DeskView[P]) -> AnyView[P]:
    """Let only agents of a loaded demo in; elsewhere there is no such page."""

    @wraps(view)
    def inner(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_demo():
            raise Http404
        if not may_change(request.user):
            return desk_page(
                request, "dashboard/sandbox/forbidden.html", {}, current=None, status=403
            )
        return view(request, *args, **kwargs)

    return desk(cast("DeskView[P]", inner))


@require_GET
@plays
def page(request: DeskRequest) -> HttpResponse:
    """All doors side by side, and the newest case as agents see it."""
    company = company_of(request.session)
    with company.customer("web", _name()) as visitor:
        problem = _attempt(lambda: WebDoor().greet(visitor))
    context = _state(request, company) | {"section": "sandbox"}
    if problem:
        context["panes"][0] = _pane(company, "web", problem)
    return desk_page(request, "dashboard/sandbox/page.html", context, current=None)


@require_GET
@plays
def chats(request: DeskRequest) -> HttpResponse:
    """Every chat as it stands; nothing where it is as the page's `mark` says already."""
    context = _state(request, company_of(request.session))
    html = render_to_string("dashboard/sandbox/_live.html", context, request)
    mark = sha256(html.encode()).hexdigest()[:16]
    if request.GET.get("mark") == mark:
        return HttpResponse(status=204)
    return HttpResponse(html, headers={"X-Mark": mark})


@require_POST
@plays
def start(request: DeskRequest) -> HttpResponse:
    """Begin anew with customers whom nobody knows."""
    gather(request.session)
    return redirect("dashboard:sandbox")


@require_POST
@plays
def write(request: DeskRequest, slug: str) -> HttpResponse:
    """Let the customer of a door write."""
    door, company = _door(slug), company_of(request.session)
    name = " ".join(request.POST.get("name", "").split())[:LONGEST_NAME] or _name()
    company.rename(slug, name)
    text = request.POST.get("text", "").strip()[:LONGEST_TEXT]
    place = request.POST.get("place", "")
    place = place if place in door.places else door.places[0]
    with company.customer(slug, name) as customer:
        problem = _picture_problem(request) or (
            _attempt(
                lambda: door.write(customer, text, place=place, picture=_picture(request, door))
            )
            if text
            else _("Write something first.")
        )
    return _answer(request, company, slug, problem)


@require_POST
@plays
def trouble(request: DeskRequest, slug: str) -> HttpResponse:
    """Let something go wrong at a door."""
    door, company = _door(slug), company_of(request.session)
    name = request.POST.get("trouble", "")
    if name not in door.troubles:
        raise Http404
    with company.customer(slug, _name()) as customer:
        problem = _attempt(lambda: door.trouble(customer, name))
    if not problem:
        company.note(slug, name)
    return _answer(request, company, slug, problem)


def _answer(request: DeskRequest, company: Company, slug: str, problem: str) -> HttpResponse:
    """The pane anew for htmx; the whole page otherwise."""
    if is_fragment_request(request):
        return render(
            request, "dashboard/sandbox/_pane.html", {"pane": _pane(company, slug, problem)}
        )
    if problem:
        toasts.push_text(request, problem)
    return redirect("dashboard:sandbox")


def _state(request: DeskRequest, company: Company) -> dict[str, Any]:
    """What the page shows and keeps fresh: the panes, the cases that came of them, the steps."""
    panes = [_pane(company, slug) for slug in DOORS]
    cases = list(
        visible_tickets(request.user)
        .filter(created_at__gte=company.since, merged_into=None)
        .order_by("-pk")[:MOST_CASES]
    )
    spoken = {pane.slug for pane in panes if pane.has_spoken}
    return {
        "panes": panes,
        "newest": cases[0] if cases else None,
        "cases": cases,
        "steps": _steps(spoken, cases),
    }


def _steps(spoken: set[str], cases: list[Ticket]) -> list[tuple[str, bool]]:
    """What to try, and whether it was done."""
    answered = Message.objects.filter(
        conversation__ticket__in=cases, direction="outbound", author__isnull=False
    )
    return [
        (_("Report a problem on the web and get a number"), "web" in spoken),
        (_("Quote it on QQ"), "qq" in spoken),
        (_("Quote it on WeChat, in the forum or by mail"), bool(spoken - {"web", "qq"})),
        (_("Answer on the right and see where it appears"), answered.exists()),
    ]


def _pane(company: Company, slug: str, problem: str = "") -> Pane:
    door, customer = _door(slug), company.look(slug, _name())
    try:
        said = door.said(customer)
    except NotTaken as silent:
        said, problem = [], problem or _("The emulator does not answer (%s).") % silent
    shows_places = len(door.places) > 1
    lines = [Line(e.at, e, PLACES.get(e.place, "") if shows_places else "") for e in said]
    lines += [Line(n.at, trouble=TROUBLES[n.trouble].done) for n in company.notes(slug)]
    return Pane(
        slug=slug,
        words=DOOR_WORDS[slug],
        name=customer.name,
        lines=sorted(lines, key=lambda line: line.at),
        places=[(each, PLACES[each]) for each in door.places if each],
        troubles=[(each, TROUBLES[each]) for each in door.troubles],
        takes_pictures=door.takes_pictures,
        problem=problem,
    )


def _door(slug: str) -> Door:
    if slug not in DOORS:
        raise Http404
    return DOORS[slug]()


def _attempt(act: Any) -> str:
    """Do it; return why it was not taken, or nothing."""
    try:
        act()
    except NotTaken as refused:
        return _("It was not taken: %s") % refused
    return ""


def _uploaded(request: DeskRequest) -> "UploadedFile[bytes] | None":
    found = request.FILES.get("picture")
    return found if isinstance(found, UploadedFile) else None


def _picture_problem(request: DeskRequest) -> str:
    given = _uploaded(request)
    if given is None:
        return ""
    is_picture = str(given.content_type).startswith("image/")
    fits = (given.size or 0) <= LARGEST_PICTURE
    return "" if is_picture and fits else _("Choose a picture of at most 2 MB.")


def _picture(request: DeskRequest, door: Door) -> Picture | None:
    given = _uploaded(request)
    if given is None or not door.takes_pictures:
        return None
    return Picture(given.name or "picture", str(given.content_type), given.read())


def _name() -> str:
    return NAMES.get(get_language() or "", NAMES["en"])
