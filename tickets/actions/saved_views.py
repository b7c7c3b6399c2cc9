"""Make, change, order and delete the views that people keep."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from ..access import NotAllowed, may_change_view, may_share_views
from ..filters import parse, write
from ..models import SavedView, Team, User, ViewAudience


def save_view(
    *,
    by: User,
    name: str,
    filter_text: str,
    sort: str,
    audience: str,
    team: Team | None,
    now: datetime,
) -> SavedView:
    """Keep a filter under a name, behind the other views for the same people.

    Raises NotAllowed where `by` may not make views for them, ValueError for what is no filter.
    """
    if not may_share_views(by, audience, team):
        raise NotAllowed
    made = SavedView(
        name=name,
        owner=by,
        audience=audience,
        team=team,
        filter=_kept(filter_text),
        sort=sort,
        created_at=now,
    )
    with transaction.atomic():
        last = _beside(made).aggregate(last=Max("position"))["last"]
        made.position = (last or 0) + 1
        made.save()
    return made


def change_view(*, by: User, view: SavedView, name: str, filter_text: str, sort: str) -> SavedView:
    """Give a view another name, filter or order. Raises NotAllowed and ValueError as above."""
    if not may_change_view(by, view):
        raise NotAllowed
    view.name, view.filter, view.sort = name, _kept(filter_text), sort
    view.save(update_fields=["name", "filter", "sort"])
    return view


def move_view(*, by: User, view: SavedView, up: bool) -> None:
    """Change places with the view before or behind; the first and the last stay.

    Raises NotAllowed.
    """
    if not may_change_view(by, view):
        raise NotAllowed
    with transaction.atomic():
        rows = list(_beside(view).select_for_update().order_by("position", "pk"))
        place = next((n for n, each in enumerate(rows) if each.pk == view.pk), None)
        if place is None:
            return
        other = place - 1 if up else place + 1
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
        for n, each in enumerate(rows, start=1):
            SavedView.objects.filter(pk=each.pk).exclude(position=n).update(position=n)


def remove_view(*, by: User, view: SavedView) -> None:
    """Delete a view; no case changes by that. Raises NotAllowed."""
    if not may_change_view(by, view):
        raise NotAllowed
    view.delete()


def _beside(view: SavedView) -> QuerySet[SavedView]:
    """The views for the same people."""
    rows = SavedView.objects.filter(audience=view.audience, team=view.team)
    return rows.filter(owner=view.owner) if view.audience == ViewAudience.PRIVATE else rows


def _kept(filter_text: str) -> str:
    parsed = parse(filter_text)
    if parsed.problems:
        raise ValueError(filter_text)
    return write(parsed.filter)
