"""What may be done with the list on screen: keep it as a view, change the view that it is."""

from dataclasses import dataclass

from tickets.access import may_change_view, saved_views_for, teams_of
from tickets.models import Role, SavedView, User, ViewAudience
from tickets.queries.inbox import View


@dataclass(frozen=True, slots=True)
class Saving:
    """`audiences` are value and label of those for whom one may keep a view; `row` is the saved
    view on screen, where it is one.
    """

    audiences: list[tuple[str, str]]
    row: SavedView | None
    may_change: bool


def saving(user: User, view: View) -> Saving | None:
    """None for the claims: what stands there are no cases."""
    if view.name == "claims":
        return None
    audiences = [(str(ViewAudience.PRIVATE), str(ViewAudience.PRIVATE.label))]
    if user.role in {Role.LEAD, Role.MANAGER}:
        audiences += [(str(team.pk), team.name) for team in teams_of(user).order_by("name")]
    if user.role == Role.MANAGER:
        audiences.append((str(ViewAudience.EVERYONE), str(ViewAudience.EVERYONE.label)))
    row = None
    if view.name == "saved":
        row = saved_views_for(user).select_related("team").filter(pk=view.slug).first()
    return Saving(audiences, row, row is not None and may_change_view(user, row))
