"""Views that people have kept, as lists."""

from dataclasses import replace

from django.db.models import Case, Value, When

from tickets.access import saved_views_for
from tickets.filters import Filter, parse
from tickets.models import SavedView, User, ViewAudience

from .inbox import View
from .sorting import SORTS

MOST = 50  # of them in a rail
_FIRST = (ViewAudience.PRIVATE, ViewAudience.TEAM, ViewAudience.EVERYONE)


def saved_views(user: User) -> list[SavedView]:
    """Those that `user` may open: their own first, then their teams' and everyone's, in order."""
    rank = Case(*(When(audience=each, then=Value(n)) for n, each in enumerate(_FIRST)))
    rows = saved_views_for(user).select_related("team")
    return list(rows.order_by(rank, "team__name", "position", "pk")[:MOST])


def saved_view(row: SavedView, changed: Filter | None = None) -> View:
    """A kept view as a list; with another filter while somebody changes it."""
    sort = next((each for each in SORTS if each == row.sort), None)
    view = View("saved", str(row.pk), parse(row.filter).filter, sort)
    if changed is None or changed == view.filter:
        return view
    return replace(view, filter=changed, is_changed=True)
