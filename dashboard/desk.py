"""What every page of the desk has in common: who is asking, and the rail on the left."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext_lazy as _

from tickets.access import channels_for, teams_of
from tickets.filters import Filter, parse, write
from tickets.models import Channel, Role, SavedView, Team, User
from tickets.queries.counting import channel_counts, counts, filter_counts
from tickets.queries.inbox import COUNT_CAP, VIEW_NAMES, View
from tickets.queries.saved_views import saved_view, saved_views

from . import toasts

P = ParamSpec("P")

TITLES = {
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "open": _("All open"),
    "escalated": _("Lead called"),
    "closing": _("Window closes soon"),
    "due": _("Due next"),
    "pending": _("Waiting for customer"),
    "snoozed": _("Snoozed"),
    "mentions": _("Mentions me"),
    "away": _("Colleagues away"),
    "claims": _("Claims"),
    "closed": _("Resolved"),
    "all": _("All cases"),
}
ICONS = {
    "mine": "inbox",
    "unassigned": "user-open",
    "open": "stack",
    "escalated": "horn",
    "closing": "hourglass",
    "due": "flag",
    "pending": "clock",
    "snoozed": "moon",
    "mentions": "at",
    "away": "calendar",
    "claims": "shield-q",
    "closed": "check",
    "all": "search",
    "saved": "filter",
}


class DeskRequest(HttpRequest):
    """A request whose sender has signed in."""

    user: User


DeskView = Callable[Concatenate[DeskRequest, P], HttpResponseBase]
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def desk(view: DeskView[P]) -> AnyView[P]:
    """Let only people of the desk in; show their own time; keep the answer out of caches."""

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        asked = cast(DeskRequest, request)
        with timezone.override(_zone(asked.user)):
            response = view(asked, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return cast("AnyView[P]", inner)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the rail."""

    view: View
    title: str
    url: str
    icon: str
    count: str
    is_current: bool
    channel: Channel | None = None
    saved: SavedView | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether somebody ought to look: cases nobody has taken, claims nobody has decided."""
        return (
            self.view.name in {"unassigned", "claims", "closing", "escalated"} and self.count != "0"
        )


@dataclass(frozen=True, slots=True)
class Rail:
    """The lists that somebody may open, how full they are, and which is open now."""

    main: list[Entry]
    saved: list[Entry]
    teams: list[Entry]
    channels: list[Entry]
    current: Entry | None


def rail(user: User, current: View | None, *, patiently: bool = False) -> Rail:
    """Build the rail in five queries, and one each for saved views and for a filter.

    Of a big desk the dear counts are as old as they are, unless one waits `patiently`.
    """
    teams = list(teams_of(user).order_by("name"))
    channels = list(channels_for(user).order_by("label"))
    saved = saved_views(user)
    lists = [View(name) for name in VIEW_NAMES if _is_listed(name, user)]
    of_teams = [View("team", team.slug) for team in teams]
    kept = [saved_view(each) for each in saved]
    counted = counts([view for view in (*lists, *of_teams) if _is_counted(view)], user, teams)
    is_big = counted.get(View("open"), 0) > COUNT_CAP
    narrow = [view for view in kept if view.filter]
    counted |= filter_counts(narrow, user, teams, is_big=is_big, patiently=patiently)
    if current is not None and current.filter:
        counted |= counts([current], user, teams, now=timezone.now())
    by_channel = channel_counts(user, channels, teams, patiently=patiently)
    counted |= {View("channel", slug): number for slug, number in by_channel.items()}

    def entry(view: View, thing: Team | Channel | SavedView | None = None) -> Entry:
        return Entry(
            view=view,
            title=str(thing) if thing else str(TITLES[view.name]),
            url=view_url(view),
            icon=ICONS.get(view.name, ""),
            count=shown_count(counted[view]) if view in counted else "",
            is_current=current is not None and view.base == current.base,
            channel=thing if isinstance(thing, Channel) else None,
            saved=thing if isinstance(thing, SavedView) else None,
        )

    built = Rail(
        main=[entry(view) for view in lists],
        saved=[entry(view, each) for view, each in zip(kept, saved, strict=True)],
        teams=[entry(view, team) for view, team in zip(of_teams, teams, strict=True)],
        channels=[entry(View("channel", each.slug), each) for each in channels],
        current=None,
    )
    entries = [*built.main, *built.saved, *built.teams, *built.channels]
    found = next((each for each in entries if each.is_current), None)
    if current is not None and found is None and current.name in TITLES:
        found = entry(current)
    if current is not None and found is not None and current.filter:
        found = replace(found, view=current, count=shown_count(counted[current]))
    return replace(built, current=found)


def shown_count(count: int) -> str:
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def view_url(view: View, **query: str) -> str:
    """The address of a list, with its filter and whatever else is asked of it."""
    if view.name == "mine":
        path = reverse("dashboard:inbox")
    elif view.name == "saved":
        path = reverse("dashboard:saved_view", args=[view.slug])
    elif view.slug:
        path = reverse(f"dashboard:{view.name}", args=[view.slug])
    else:
        path = reverse("dashboard:view", args=[view.name])
    asked = {"f": write(view.filter)} if _says_filter(view) else {}
    text = urlencode({**asked, **query})
    return f"{path}?{text}" if text else path


def view_named(text: str, user: User) -> View | None:
    """Read the list that a ticket page was opened from, if it is one that `user` may open.

    As `written` has it: "open", "team:mail", "open|tag:502", "saved:12".
    """
    base, bar, filter_text = text.partition("|")
    name, _colon, slug = base.partition(":")
    narrow = parse(filter_text).filter
    if name == "saved":
        row = next((each for each in saved_views(user) if str(each.pk) == slug), None)
        return saved_view(row, narrow if bar else None) if row else None
    if name in {"team", "channel"} and slug:
        return View("team" if name == "team" else "channel", slug, narrow)
    known = (*VIEW_NAMES, "all") if not slug else ()
    return next((View(each, "", narrow) for each in known if each == name), None)


def written(view: View) -> str:
    """The opposite of `view_named`."""
    base = f"{view.name}:{view.slug}" if view.slug else view.name
    return f"{base}|{write(view.filter)}" if _says_filter(view) else base


def narrowed_to(view: View, filter_: Filter) -> View:
    """The same list with another filter."""
    return replace(view, filter=filter_, is_changed=view.name == "saved")


def is_fragment_request(request: HttpRequest) -> bool:
    """Whether htmx asks, and not to restore a page of the browser's history."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers


def _is_listed(name: str, user: User) -> bool:
    """Whether a list is of any use to somebody of this role."""
    if name == "away":
        return user.role in {Role.LEAD, Role.MANAGER}
    return name != "mentions" or user.role != Role.HELPER


def desk_page(
    request: DeskRequest,
    template: str,
    context: dict[str, Any],
    *,
    current: View | None,
    status: int = 200,
) -> HttpResponse:
    """Render a whole page with its rail and the toast that is due."""
    context |= {
        "rail": rail(request.user, current),
        "toast": toasts.pop(request) or context.get("toast"),
        "from_view": written(current) if current else "",
    }
    return render(request, template, context, status=status)


def _says_filter(view: View) -> bool:
    """A saved view that is as it was saved needs no filter in its address."""
    return view.is_changed if view.name == "saved" else bool(view.filter)


def _is_counted(view: View) -> bool:
    """Nobody needs to know how many cases have been resolved since the beginning."""
    return view.name != "closed"


def _zone(user: User) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
