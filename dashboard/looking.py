"""How somebody looks at a case: what of it, how far back, and what of it is new to them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.models import Channel, Ticket
from tickets.queries.case import MOST_MESSAGES, RECENT_MESSAGES, CaseRead, Shown, What
from tickets.queries.customer import MOST_CASES, OTHER_CASES

from . import seen
from .desk import DeskRequest

REFRESHING = "timeline"  # the element whose request it is when a page brings itself up to date
TITLES: dict[What, Promise] = {
    "": _("All"),
    "talk": _("Talk only"),
    "notes": _("Notes"),
    "changes": _("Changes"),
    "files": _("Files"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """`unread` is after which version and up to which the customer's messages are new; `message`
    is the key of the one that a link names, or 0."""

    shown: Shown
    messages: int
    cases: int
    message: int
    unread: tuple[int, int]

    def kept(self, *, unread: int) -> dict[str, str]:
        """What goes into the addresses by which the page is brought up to date."""
        said = {
            "show": str(self.shown),
            "messages": str(self.messages) if self.messages > RECENT_MESSAGES else "",
            "cases": str(self.cases) if self.cases > OTHER_CASES else "",
            "message": str(self.message or ""),
            "unread": "-".join(map(str, self.unread)) if unread else "",
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Filter:
    """One way of looking, as a link above the line."""

    title: str
    url: str
    is_current: bool
    channel: Channel | None = None


def at(request: DeskRequest, ticket: Ticket) -> Look:
    """Read it out of the address; what is new to the reader also out of what they saw last."""
    asked = request.GET
    return Look(
        shown=Shown.parse(asked.get("show", "")),
        messages=min(max(number(asked.get("messages", "")), RECENT_MESSAGES), MOST_MESSAGES),
        cases=min(max(number(asked.get("cases", "")), OTHER_CASES), MOST_CASES),
        message=number(asked.get("message", "")),
        unread=_unread(request, ticket),
    )


def filters(case: CaseRead, request: HttpRequest) -> list[Filter]:
    """The ways of looking that this case offers: by channel where it came through several."""
    channels = dict.fromkeys(c.channel for c in case.conversations)
    offered: list[tuple[Shown, str, Channel | None]] = [
        (Shown(what), str(title), None) for what, title in TITLES.items()
    ]
    if len(channels) > 1:
        offered += [(Shown("channel", each.slug), str(each), each) for each in channels]
    view = request.GET.get("view", "")
    return [
        Filter(title, _address(shown, view), shown == case.shown, channel)
        for shown, title, channel in offered
    ]


def number(text: str) -> int:
    """A key or a count out of an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _address(shown: Shown, view: str) -> str:
    said = {name: value for name, value in (("view", view), ("show", str(shown))) if value}
    return f"?{urlencode(said)}"


def _unread(request: DeskRequest, ticket: Ticket) -> tuple[int, int]:
    """While a case stays open its mark stays where it was, whatever comes in meanwhile."""
    after, _dash, until = request.GET.get("unread", "").partition("-")
    if number(until):
        return number(after), number(until)
    if request.headers.get("HX-Trigger") == REFRESHING:
        return (0, 0)
    known = seen.seen_versions(request.user, [ticket.pk]).get(ticket.pk)
    return (0, 0) if known is None else (known, ticket.version)
