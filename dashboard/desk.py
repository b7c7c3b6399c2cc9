"""What every page of the desk has in common: who is asking, and the rail on the left."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
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
from tickets.models import Channel, Team, User
from tickets.queries.counting import counts
from tickets.queries.inbox import COUNT_CAP, VIEW_NAMES, View

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
    "claims": _("Claims"),
    "closed": _("Resolved"),
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
    "claims": "shield-q",
    "closed": "check",
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
    teams: list[Entry]
    channels: list[Entry]
    current: Entry | None


def rail(user: User, current: View | None) -> Rail:
    """Build the rail in three queries."""
    teams = list(teams_of(user).order_by("name"))
    channels = list(channels_for(user).order_by("label"))
    views = (
        [View(name) for name in VIEW_NAMES],
        [View("team", team.slug) for team in teams],
        [View("channel", channel.slug) for channel in channels],
    )
    counted = counts([view for part in views for view in part if _is_counted(view)], user)

    def entry(view: View, thing: Team | Channel | None = None) -> Entry:
        return Entry(
            view=view,
            title=str(thing) if thing else str(TITLES[view.name]),
            url=view_url(view),
            icon=ICONS.get(view.name, ""),
            count=shown_count(counted[view]) if view in counted else "",
            is_current=view == current,
            channel=thing if isinstance(thing, Channel) else None,
        )

    built = Rail(
        main=[entry(view) for view in views[0]],
        teams=[entry(view, team) for view, team in zip(views[1], teams, strict=True)],
        channels=[entry(view, each) for view, each in zip(views[2], channels, strict=True)],
        current=None,
    )
    entries = [*built.main, *built.teams, *built.channels]
    found = next((each for each in entries if each.is_current), None)
    return Rail(built.main, built.teams, built.channels, found)


def shown_count(count: int) -> str:
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def view_url(view: View) -> str:
    """The address of a list."""
    if view.name == "mine":
        return reverse("dashboard:inbox")
    if view.slug:
        return reverse(f"dashboard:{view.name}", args=[view.slug])
    return reverse("dashboard:view", args=[view.name])


def view_named(text: str) -> View | None:
    """Read the list that a ticket page was opened from ("open", "team:mail"), if it is one."""
    name, _colon, slug = text.partition(":")
    if name in {"team", "channel"} and slug:
        return View("team" if name == "team" else "channel", slug)
    return next((View(known) for known in VIEW_NAMES if known == name and not slug), None)


def written(view: View) -> str:
    """The opposite of `view_named`."""
    return f"{view.name}:{view.slug}" if view.slug else view.name


def is_fragment_request(request: HttpRequest) -> bool:
    """Whether htmx asks, and not to restore a page of the browser's history."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers


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
        "toast": toasts.pop(request),
        "from_view": written(current) if current else "",
    }
    return render(request, template, context, status=status)


def _is_counted(view: View) -> bool:
    """Nobody needs to know how many cases have been resolved since the beginning."""
    return view.name != "closed"


def _zone(user: User) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
